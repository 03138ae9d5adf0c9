// The time and what falls due, the processes, and the alerts that fire.

import { h, into, length } from "./dom.js";
import { badge, button, open, stamp, whenSeen } from "./list.js";

const MINUTE = 60000;
const STEPS = [["+1 min", MINUTE], ["+1 h", 60 * MINUTE], ["+1 d", 1440 * MINUTE], ["+30 d", 43200 * MINUTE]];
const WHAT = { "account-ends": "access ends", "order-expires": "order expires unpaid", "place-lapses": "place for an order under review lapses" };

const FACE = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });

export const part = {
  id: "clock",
  title: "Ops",
  topics: ["clock", "processes"],
  mount(root, page) {
    const now = () => Date.now() + (page.state("clock")?.ahead_ms ?? 0);
    const face = h("time", { class: "face", "data-own": "face" });
    const tick = () => {
      if (root.hidden) return;
      const text = FACE.format(now());
      if (face.textContent !== text) face.textContent = text;
    };
    setInterval(tick, 500);

    const draw = whenSeen(root, () => {
      const clock = page.state("clock");
      const { processes = [], alerts = {} } = page.state("processes") ?? {};
      const due = clock?.due ?? [];
      const moving = Boolean(clock?.moving || clock?.story);
      const ahead = clock?.ahead_ms ?? 0;
      into(root,
        h("section", { class: "card", "aria-label": "Clock" },
          face,
          h("p", { class: "dim" }, Math.abs(ahead) < MINUTE ? "As this machine's clock." : `${length(ahead)} ${ahead > 0 ? "ahead of" : "behind"} this machine's clock.`),
          h("div", { class: "tools" },
            STEPS.map(([label, ms]) => button(label, () => page.act("clock.wait", { ms }), { disabled: moving })),
            button("To what falls due next", () => page.act("clock.until", { at_ms: due[0].at_ms }), { class: "do chief", disabled: moving || due.length === 0 }),
            moving && badge(clock.moving ? "time is moving …" : "the story moves the clock", "warn")),
          h("h3", {}, "Falls due next"),
          due.length === 0 ? h("p", { class: "dim" }, "Nothing: no order is open, and nobody is served.")
            : h("ol", { class: "due" }, due.map((item) => h("li", { key: `${item.what} ${item.id}` },
              h("time", { title: stamp(item.at_ms) }, `in ${length(item.at_ms - now())}`),
              h("span", {}, h("b", { dir: "auto" }, item.name ?? item.customer), `: ${WHAT[item.what] ?? item.what}`),
              h("span", { class: "dim" }, stamp(item.at_ms)),
              button("Go there", () => page.act("clock.until", { at_ms: item.at_ms }), { disabled: moving }))))),
        h("section", { class: "card", "aria-label": "Processes" },
          h("h3", {}, "Processes"),
          h("ul", { class: "processes" }, processes.map((p) => h("li", { key: p.name },
            h("span", { class: `dot ${p.running ? "live" : "dead"}`, role: "img", "aria-label": p.running ? "up" : "down" }),
            h("b", {}, p.name),
            h("span", { class: "dim" }, p.running ? `up, pid ${p.pid}` : p.ended ?? "starting"),
            p.starts > 1 && badge(`${p.starts - 1} restart${p.starts === 2 ? "" : "s"}`, "warn"),
            p.keeps_dying && badge("keeps dying", "bad"),
            h("span", { class: "push" }),
            h("a", { href: p.metrics, target: "_blank", rel: "noreferrer" }, "/metrics"),
            button("kill -9", () => page.act("process.kill", { name: p.name }), { class: "do harm", disabled: !p.running, "aria-label": `kill -9 ${p.name}` }),
            p.running
              ? button("Stop", () => page.act("process.stop", { name: p.name }), { "aria-label": `Stop ${p.name}`, title: "It stays down" })
              : button("Start", () => page.act("process.start", { name: p.name }), { class: "do chief", "aria-label": `Start ${p.name}` }))))),
        h("section", { class: "card", "aria-label": "Alerts" },
          h("h3", {}, "Alerts"),
          alerts.trouble ? h("p", { class: "warn" }, alerts.trouble)
            : !alerts.found ? h("p", { class: "dim" }, "Looking …")
            : alerts.found.length === 0 ? h("p", { class: "good" }, "No alert fires.")
            : h("ul", { class: "alerts" }, alerts.found.map((alert) => h("li", { key: `${alert.name} ${alert.labels}` },
              alert.fires_ms <= now() ? badge(alert.severity, alert.severity === "page" ? "bad" : "warn") : badge(`pending, ${length(alert.fires_ms - now())} more`, "", "It fires if it stays so for that long"),
              h("b", {}, alert.name), alert.labels && h("span", { class: "dim mono" }, alert.labels),
              h("span", { dir: "auto" }, alert.summary),
              button("Runbook", () => runbook(alert, page), { "aria-label": `Runbook of ${alert.name}` }))))));
      tick();
    });
    return draw;
  },
};

async function runbook(alert, page) {
  const came = await page.act("process.runbook", { entry: alert.runbook });
  if (!came) return;
  const box = open(h("div", { class: "runbook" }, h("h2", {}, came.title), prose(came.text), h("p", { class: "dim mono" }, alert.runbook),
    h("div", { class: "buttons" }, button("Close", () => box.close()))), came.title);
}

// Paragraphs, numbered and other lists, tables as they are, and `code`: all that the runbook uses.
function prose(text) {
  return text.split(/\n\s*\n/).map((block) => {
    const lines = block.split("\n");
    const item = /^(\d+\.|-) /;
    if (lines.some((line) => line.startsWith("|"))) return h("pre", {}, block);
    if (!item.test(lines[0])) return h("p", {}, inline(lines.join(" ")));
    const items = [];
    for (const line of lines) {
      if (item.test(line)) items.push(line.replace(item, ""));
      else items[items.length - 1] += ` ${line.trim()}`;
    }
    return h(/^\d/.test(lines[0]) ? "ol" : "ul", {}, items.map((line) => h("li", {}, inline(line))));
  });
}

function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((piece) => {
    if (piece.startsWith("`")) return h("code", {}, piece.slice(1, -1));
    if (piece.startsWith("**")) return h("b", {}, piece.slice(2, -2));
    return piece.replace(/\[([^\]]+)\]\([^)]*\)/g, "$1");
  });
}
