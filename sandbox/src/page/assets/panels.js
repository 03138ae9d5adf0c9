// The panels: each with its clients, and what can happen to it.

import { h, into, bytes, length } from "./dom.js";
import { badge, button, dialog, short, stamp, whenSeen, windowed } from "./list.js";

const GIB = 2 ** 30;

export const part = {
  id: "panels",
  title: "Panels",
  topics: ["panels", "accounts", "clock"],
  mount(root, page) {
    const views = new Map();
    const draw = whenSeen(root, () => {
      const panels = page.state("panels") ?? [];
      const owners = new Map((page.state("accounts")?.accounts ?? []).map((a) => [a.id, a.name ?? a.customer]));
      for (const panel of panels) if (!views.has(panel.id)) views.set(panel.id, view(panel.id, page));
      into(root, panels.length ? panels.map((panel) => h("section", { key: panel.id, class: "card", "data-own": panel.id, "aria-label": `Panel ${panel.id}` })) : h("p", { class: "dim" }, "The panels are starting …"));
      for (const panel of panels) {
        const section = root.querySelector(`[data-own="${CSS.escape(panel.id)}"]`);
        views.get(panel.id)(section, panel, owners, Date.now() + (page.state("clock")?.ahead_ms ?? 0));
      }
    });
    return draw;
  },
};

