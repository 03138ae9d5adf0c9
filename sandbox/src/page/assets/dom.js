// Elements without a framework: `h` builds them, `into` puts what is there now in place of what was, and
// keeps focus, scroll and what somebody is typing. Text goes in as text only.

export function h(tag, attrs, ...children) {
  const svg = tag === "svg" || tag === "path";
  const element = svg
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attrs ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) listen(element, name.slice(2), value);
    else if (name === "style") for (const [key, v] of Object.entries(value)) element.style.setProperty(key, v);
    else if (name === "key") element.setAttribute("data-key", value);
    else if (name === "prop") Object.assign(element, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

// Handlers stand beside the element, so that an update can change them without listening twice.
function listen(element, kind, handler) {
  element.handlers ??= {};
  if (!(kind in element.handlers)) element.addEventListener(kind, (event) => element.handlers[kind]?.(event));
  element.handlers[kind] = handler;
}

const keyOf = (node) => (node.nodeType === 1 ? node.getAttribute("data-key") : null);
const same = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

// Makes `root` hold these children, changing as little as it can. An element with `data-own` is left to
// itself once it is there.
export function into(root, ...children) {
  const holder = document.createElement(root.nodeName);
  holder.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  morphChildren(root, holder);
}

function morph(from, to) {
  if (from.nodeType === 3) {
    if (from.data !== to.data) from.data = to.data;
    return;
  }
  if (from.hasAttribute("data-own") && from.getAttribute("data-own") === to.getAttribute("data-own")) return;
  for (const { name } of [...from.attributes]) if (name !== "style" && !to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes) {
    if (name !== "style" && from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  if (from.style && from.style.cssText !== to.style.cssText) from.style.cssText = to.style.cssText;
  for (const kind of Object.keys(from.handlers ?? {})) if (!to.handlers?.[kind]) delete from.handlers[kind];
  for (const [kind, handler] of Object.entries(to.handlers ?? {})) listen(from, kind, handler);
  if (from.nodeName === "TEXTAREA" || from.nodeName === "INPUT") return;
  const chosen = from.nodeName === "SELECT" && document.activeElement === from ? from.value : null;
  morphChildren(from, to);
  if (from.nodeName === "SELECT") from.value = chosen ?? to.value;
}

function morphChildren(from, to) {
  const keyed = new Map();
  for (const child of from.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
  let at = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const key = keyOf(wanted);
    const known = key ? keyed.get(key) : null;
    if (known && same(known, wanted)) {
      if (known === at) at = at.nextSibling;
      else from.insertBefore(known, at);
      morph(known, wanted);
    } else if (at && !key && !keyOf(at) && same(at, wanted)) {
      const next = at.nextSibling;
      morph(at, wanted);
      at = next;
    } else {
      from.insertBefore(wanted, at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

// An icon of one path, drawn in the colour of the text.
export function icon(path, label) {
  return h("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": label ? null : "true", role: label ? "img" : null, "aria-label": label },
    h("path", { d: path }));
}

const BYTES = ["B", "KiB", "MiB", "GiB", "TiB"];

export function bytes(count) {
  let unit = 0;
  let value = count;
  while (value >= 1024 && unit < BYTES.length - 1) { value /= 1024; unit += 1; }
  return `${Number.isInteger(value) ? value : value.toFixed(value < 10 ? 2 : 1)} ${BYTES[unit]}`;
}

// A length of time by its two largest units, from milliseconds.
export function length(ms) {
  const minutes = Math.round(Math.abs(ms) / 60000);
  const parts = [[Math.floor(minutes / 1440), "d"], [Math.floor(minutes / 60) % 24, "h"], [minutes % 60, "min"]];
  return parts.filter(([n]) => n > 0).slice(0, 2).map(([n, unit]) => `${n} ${unit}`).join(" ") || "under 1 min";
}

export function moment(ms, locale) {
  return new Date(ms).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
}
