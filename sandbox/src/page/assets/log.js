// What happens, one line each: requests, and what the processes log. Only what is seen is in the page.

import { h, into } from "./dom.js";
import { button, time, when, whenSeen, windowed } from "./list.js";

const KEPT = 6000;
const LEVELS = ["error", "warn", "info", "debug", "trace"];

export const part = {
  id: "log",
  title: "Log",
  topics: ["world", "log"],
  mount(root, page) {
    const all = [];
    const sources = new Set();
    let text = "";
    let source = "";
    let kind = "all";
    let chosen = null;
    let held = null;

    const bad = (e) => (e.status !== undefined ? e.status >= 400 || e.status === 0 : e.level === "error" || e.level === "warn");
    const KINDS = {
      all: ["Everything", () => true],
      requests: ["Requests", (e) => e.status !== undefined],
      lines: ["Log lines", (e) => e.status === undefined],
      bad: ["What went wrong", bad],
    };
    const words = (e) => (e.status !== undefined ? `${e.of} ${e.method} ${e.path} ${e.status}` : `${e.of} ${e.level} ${e.text}`).toLowerCase();
    const fits = (e) => (!source || e.of === source) && KINDS[kind][1](e) && (!text || (e.words ??= words(e)).includes(text));

    const sign = (e) => (e.status === undefined ? (e.level === "error" ? "bad" : e.level === "warn" ? "warn" : "dim")
      : e.status === 0 || e.status >= 500 ? "bad" : e.status >= 400 ? "warn" : "good");
    const row = (e) => h("button", { type: "button", class: e.n === chosen ? "logline chosen" : "logline", onclick: () => { chosen = chosen === e.n ? null : e.n; draw(); } },
      h("time", {}, time(e.at)), h("span", { class: "of", title: e.of }, e.of.replace("gateway-", "gw ").replace("panel-", "panel ")),
      e.status !== undefined
        ? [h("span", { class: sign(e) }, String(e.status || "cut")), h("span", { class: "ms dim" }, `${e.ms} ms`), h("span", { class: "what" }, h("b", {}, e.method), " ", e.path)]
        : [h("span", { class: sign(e) }, e.level || "–"), h("span", { class: "ms" }), h("span", { class: "what", dir: "auto" }, e.text.split("\n")[0], e.text.includes("\n") && " …")]);

    const list = windowed(row, { key: (e) => e.n, sign: (e) => e.n === chosen, label: "Log", className: "loglines", estimate: 22, tail: true, dir: "ltr" });
    const filter = h("input", { type: "search", placeholder: "Filter, such as 404", "aria-label": "Filter the log", oninput: (event) => { text = event.target.value.toLowerCase(); found = null; draw(); } });
    const tools = h("div", { class: "tools" });
    const about = h("div", {});
    root.append(h("div", { class: "tools" }, filter, tools), list.box, about);

    let found = null;
    const draw = whenSeen(root, () => {
      const shown = held ?? all;
      found ??= shown.filter(fits);
      into(tools,
        h("select", { "aria-label": "Which", onchange: (event) => { kind = event.target.value; found = null; draw(); } }, Object.entries(KINDS).map(([id, [title]]) => h("option", { value: id, selected: id === kind }, title))),
        h("select", { "aria-label": "Whose", onchange: (event) => { source = event.target.value; found = null; draw(); } }, h("option", { value: "" }, "Everybody"), [...sources].sort().map((id) => h("option", { value: id, selected: id === source }, id))),
        button(held ? "Go on" : "Pause", () => { held = held ? null : [...all]; found = null; draw(); }, { "aria-pressed": String(Boolean(held)) }),
        button("To the end", () => list.toEnd()),
        h("span", { class: "dim" }, `${found.length} of ${shown.length}`));
      list.show(found);
      const one = chosen && all.find((e) => e.n === chosen);
      into(about, one && h("pre", { class: "card entrytext", dir: "auto" }, `${when(one.at)} ${one.of}\n` + (one.status !== undefined ? `${one.method} ${one.path}\n${one.status || "the connection was cut"}, ${one.ms} ms` : one.text)));
    });

    let world = null;
    return (topic, entries) => {
      if (topic === "world") {
        // Another world numbers from 1 again.
        if (world !== null && world !== entries.world) { all.length = 0; sources.clear(); found = held = chosen = null; draw(); }
        world = entries.world;
        return;
      }
      for (const entry of entries) {
        if (all.length && entry.n <= all[all.length - 1].n) continue;
        all.push(entry);
        sources.add(entry.of);
        if (found && !held && fits(entry)) found.push(entry);
      }
      if (all.length > KEPT) { all.splice(0, all.length - KEPT); found = held ? found : null; }
      draw();
    };
  },
};
