// What the loop did just now: the last passes over each server, with what each sent and left alone.

import { h, into } from "./dom.js";
import { badge, condition, when, whenSeen } from "./list.js";

const LOOK = { list: "full list", newcomers: "newcomers", "near-cap": "close to the cap" };

export const part = {
  id: "passes",
  title: "Passes",
  topics: ["passes"],
  mount(root, page) {
    let busy = true;
    const draw = whenSeen(root, () => {
      const state = page.state("passes");
      if (!state) return;
      const did = (pass) => pass.let_through.count > 0 || pass.waits.count > 0 || typeof pass.ended === "object";
      const passes = busy ? state.passes.filter(did) : state.passes;
      into(root,
        state.answered === false && h("p", { class: "notice bad" }, "The controller does not answer. What it did before is gone with it: passes are kept in memory."),
        h("div", { class: "servers" }, state.servers.map((server) => h("section", { key: server.server, class: "card slim" },
          h("header", {}, h("h3", {}, server.server), server.conditions.map(condition), h("span", { class: "dim" }, `${server.bound} account${server.bound === 1 ? "" : "s"}`)),
          server.conditions.map((c) => h("p", { class: "dim", dir: "auto" }, c.reason)),
          server.mode === "observe" && h("p", { class: "warn" }, "servers.yaml says mode: observe. What would be done is listed below; nothing is changed there."),
          server.held && h("p", { class: "warn" }, `${server.held.items.length} changes are held; confirm them in servers.yaml: confirm: ${server.held.fingerprint}`),
          server.orphans.length > 0 && h("p", { class: "warn" }, `${server.orphans.length} clients carry our mark and have no record`)))),
        h("label", { class: "labelled check" }, h("input", { type: "checkbox", prop: { checked: busy }, onchange: (event) => { busy = event.target.checked; draw(); } }), " Only passes that did or left something"),
        h("ol", { class: "passlist" }, passes.map(pass)),
        passes.length === 0 && h("p", { class: "dim" }, state.passes.length === 0 ? "No pass yet." : "Nothing was to be done: the panels are as they should be."));
    });
    return draw;
  },
};

function pass(pass) {
  const failed = pass.ended.failed ? `${pass.ended.failed.code}: ${pass.ended.failed.said}` : null;
  const lines = [
    ...pass.let_through.first.map((line) => change(line)),
    pass.let_through.count > pass.let_through.first.length && h("li", { class: "dim" }, `and ${pass.let_through.count - pass.let_through.first.length} more`),
    ...(pass.left_out?.first ?? []).map((line) => change(line, true)),
    ...pass.waits.first.map((line) => h("li", { class: "waits" }, h("span", { class: "sign", "aria-hidden": "true" }, "·"), line)),
    pass.waits.count > pass.waits.first.length && h("li", { class: "dim" }, `and ${pass.waits.count - pass.waits.first.length} more`),
  ].filter(Boolean);
  const held = pass.wanted.count - pass.let_through.count;
  return h("li", { class: "pass", key: `${pass.server} ${pass.first_at} ${pass.look}` },
    h("div", { class: "line" },
      h("time", {}, when(pass.at)), h("b", {}, pass.server), h("span", { class: "dim" }, LOOK[pass.look] ?? pass.look),
      pass.times > 1 && badge(`× ${pass.times}`, "", `since ${when(pass.first_at)}`),
      failed ? badge("failed", "bad") : pass.ended === "sent-in-part" ? badge("sent in part", "warn") : pass.let_through.count ? badge(`${pass.let_through.count} sent`, "good") : badge("nothing to send"),
      held > 0 && badge(`${held} not sent`, "warn")),
    failed && h("p", { class: "bad", dir: "auto" }, failed),
    lines.length > 0 && h("ul", { class: "changes mono", dir: "ltr" }, lines));
}

// `fra-1: + nl-main-… create: ends in 30d`: the sign tells what happened.
function change(line, waits = false) {
  const [, sign, said] = /^[^:]+: ([+~-]) (.*)$/s.exec(line) ?? [null, "~", line];
  const kind = { "+": "made", "-": "taken", "~": "changed" }[sign];
  const label = waits ? `would be ${kind}` : kind;
  return h("li", { class: waits ? "waits" : kind }, h("span", { class: "sign", role: "img", "aria-label": label }, sign), h("span", {}, waits ? `not sent: ${said}` : said));
}
