// What the parts beside the guild share: long lists of which only what is seen is there, dialogs, and an
// update that waits until somebody looks.

import { h, into } from "./dom.js";

// Renders when somebody can see it: at once while the part is shown, else as it is shown.
export function whenSeen(root, render) {
  let stale = false;
  let asked = false;
  const now = () => {
    asked = false;
    if (root.hidden) stale = true;
    else { stale = false; render(); }
  };
  const soon = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(now);
  };
  new MutationObserver(() => { if (stale && !root.hidden) soon(); }).observe(root, { attributes: true, attributeFilter: ["hidden"] });
  return soon;
}

// So many rows beyond what is seen, and by so many at once the window moves.
const BEYOND = 12;
const STEP = 8;

// A list that scrolls by itself, with the rows around what is seen. `row(item)` makes an element, and only
// when `sign(item)` has changed for this `key(item)`; rows are alike in height, which is measured when the
// width changes. Nothing here asks for a layout while it draws.
export function windowed(row, { key, sign, label, className, role = "list", head, estimate = 32, tail = false, dir = null }) {
  let items = [];
  let height = estimate;
  let measured = false;
  let seen = 600;
  let top = 0;
  let stick = tail;
  let range = [0, 0];
  const above = h("div", { "aria-hidden": "true" });
  const below = h("div", { "aria-hidden": "true" });
  const rows = h("div", { class: "rows", role: role === "table" ? "rowgroup" : null });
  const box = h("div", { class: `window ${className}`, role, "aria-label": label, tabindex: "0", dir }, head, above, rows, below);
  const wanted = () => {
    const first = Math.max(0, Math.floor(top / height) - BEYOND);
    const last = Math.ceil((top + seen) / height) + BEYOND;
    return [Math.floor(first / STEP) * STEP, Math.min(items.length, Math.ceil(last / STEP) * STEP)];
  };
  const slots = new Map();
  const fill = (shown) => {
    const keys = new Set(shown.map(key));
    for (const [id, { slot }] of slots) if (!keys.has(id)) { slot.remove(); slots.delete(id); }
    let at = rows.firstChild;
    for (const item of shown) {
      const id = key(item);
      const now = sign(item);
      if (!slots.has(id)) slots.set(id, { slot: h("div", { role: role === "table" ? "presentation" : "listitem" }), said: null });
      const kept = slots.get(id);
      if (kept.said !== now) { kept.said = now; into(kept.slot, row(item)); }
      if (kept.slot === at) at = at.nextSibling;
      else rows.insertBefore(kept.slot, at);
    }
  };
  const draw = () => {
    const [first, last] = range = wanted();
    above.style.blockSize = `${first * height}px`;
    below.style.blockSize = `${Math.max(0, items.length - last) * height}px`;
    fill(items.slice(first, last));
    if (!measured && last > first) requestAnimationFrame(measure);
  };
  const measure = () => {
    const count = rows.childElementCount;
    if (measured || count === 0 || rows.offsetHeight === 0) return;
    measured = true;
    const now = rows.offsetHeight / count;
    if (Math.abs(now - height) > 0.25) { height = now; draw(); }
    if (stick) toEnd();
  };
  const toEnd = () => {
    stick = true;
    top = Math.max(0, items.length * height - seen);
    const [first, last] = wanted();
    if (first !== range[0] || last !== range[1]) draw();
    box.scrollTop = items.length * height + 1000;
  };
  let waits = false;
  box.addEventListener("scroll", () => {
    top = box.scrollTop;
    if (tail) stick = top + seen >= items.length * height - height * 2;
    const [first, last] = wanted();
    if (waits || (first === range[0] && last === range[1])) return;
    waits = true;
    requestAnimationFrame(() => { waits = false; draw(); });
  }, { passive: true });
  let width = 0;
  new ResizeObserver(([entry]) => {
    const now = entry.contentRect;
    if (now.height > 0) seen = now.height;
    if (now.width !== width) { width = now.width; measured = false; }
    draw();
  }).observe(box);
  return {
    box,
    show(list) {
      items = list;
      draw();
      if (stick) toEnd();
    },
    toEnd,
  };
}

// Asks for a few fields; `done(values)` is called when they are confirmed. It closes by Escape, too.
export function dialog(title, fields, confirm, done) {
  const inputs = fields.map(({ name, label, kind = "text", value = "", hint, min, step }) => h("label", { class: "asked" },
    h("span", {}, label), h("input", { name, type: kind, value, min, step, dir: kind === "text" ? "auto" : null, autocomplete: "off" }),
    hint && h("small", { class: "dim" }, hint)));
  const form = h("form", { method: "dialog", onsubmit: () => done(Object.fromEntries(new FormData(form))) },
    h("h2", { dir: "auto" }, title), inputs,
    h("div", { class: "buttons" },
      h("button", { type: "button", class: "do", onclick: () => box.close() }, "Cancel"),
      h("button", { type: "submit", class: "chief" }, confirm)));
  const box = open(form, title);
}

// Shows something in front of the page.
export function open(content, label) {
  const before = document.activeElement;
  const box = h("dialog", { class: "sheet", "aria-label": label, onclose: () => { box.remove(); before?.focus?.(); } }, content);
  box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
  document.body.append(box);
  box.showModal();
  return box;
}

export const badge = (text, kind = "", title = null) => h("span", { class: `tag ${kind}`, title, dir: "auto" }, text);

export const button = (label, onclick, more = {}) => h("button", { type: "button", class: "do", onclick, ...more }, label);

// An account's id is long; its end tells it apart.
export const short = (id) => `…${id.slice(-6)}`;

// A formatter costs more than all that it formats: one for each form.
const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const WHEN = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" });
const STAMP = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

export const time = (ms) => TIME.format(ms);

export const when = (ms) => WHEN.format(ms);

export const stamp = (ms) => STAMP.format(ms);

const SIGN = { Ready: "good", Reconciling: "warn", Stalled: "bad", Unreachable: "bad", Held: "warn", Amnesia: "bad", Undelivered: "warn", Implausible: "warn", Orphans: "warn" };

// How something stands, in words and colour.
export const condition = ({ type, kind, reason }) => badge(type ?? kind, SIGN[type ?? kind] ?? "", reason);
