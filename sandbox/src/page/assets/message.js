// A message as Discord draws it: text, embeds, files, and components of either kind.

import { h, bytes, icon } from "./dom.js";
import { markdown, spoiler } from "./markdown.js";

const EYE = "M12 5c5 0 8.6 4.2 9.8 6.3.2.4.2.9 0 1.3C20.600 14.800 17 19 12 19s-8.600-4.200-9.800-6.400a1.300 1.300 0 0 1 0-1.300C3.400 9.200 7 5 12 5Zm0 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm0 2a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z";
const FILE = "M6 2h8l5 5v13a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2Zm7 1.500V8h4.500L13 3.500Z";
const DOWN = "M6.300 9.300a1 1 0 0 1 1.400 0L12 13.600l4.300-4.300a1 1 0 1 1 1.400 1.400l-5 5a1 1 0 0 1-1.400 0l-5-5a1 1 0 0 1 0-1.400Z";

const hue = (name) => [...name].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) % 360, 7);

export function avatar(name, bot) {
  return h("span", { class: bot ? "avatar bot" : "avatar", "aria-hidden": "true", style: { "--hue": String(hue(name)) } }, bot ? "" : name.slice(0, 1).toUpperCase());
}

const colour = (number) => (number || number === 0 ? `#${number.toString(16).padStart(6, "0")}` : null);

// The parts of a message below its head.
export function body(message, context) {
  const shown = new Set();
  const files = new Map(message.files.map((file) => [file.name, file]));
  const at = { ...context, message, files, shown };
  const parts = [];
  if (message.thinking) {
    parts.push(h("p", { class: "thinking" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), `${context.user(message.author)} is thinking…`));
  }
  if (message.content) parts.push(...markdown(message.content, context));
  for (const embed of message.embeds ?? []) parts.push(drawEmbed(embed, at));
  const components = (message.components ?? []).map((component) => draw(component, at));
  const left = message.files.filter((file) => !shown.has(file.name) && !usesComponents(message));
  for (const file of left) parts.push(attachment(file, at));
  return [...parts, ...components];
}

const usesComponents = (message) => (message.components ?? []).some((component) => component.type !== 1);

function picture(file, at, description) {
  const [width, height] = file.size ?? [];
  return h("a", { class: "picture", href: at.file(file.id), target: "_blank", rel: "noopener" },
    h("img", { src: at.file(file.id), alt: description ?? file.description ?? file.name, width, height, loading: "lazy", decoding: "async" }));
}

const isPicture = (file) => /^image\/(png|jpeg|webp|gif)$/.test(file.type);

function attachment(file, at) {
  if (isPicture(file)) return picture(file, at);
  return h("a", { class: "attachment", href: at.file(file.id), download: file.name }, icon(FILE),
    h("span", {}, h("b", { dir: "auto" }, file.name), h("small", { class: "dim" }, bytes(file.bytes))));
}

// `attachment://name` means a file of this message; from elsewhere nothing is fetched.
function media(item, at, description) {
  const name = item?.url?.match(/^attachment:\/\/(.*)$/)?.[1];
  const file = name && at.files.get(name);
  if (!file) return h("span", { class: "dim" }, description ?? item?.url ?? "");
  at.shown.add(file.name);
  return isPicture(file) ? picture(file, at, description) : attachment(file, at);
}

function drawEmbed(embed, at) {
  const fields = (embed.fields ?? []).map((field) => h("div", { class: field.inline ? "slot inline" : "slot" },
    h("b", {}, markdown(field.name, at)), markdown(field.value, at)));
  return h("article", { class: "box embed", style: { "--accent-bar": colour(embed.color) ?? "var(--line)" } },
    embed.author?.name && h("p", { class: "small", dir: "auto" }, embed.author.name),
    embed.title && h("h4", { dir: "auto" }, markdown(embed.title, at)),
    embed.description && markdown(embed.description, at),
    fields.length > 0 && h("div", { class: "fields" }, fields),
    embed.image && media(embed.image, at),
    embed.thumbnail && media(embed.thumbnail, at),
    embed.footer?.text && h("p", { class: "small dim", dir: "auto" }, embed.footer.text));
}

