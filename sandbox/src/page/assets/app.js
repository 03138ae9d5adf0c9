// The frame: who looks, what they look at, and the line to the sandbox. Each part is a module that exports
// `part = { id, title, topics, mount(root, page) }`; `mount` gives back `update(topic, state)`.

import { h, into, icon } from "./dom.js";
import { part as guild } from "./guild.js";
import { part as story } from "./story.js";
import { part as panels } from "./panels.js";
import { part as accounts } from "./accounts.js";
import { part as passes } from "./passes.js";
import { part as files } from "./files.js";
import { part as log } from "./log.js";
import { part as clock } from "./clock.js";

const BESIDE = [panels, accounts, passes, files, log, clock];
const LOCALES = [["en-US", "English"], ["ar", "العربية"], ["ru", "Русский"]];

const kept = (key, otherwise) => localStorage.getItem(`nebulalinks.${key}`) ?? otherwise;
const keep = (key, value) => localStorage.setItem(`nebulalinks.${key}`, value);

const state = {
  person: kept("person", ""),
  tab: kept("tab", "panels"),
  theme: kept("theme", "auto"),
  view: "guild",
  last: {},
};

// What every part is given.
export const page = {
  get person() { return state.person; },
  get locale() { return state.last.guild?.locale ?? "en-US"; },
  // The newest state of a topic; undefined before it came.
  state: (topic) => state.last[topic],
  // Does something; answers with what came of it, or says what is in the way and answers null.
  act,
  // Sends a file ahead of the act that names it; its number.
  upload,
  // Says a line at the foot of the page.
  say,
  // The address of an attachment.
  file: (id) => `api/file/${id}?as=${state.person}`,
  be,
  show,
  // Whether the page can be this person; the sandbox has the last word.
  knows: (id) => !state.last.guild || everybody().some((person) => person.id === id),
  // Whether the story leads; the story says.
  following: () => false,
};

async function ask(path, init) {
  const answer = await fetch(path, { method: "POST", ...init });
  const body = await answer.json().catch(() => ({ message: `the sandbox answered ${answer.status}` }));
  if (!answer.ok) throw body;
  return body;
}

async function act(name, more = {}) {
  try {
    const body = JSON.stringify({ act: name, ...more });
    return await ask("api/act", { body, headers: { "content-type": "application/json" } });
  } catch (refused) {
    say(refused.message ?? "The sandbox does not answer.", refused.help ?? "", true);
    return null;
  }
}

async function upload(file) {
  try {
    return (await ask(`api/upload?name=${encodeURIComponent(file.name)}`, { body: file })).upload;
  } catch (refused) {
    say(refused.message ?? "The file could not be sent.", refused.help ?? "", true);
    return null;
  }
}

function say(message, help = "", bad = false) {
  const toast = h("div", { class: bad ? "toast bad" : "toast" }, h("p", { dir: "auto" }, message), help && h("p", { class: "dim", dir: "auto" }, help));
  const toasts = document.querySelector("#toasts");
  // What was said last can be read when it is gone.
  toasts.dataset.last = message;
  toasts.append(toast);
  setTimeout(() => toast.remove(), 8000);
}

function be(person) {
  state.person = person;
  keep("person", person);
  connect();
  frame();
}

function show(tab) {
  if (tab === "guild") state.view = "guild";
  else { state.view = "beside"; state.tab = tab; keep("tab", tab); }
  frame();
}

// Arrow keys move within a group of which one is chosen, as in every program.
function roving(event) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const all = [...event.currentTarget.querySelectorAll("[role=tab], [role=radio]")];
  const flip = document.dir === "rtl" && event.key.startsWith("ArrowL") | event.key.startsWith("ArrowR") ? -1 : 1;
  const next = all[(all.indexOf(document.activeElement) + step * flip + all.length) % all.length];
  event.preventDefault();
  next?.focus();
  next?.click();
}

const everybody = () => state.last.guild?.people ?? [];

function people() {
  return h("div", { role: "radiogroup", "aria-label": "Who you are", class: "segments", onkeydown: roving },
    everybody().map(({ id, part, unread }) => h("button", {
      type: "button", role: "radio", key: id, "aria-checked": String(id === state.person),
      tabindex: id === state.person ? "0" : "-1", title: `${id}, ${part}`, onclick: () => be(id),
    }, h("b", {}, id), h("small", {}, part),
      id !== state.person && unread > 0 && h("span", { class: "news" }, String(unread), h("span", { class: "hidden" }, " unread")))));
}

