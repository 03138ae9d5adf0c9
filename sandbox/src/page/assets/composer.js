// The line at the foot of a channel: messages, and slash commands with their options, choices and files.

import { h, into } from "./dom.js";
import { offers } from "./offers.js";

const TYPES = { 3: "text", 4: "number", 5: "yes or no", 6: "somebody", 7: "channel", 8: "role", 10: "number", 11: "file" };

// Names and descriptions in the person's language, where the bot has them.
const called = (of, locale) => of.name_localizations?.[locale] ?? of.name;
const told = (of, locale) => of.description_localizations?.[locale] ?? of.description ?? "";

// Commands as they are entered: subcommands spelled out.
export function leaves(commands, locale) {
  const out = [];
  const walk = (command, words, shown) => {
    const name = [...words, command.name];
    const label = [...shown, called(command, locale)];
    const inner = (command.options ?? []).filter((option) => option.type === 1 || option.type === 2);
    if (inner.length) inner.forEach((option) => walk(option, name, label));
    else out.push({ name: name.join(" "), label: label.join(" "), about: told(command, locale), options: command.options ?? [] });
  };
  (commands ?? []).forEach((command) => walk(command, [], []));
  return out;
}

// `update` is told the channel and what the person is offered; it draws only when that changed.
export function composer(root, page) {
  let channel = null;
  let offered = [];
  let users = [];
  let drawn = "";
  let command = null;
  let busy = false;

  const typed = () => root.querySelector("#say");
  const field = (name) => root.querySelector("form.entering")?.elements.namedItem(name);
  const meant = offers({ draw: () => draw(), field, ask });

  // What is offered for one option, by what stands in all of them.
  function ask(focused) {
    const options = {};
    for (const option of command?.options ?? []) {
      const text = field(option.name)?.value ?? "";
      if (option.type !== 11 && (text || option.name === focused)) options[option.name] = meant.meant(option.name, text);
    }
    if (command) return page.act("guild.typing", { as: page.person, channel: channel.id, command: `/${command.name}`, options, focused });
    return null;
  }

  function draw() {
    const box = typed();
    const text = box?.value ?? "";
    into(root, command ? commandForm() : messageForm(text));
  }

  function found(text) {
    if (!text.startsWith("/")) return [];
    const wanted = text.slice(1).trim().toLowerCase();
    return offered.filter((leaf) => `${leaf.name} ${leaf.label}`.toLowerCase().includes(wanted)).slice(0, 12);
  }

  function pick(leaf) {
    meant.forget();
    command = leaf;
    draw();
    (root.querySelector(".options [data-option]") ?? root.querySelector("[type=submit]"))?.focus();
  }

  function leave() {
    meant.forget();
    command = null;
    draw();
    const box = typed();
    if (box) { box.value = ""; box.focus(); draw(); }
  }

  function messageForm(text) {
    const list = found(text);
    const place = channel ? (channel.kind === "direct" ? `@${channel.name === page.person ? "NebulaLinks" : channel.name}` : `#${channel.name}`) : "";
    const keys = (event) => {
      if (event.key === "ArrowDown" && list.length) { event.preventDefault(); root.querySelector(".commands button")?.focus(); }
      if (event.key === "Escape") { event.target.value = ""; draw(); }
    };
    const within = (event) => {
      const all = [...event.currentTarget.querySelectorAll("button")];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") { typed().focus(); return; }
      if (!step) return;
      event.preventDefault();
      const at = all.indexOf(document.activeElement) + step;
      if (at < 0) typed().focus();
      else all[Math.min(at, all.length - 1)]?.focus();
    };
    const send = async (event) => {
      event.preventDefault();
      const box = typed();
      const words = box.value.trim();
      if (!words) return;
      const exact = offered.find((leaf) => `/${leaf.name}` === words) ?? (list.length === 1 ? list[0] : null);
      if (words.startsWith("/")) { if (exact) pick(exact); return; }
      box.value = "";
      const said = await page.act("guild.say", { as: page.person, channel: channel.id, text: words });
      if (!said && !box.value) box.value = words;
    };
    return h("form", { class: "composer", onsubmit: send },
      list.length > 0 && h("div", { class: "commands", role: "listbox", "aria-label": "Commands", onkeydown: within },
        list.map((leaf) => h("button", { type: "button", role: "option", "aria-selected": "false", key: leaf.name, onclick: () => pick(leaf) },
          h("b", { dir: "auto" }, `/${leaf.label}`), h("small", { class: "dim", dir: "auto" }, leaf.about),
          h("span", { class: "wants" }, leaf.options.map((option) => h("code", {}, called(option, page.locale))))))),
      h("label", { class: "hidden", for: "say" }, `Message ${place}`),
      h("input", {
        id: "say", type: "text", dir: "auto", autocomplete: "off", "aria-autocomplete": "list", placeholder: `Message ${place}, or / for commands`,
        oninput: draw, onkeydown: keys,
      }));
  }

  function commandForm() {
    const at = command;
    const send = async (event) => {
      event.preventDefault();
      if (busy) return;
      const form = event.target;
      const options = {};
      let file = null;
      for (const option of at.options) {
        const input = form.elements.namedItem(option.name);
        if (option.type === 11) {
          if (!input.files[0]) continue;
          file = await page.upload(input.files[0]);
          if (file === null) return;
        } else if (input.value !== "") options[option.name] = meant.meant(option.name, input.value);
      }
      busy = true;
      meant.close();
      draw();
      const came = await page.act("guild.slash", { as: page.person, channel: channel.id, command: `/${at.name}`, options, file });
      busy = false;
      if (came) leave();
      else draw();
    };
    return h("form", { class: "composer entering", key: `command-${at.name}`, onsubmit: send, onkeydown: (event) => { if (event.key === "Escape") { event.preventDefault(); leave(); } } },
      meant.view(),
      h("div", { class: "entered" },
        h("b", { dir: "auto" }, `/${at.label}`), h("small", { class: "dim", dir: "auto" }, at.about),
        h("button", { type: "button", class: "plain", onclick: leave }, "Cancel")),
      h("div", { class: "options" },
        at.options.map((option) => h("label", {}, h("code", {}, called(option, page.locale)),
          h("small", { class: "dim" }, option.required ? "" : "may be left out"), input(option))),
        h("button", { type: "submit", class: "press primary", "aria-busy": busy ? "true" : null }, busy ? "Sending …" : "Send")));
  }

  function input(option) {
    const common = { name: option.name, "data-option": "", required: option.required === true, title: told(option, page.locale) };
    const choices = option.type === 5 ? [["true", "yes"], ["false", "no"]]
      : option.type === 6 ? users.map((name) => [name, `@${name}`])
        : (option.choices ?? []).map((choice) => [String(choice.value), choice.name_localizations?.[page.locale] ?? choice.name]);
    if (choices.length) {
      return h("select", common, h("option", { value: "" }, ""), choices.map(([value, name]) => h("option", { value }, name)));
    }
    if (option.type === 11) return h("input", { ...common, type: "file" });
    const number = option.type === 4 || option.type === 10;
    return h("input", {
      ...common, ...(option.autocomplete ? meant.watches(option) : {}), type: number ? "number" : "text", step: option.type === 4 ? "1" : "any", min: option.min_value, max: option.max_value,
      minlength: option.min_length, maxlength: option.max_length, autocomplete: "off", dir: "auto", placeholder: told(option, page.locale) || TYPES[option.type],
    });
  }

  return function update(where, state) {
    offered = leaves(state?.commands, state?.locale);
    users = (state?.users ?? []).filter((user) => !user.bot).map((user) => user.name);
    if (channel?.id !== where?.id) command = null;
    channel = where;
    const now = JSON.stringify([where?.id, where?.name, where?.locked, offered, users, page.person, page.locale]);
    if (now === drawn) return;
    drawn = now;
    if (channel) draw();
    else into(root);
  };
}