function draw(component, at) {
  const inner = () => (component.components ?? []).map((child) => draw(child, at));
  switch (component.type) {
    case 1: return h("div", { class: "row" }, inner());
    case 2: return button(component, at);
    case 3: return select(component, at);
    case 5: case 6: case 7: case 8:
      return h("button", { type: "button", class: "select", disabled: true }, component.placeholder ?? "Make a selection");
    case 9: return h("div", { class: "section" }, h("div", {}, inner()), component.accessory && draw(component.accessory, at));
    case 10: return h("div", { class: "words" }, markdown(component.content ?? "", at));
    case 11: return h("div", { class: "thumbnail" }, media(component.media, at, component.description));
    case 12: return h("div", { class: `gallery of-${Math.min((component.items ?? []).length, 4)}` },
      (component.items ?? []).map((item) => (item.spoiler ? spoiler(media(item.media, at, item.description)) : media(item.media, at, item.description))));
    case 13: return media(component.file, at);
    case 14: return component.divider === false ? h("div", { class: "gap" }) : h("hr", { class: component.spacing === 2 ? "wide" : null });
    case 17: {
      const box = h("div", { class: "box", style: { "--accent-bar": colour(component.accent_color) ?? "transparent" } }, inner());
      return component.spoiler ? spoiler(box) : box;
    }
    default: return null;
  }
}

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };

const glyph = (emoji) => emoji?.name && h("span", { class: "emoji", "aria-hidden": "true" }, emoji.name);

function button(component, at) {
  const style = STYLES[component.style] ?? "secondary";
  // Only the bot sends links, but an operator's text may stand in one: a browser runs some kinds.
  if (component.url) {
    if (!/^(https?|discord):\/\//i.test(component.url)) return h("span", { class: "press link", dir: "auto" }, component.label);
    return h("a", { class: "press link", href: component.url, target: "_blank", rel: "noreferrer noopener" }, glyph(component.emoji), component.label);
  }
  const waits = at.waits(at.message.id, component.custom_id);
  return h("button", {
    type: "button", class: `press ${style}`, key: component.custom_id, disabled: component.disabled === true, "aria-busy": waits ? "true" : null,
    "aria-label": component.label ?? component.emoji?.name,
    onclick: () => !waits && at.press(at.message, component.custom_id, []),
  }, glyph(component.emoji), h("span", { dir: "auto" }, component.label ?? ""), waits && h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")));
}

// A list of which one is chosen at a click, or several with a button to confirm.
function select(component, at) {
  const key = `${at.message.id}/${component.custom_id}`;
  const open = at.opened() === key;
  const waits = at.waits(at.message.id, component.custom_id);
  const many = (component.max_values ?? 1) > 1;
  const options = component.options ?? [];
  const marked = at.marked(key) ?? options.filter((option) => option.default).map((option) => option.value);
  const label = options.filter((option) => marked.includes(option.value)).map((option) => option.label).join(", ");
  const choose = (value) => {
    if (!many) { at.unfold(null); at.press(at.message, component.custom_id, [value]); return; }
    at.mark(key, marked.includes(value) ? marked.filter((v) => v !== value) : [...marked, value].slice(-component.max_values));
  };
  const close = () => { at.unfold(null); if (many && marked.length >= (component.min_values ?? 1)) at.press(at.message, component.custom_id, marked); };
  const keys = (event) => {
    const all = [...event.currentTarget.querySelectorAll("[role=option]")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus(); }
    if (event.key === "Home") { event.preventDefault(); all[0]?.focus(); }
    if (event.key === "End") { event.preventDefault(); all.at(-1)?.focus(); }
    if (event.key === "Escape" || event.key === "Tab") { if (event.key === "Escape") event.preventDefault(); at.unfold(null, key); }
  };
  return h("div", { class: "choice", key },
    h("button", {
      type: "button", class: "select", disabled: component.disabled === true || waits, "aria-haspopup": "listbox", "aria-expanded": String(open),
      "aria-busy": waits ? "true" : null, "data-select": key,
      onclick: () => at.unfold(open ? null : key),
      onkeydown: (event) => { if (event.key === "ArrowDown" && !open) { event.preventDefault(); at.unfold(key); } },
    }, h("span", { dir: "auto", class: label ? null : "dim" }, label || component.placeholder || "Make a selection"), icon(DOWN)),
    open && h("div", { class: "list", role: "listbox", "aria-label": component.placeholder ?? "Options", "aria-multiselectable": many ? "true" : null, onkeydown: keys },
      options.map((option) => h("button", {
        type: "button", role: "option", key: option.value, "aria-selected": String(marked.includes(option.value)), onclick: () => choose(option.value),
      }, glyph(option.emoji), h("span", { dir: "auto" }, h("b", {}, option.label), option.description && h("small", {}, option.description)))),
      many && h("button", { type: "button", class: "press primary", onclick: close }, "Done")));
}

// The line below a message that only its reader sees.
export function onlyYou(message, dismiss) {
  return h("p", { class: "only" }, icon(EYE), h("bdi", {}, "Only you can see this"), " · ",
    h("button", { type: "button", class: "plain", onclick: dismiss }, "Dismiss message"));
}