function view(id, page) {
  let filter = "";
  let now = 0;
  let owners = new Map();
  let newest;
  const act = (name, more) => page.act(`panel.${name}`, { panel: id, ...more });
  const befalls = (what) => act("befalls", { what });

  const ends = (ms) => {
    if (ms === 0) return h("span", { class: "dim" }, "never");
    if (ms < 0) return h("span", { title: "counted from the first traffic" }, `${length(-ms)} from first use`);
    return h("span", { class: ms <= now ? "bad" : "", title: stamp(ms) }, ms <= now ? `${length(now - ms)} ago` : `in ${length(ms - now)}`);
  };

  const used = (client) => h("span", { class: "gauge" },
    h("span", {}, bytes(client.used), " ", h("span", { class: "dim" }, client.cap ? `of ${bytes(client.cap)}` : "no cap")),
    client.cap > 0 && h("progress", { max: client.cap, value: Math.min(client.used, client.cap), class: client.used >= client.cap ? "full" : "", "aria-label": "used" }));

  const edit = (client) => dialog(`Edit ${client.email} by hand`, [
    { name: "ends", label: "Ends", kind: "datetime-local", value: client.ends_ms > 0 ? local(client.ends_ms) : "", hint: "Empty: never" },
    { name: "cap", label: "Cap in GiB", kind: "number", min: 0, step: "any", value: client.cap / GIB, hint: "0: none" },
    { name: "devices", label: "Devices at once", kind: "number", min: 0, step: 1, value: client.devices, hint: "0: any number" },
    { name: "comment", label: "Comment", value: client.comment },
  ], "Save on the panel", (said) => act("edit", {
    email: client.email,
    edit: {
      ends_ms: said.ends ? new Date(said.ends).getTime() : 0, cap: Math.round(Number(said.cap) * GIB),
      devices: Math.round(Number(said.devices)), comment: said.comment,
    },
  }));

  const who = (client) => {
    if (!client.account) return [h("b", { dir: "auto" }, client.email), badge("foreign", "", "not ours: never touched")];
    const owner = owners.get(client.account);
    return [h("b", { dir: "auto" }, owner ?? "ours"), owner ? null : badge("no record", "warn", "our mark, and no account: an orphan"), h("span", { class: "dim mono", title: client.email }, short(client.account))];
  };

  const cell = (name, ...content) => h("div", { role: "cell", class: name, "data-title": TITLES[name] }, content);
  const row = (client) => h("div", { role: "row", class: client.on ? "client" : "client off" },
    cell("owner", who(client), client.comment && !client.account && h("span", { class: "dim comment", dir: "auto", title: client.comment }, client.comment)),
    cell("at", client.inbounds.join(", ") || h("span", { class: "warn" }, "on no inbound")),
    cell("state", h("span", { class: `dot ${client.online ? "live" : ""}`, title: client.online ? "online" : "not online", role: "img", "aria-label": client.online ? "online" : "not online" }),
      h("button", { type: "button", role: "switch", class: "switch", "aria-checked": String(client.on), "aria-label": `${client.email} is on`, title: client.on ? "Disable by hand" : "Enable by hand", onclick: () => act("enable", { email: client.email, on: !client.on }) }, client.on ? "on" : "off")),
    cell("traffic", used(client)),
    cell("ends", ends(client.ends_ms)),
    cell("devices", client.devices ? `${client.devices}` : "any"),
    cell("acts",
      button("Use 1 GiB", () => act("use", { email: client.email, gib: 1 })),
      button("Edit", () => edit(client)),
      button("Delete", () => act("delete", { email: client.email }), { class: "do harm" })));

  const head = h("div", { role: "row", class: "client titles" }, Object.entries(TITLES).map(([name, title]) => h("div", { role: "columnheader", class: name }, title)));
  const list = windowed(row, {
    key: (client) => client.email, sign: (client) => `${JSON.stringify(client)} ${owners.get(client.account)} ${Math.floor(now / 60000)}`,
    label: `Clients of ${id}`, className: "clients", role: "table", head, estimate: 62,
  });
  const find = h("input", { type: "search", placeholder: "Filter clients", "aria-label": `Filter clients of ${id}`, oninput: (event) => { filter = event.target.value.toLowerCase(); show(); } });
  const top = h("div", {});
  const foot = h("div", { class: "below" });

  const show = () => {
    const clients = newest.clients;
    const fits = (client) => `${client.email} ${owners.get(client.account) ?? ""} ${client.comment} ${client.inbounds.join(" ")}`.toLowerCase().includes(filter);
    const found = filter ? clients.filter(fits) : clients;
    list.box.hidden = clients.length === 0;
    find.hidden = clients.length < 8;
    list.show(found);
    into(foot,
      h("span", { class: "dim" }, clients.length === 0 ? "Nobody is on this panel yet: order something in the guild." : filter ? `${found.length} of ${clients.length} clients` : `${clients.length} client${clients.length === 1 ? "" : "s"}, ${clients.filter((c) => c.on).length} on`),
      button("Add a stranger", () => dialog(`A client on ${id} that is not ours`, [{ name: "email", label: "Name", value: "bobs-phone" }], "Add", ({ email }) => act("stranger", { email }))));
  };

  return (section, panel, whose, at) => {
    [newest, owners, now] = [panel, whose, at];
    if (!list.box.isConnected) section.append(top, find, list.box, foot);
    const ill = panel.down || panel.faults.length > 0;
    into(top,
      h("header", {},
        h("h2", {}, panel.id), h("span", { class: "dim" }, `3x-ui ${panel.version}`),
        panel.down && badge("down", "bad"), panel.faults.map((fault) => badge(fault, "warn")),
        panel.xray !== "running" && badge(`Xray ${panel.xray}`, "bad"),
        !ill && panel.xray === "running" && badge("well", "good"),
        h("span", { class: "dim mono address" }, panel.address)),
      h("div", { class: "tools", role: "toolbar", "aria-label": `What can happen to ${panel.id}` },
        ill && button("Make it well", () => befalls("well"), { class: "do chief" }),
        !panel.down && button("Down", () => befalls("down"), { title: "Nobody answers any more" }),
        button("Slow", () => befalls("slow"), { title: "Each answer comes 3 s late" }),
        button("Lock database", () => befalls("locked"), { title: "Another process holds it" }),
        panel.xray === "running"
          ? button("Break Xray", () => befalls("xray-breaks"), { title: "The panel goes on answering" })
          : button("Start Xray", () => befalls("xray-runs")),
        button("Wipe", () => befalls("wiped"), { class: "do harm", title: "All clients are gone; inbounds stay" }),
        button("Back up", () => befalls("backed-up")),
        button("Restore", () => befalls("put-back"), { title: `Put the database of ${stamp(panel.backed_up_ms)} back` }),
        h("label", { class: "labelled" }, "Version ",
          h("select", { onchange: (event) => act("version", { version: event.target.value }) },
            panel.versions.map((version) => h("option", { value: version, selected: version === panel.version }, version))))),
      h("div", { class: "inbounds" }, panel.inbounds.map((inbound) => h("span", { class: "inbound" },
        h("b", {}, inbound.remark), h("span", { class: "dim" }, `${inbound.protocol} :${inbound.port}`), inbound.broken && badge("broken", "bad"),
        h("button", { type: "button", role: "switch", class: "switch", "aria-checked": String(inbound.on), "aria-label": `Inbound ${inbound.remark} of ${panel.id} is on`, title: inbound.on ? "Switch the inbound off" : "Switch the inbound on", onclick: () => act("inbound", { remark: inbound.remark, on: !inbound.on }) }, inbound.on ? "on" : "off")))));
    show();
  };
}

const TITLES = { owner: "Client", at: "Inbounds", state: "State", traffic: "Used", ends: "Ends", devices: "Devices", acts: "" };

// A moment as `datetime-local` wants it.
function local(ms) {
  const date = new Date(ms);
  return new Date(ms - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}
