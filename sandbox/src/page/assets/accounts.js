// The controller's view: each account, what was sold, what is there, and why not.

import { h, into, bytes, length } from "./dom.js";
import { badge, condition, short, stamp, whenSeen, windowed } from "./list.js";

export const part = {
  id: "accounts",
  title: "Accounts",
  topics: ["accounts", "panels", "clock"],
  mount(root, page) {
    let chosen = null;
    let details = null;
    let filter = "";
    const now = () => Date.now() + (page.state("clock")?.ahead_ms ?? 0);

    const choose = (id) => { chosen = chosen === id ? null : id; details = null; draw(); load(); };
    const load = async () => {
      if (!chosen || root.hidden) return;
      const asked = chosen;
      const came = await page.act("account.show", { id: asked });
      if (asked === chosen && came) { details = came; draw(); }
    };

    const row = (account) => h("button", {
      type: "button", class: "account", "aria-expanded": String(account.id === chosen), onclick: () => choose(account.id),
    },
      h("span", { class: "owner" }, h("b", { dir: "auto" }, account.name ?? account.customer), h("span", { class: "dim" }, account.family), h("span", { class: "dim mono" }, short(account.id))),
      h("span", { class: "state" }, account.conditions.map(condition), account.conditions.length === 0 && badge("not looked at yet")),
      h("span", {}, h("span", {}, bytes(account.used_bytes ?? 0), h("span", { class: "dim" }, ` of ${account.granted}`))),
      h("span", {}, account.ends_at_ms > now() ? `ends in ${length(account.ends_at_ms - now())}` : `ended ${length(now() - account.ends_at_ms)} ago`),
      h("span", { class: "where" }, account.servers.join(", ") || h("span", { class: "dim" }, "no server"), account.waits_for.map((why) => badge(`waits: ${why.replaceAll("_", " ")}`, "warn"))));

    const list = windowed(row, {
      key: (account) => account.id, sign: (account) => `${JSON.stringify(account)} ${account.id === chosen} ${Math.floor(now() / 60000)}`,
      label: "Accounts", className: "accountlist", estimate: 42,
    });
    const find = h("input", { type: "search", placeholder: "Filter accounts", "aria-label": "Filter accounts", oninput: (event) => { filter = event.target.value.toLowerCase(); draw(); } });
    const note = h("div", {});
    const about = h("div", { class: "about" });
    root.append(note, find, list.box, about);

    const draw = whenSeen(root, () => {
      const state = page.state("accounts");
      const all = state?.accounts ?? [];
      const fits = (a) => `${a.name} ${a.customer} ${a.id} ${a.family} ${a.servers} ${a.conditions.map((c) => c.type)}`.toLowerCase().includes(filter);
      const found = filter ? all.filter(fits) : all;
      into(note, state?.answered === false
        ? h("p", { class: "notice bad" }, "The controller does not answer. Nothing is decided until it is back, and the panels keep cutting off by their own rule.")
        : all.length === 0 && h("p", { class: "dim" }, "No account yet. One comes with the first approved order: buy as alice, approve as omar."));
      find.hidden = all.length < 8;
      list.box.hidden = all.length === 0;
      list.show(found);
      into(about, chosen && details && explain(details, page.state("panels") ?? [], now()));
    });

    let seen = "";
    return (topic) => {
      draw();
      // What is shown in detail is asked for again when the account has changed.
      const row = chosen && page.state("accounts")?.accounts.find((a) => a.id === chosen);
      const text = JSON.stringify(row ?? null);
      if (topic === "accounts" && text !== seen) { seen = text; load(); }
    };
  },
};

// What was sold, what the controller wrote last, and what the panel holds, beside each other.
function explain(account, panels, now) {
  const sold = account.entitlement;
  const clients = panels.flatMap((panel) => panel.clients.filter((c) => c.account === account.id).map((c) => [panel.id, c]));
  const at = (ms) => (ms > 0 ? stamp(ms) : "never");
  return h("article", { class: "card" },
    h("header", {}, h("h3", { class: "mono" }, account.id), account.conditions.map(condition)),
    h("ul", { class: "reasons" }, account.conditions.map((c) => h("li", { key: c.type }, h("span", {}, h("b", {}, c.type), ` ${c.reason} `, h("span", { class: "dim" }, `for ${length(now - c.since_ms)}`))))),
    account.bindings.map((binding) => {
      const name = typeof binding.disposition === "string" ? binding.disposition : Object.keys(binding.disposition)[0];
      const client = clients.find(([id]) => id === binding.server)?.[1];
      const done = binding.applied;
      const cap = (value) => (value === undefined || value === null ? "–" : typeof value === "object" ? bytes(value.bytes ?? value.Bytes ?? 0) : value === "unlimited" ? "no cap" : String(value));
      const end = (value) => (value === undefined || value === null ? "–" : typeof value === "object" ? at(value.at ?? value.At ?? 0) : String(value));
      const line = (title, wanted, applied, seen, differs) => h("tr", { class: differs ? "differs" : "" }, h("th", { scope: "row" }, title), [wanted, applied, seen].map((cell) => h("td", {}, cell)));
      const wants = sold?.standing === "Active" && name === "serving";
      return h("div", { class: "binding", key: binding.server },
        h("h4", {}, binding.server, " ", badge(name), binding.waits_for.map((why) => badge(`waits: ${why.replaceAll("_", " ")}`, "warn"))),
        binding.problem && h("p", { class: "bad", dir: "auto" }, binding.problem),
        h("div", { class: "scroll" }, h("table", {},
          h("thead", {}, h("tr", {}, ["", "Sold", "Applied last", "On the panel"].map((t) => h("th", { scope: "col" }, t)))),
          h("tbody", {},
            line("State", wants ? "on" : `off (${sold?.standing.toLowerCase() ?? "nothing sold"})`, done ? (done.enable ? "on" : "off") : "–", client ? (client.on ? "on" : "off") : "not there", client ? client.on !== wants : wants),
            line("End", sold ? at(sold.ends_at_ms) : "–", end(done?.end), client ? at(client.ends_ms) : "–"),
            line("Traffic", sold ? `${bytes(sold.used_bytes)} of ${sold.granted}` : "–", done ? `cap ${cap(done.cap)}` : "–", client ? `${bytes(client.used)}, ${client.cap ? `cap ${bytes(client.cap)}` : "no cap"}` : "–"),
            line("Devices", sold ? sold.devices || "any" : "–", done ? done.ip_limit || "any" : "–", client ? client.devices || "any" : "–", client && sold && wants && client.devices !== sold.devices)))));
    }),
    account.bindings.length === 0 && h("p", { class: "dim" }, "No server serves it."),
    h("details", {}, h("summary", {}, `Sold: ${account.terms.length} term${account.terms.length === 1 ? "" : "s"}`),
      h("ul", {}, account.terms.map((term) => h("li", { key: String(term.seq) }, `${length(term.length_ms)}, ${term.quota}${term.price ? `, ${term.price}` : ""} (${term.source})`)))));
}