const THEMES = { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" };
const SUN = "M12 4a1 1 0 0 1-1-1V2a1 1 0 0 1 2 0v1a1 1 0 0 1-1 1Zm0 13a5 5 0 1 1 0-10 5 5 0 0 1 0 10Zm0 3a1 1 0 0 1 1 1v1a1 1 0 0 1-2 0v-1a1 1 0 0 1 1-1ZM4 12a1 1 0 0 1-1 1H2a1 1 0 0 1 0-2h1a1 1 0 0 1 1 1Zm18 1h-1a1 1 0 0 1 0-2h1a1 1 0 0 1 0 2ZM5.6 7A1 1 0 0 1 5 6.7l-.7-.7A1 1 0 1 1 5.7 4.6l.7.7A1 1 0 0 1 5.6 7Zm13.5 12.7-.7-.7a1 1 0 0 1 1.4-1.4l.7.7a1 1 0 1 1-1.4 1.4Z";
const MOON = "M20.7 14.2A8.5 8.5 0 0 1 9.8 3.3a1 1 0 0 0-1.3-1.2 10.5 10.5 0 1 0 13.4 13.4 1 1 0 0 0-1.2-1.3Z";

function switches() {
  const next = { auto: "dark", dark: "light", light: "auto" }[state.theme];
  return [
    h("label", { class: "language" }, h("span", { class: "hidden" }, "Language of this person's Discord"),
      h("select", { id: "locale", onchange: async (event) => { if (!(await act("guild.locale", { as: state.person, locale: event.target.value }))) event.target.value = page.locale; } },
        LOCALES.map(([id, name]) => h("option", { value: id, selected: page.locale === id, prop: { selected: page.locale === id } }, name)))),
    h("button", { type: "button", class: "round", title: THEMES[state.theme], "aria-label": THEMES[state.theme], onclick: () => { state.theme = next; keep("theme", next); frame(); } },
      icon(state.theme === "dark" ? MOON : SUN), state.theme === "auto" && h("small", { "aria-hidden": "true" }, "auto")),
  ];
}

function tabs() {
  return h("div", { role: "tablist", "aria-label": "What runs", class: "tabs", onkeydown: roving },
    BESIDE.map((part) => h("button", {
      type: "button", role: "tab", id: `tab-${part.id}`, key: part.id, "aria-selected": String(part.id === state.tab),
      "aria-controls": `part-${part.id}`, tabindex: part.id === state.tab ? "0" : "-1", onclick: () => show(part.id),
    }, part.title)));
}

function views() {
  const on = (id) => (id === "guild" ? state.view === "guild" : state.view === "beside" && state.tab === id);
  return [guild, ...BESIDE].map((part) => h("button", {
    type: "button", key: part.id, "aria-current": on(part.id) ? "page" : null, onclick: () => show(part.id),
  }, part.title));
}

const mounted = new Map();

function frame() {
  document.documentElement.dataset.theme = state.theme;
  document.body.dataset.view = state.view;
  into(document.querySelector("#people"), people());
  into(document.querySelector("#switches"), ...switches());
  into(document.querySelector("#views"), ...views());
  const beside = document.querySelector("#beside");
  into(beside, tabs(), ...BESIDE.map((part) => h("div", {
    role: "tabpanel", id: `part-${part.id}`, key: `part-${part.id}`, class: `part ${part.id}`, "aria-labelledby": `tab-${part.id}`,
    hidden: part.id !== state.tab, "data-own": part.id,
  })));
  for (const part of BESIDE) beside.querySelector(`#part-${part.id}`).hidden = part.id !== state.tab;
  for (const part of BESIDE) mount(part, beside.querySelector(`#part-${part.id}`));
  mount(guild, document.querySelector("#guild"));
  mount(story, document.querySelector("#story"));
}

function mount(part, root) {
  if (mounted.has(part.id)) return;
  mounted.set(part.id, { part, update: part.mount(root, page) });
}

function came(topic, value) {
  const before = page.locale;
  // What is appended is no state: each part keeps what it was sent.
  if (topic !== "log") state.last[topic] = value;
  // The sandbox says who one is: whom it does not know it takes for the first of its people.
  if (topic === "guild") state.person = value.as;
  for (const { part, update } of mounted.values()) if (part.topics.includes(topic)) update(topic, value);
  if (topic !== "guild") return;
  // Who reads from right to left has the whole page so.
  document.dir = page.locale === "ar" || page.locale === "he" ? "rtl" : "ltr";
  into(document.querySelector("#people"), people());
  if (before !== page.locale) into(document.querySelector("#switches"), ...switches());
}

let line;

function connect() {
  line?.close();
  line = new EventSource(`api/events?as=${encodeURIComponent(state.person)}`);
  line.onopen = () => document.body.removeAttribute("data-lost");
  line.onerror = () => document.body.setAttribute("data-lost", "");
  const topics = new Set([guild, story, ...BESIDE].flatMap((part) => part.topics));
  topics.add("world");
  for (const topic of topics) line.addEventListener(topic, (event) => came(topic, JSON.parse(event.data)));
}

frame();
connect();
