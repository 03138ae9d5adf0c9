// Discord's markdown as elements. Only text becomes text: nothing here is parsed as HTML.

import { h } from "./dom.js";

const INLINE = [
  [/^\\([\\`*_~|<>[\]()#-])/, (m) => m[1]],
  [/^``([^`]+)``|^`([^`\n]+)`/, (m) => h("code", {}, m[1] ?? m[2])],
  [/^\*\*\*([\s\S]+?)\*\*\*(?!\*)/, (m, c) => h("b", {}, h("em", {}, inline(m[1], c)))],
  [/^\*\*([\s\S]+?)\*\*(?!\*)/, (m, c) => h("b", {}, inline(m[1], c))],
  [/^__([\s\S]+?)__(?!_)/, (m, c) => h("u", {}, inline(m[1], c))],
  [/^\*(?!\s)([^*\n]+?)\*(?!\*)/, (m, c) => h("em", {}, inline(m[1], c))],
  [/^_(?!\s)([^_\n]+?)_(?![_\w])/, (m, c) => h("em", {}, inline(m[1], c)), true],
  [/^~~([\s\S]+?)~~/, (m, c) => h("s", {}, inline(m[1], c))],
  [/^\|\|([\s\S]+?)\|\|/, (m, c) => spoiler(inline(m[1], c))],
  [/^<t:(-?\d+)(?::([tTdDfFR]))?>/, (m, c) => time(Number(m[1]) * 1000, m[2] ?? "f", c)],
  [/^<@!?(\d+)>/, (m, c) => mention(`@${c.user(m[1])}`)],
  [/^<@&(\d+)>/, (m, c) => mention(`@${c.role(m[1])}`)],
  [/^<#(\d+)>/, (m, c) => h("button", { type: "button", class: "mention", onclick: () => c.open(m[1]) }, `#${c.channel(m[1])}`)],
  [/^<\/([^:>]+):\d+>/, (m) => mention(`/${m[1]}`)],
  [/^\[([^\]\n]+)\]\(<?(https?:\/\/[^)\s>]+)>?\)/, (m, c) => link(m[2], inline(m[1], c))],
  [/^<(https?:\/\/[^>\s]+)>|^(https?:\/\/[^\s<]+[^\s<.,;:!?)'"])/, (m) => link(m[1] ?? m[2], m[1] ?? m[2]), true],
];

const mention = (text) => h("span", { class: "mention" }, text);
const link = (to, text) => h("a", { href: to, target: "_blank", rel: "noreferrer noopener" }, text);

export function spoiler(content) {
  const shown = (event) => event.currentTarget.setAttribute("data-shown", "");
  return h("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler: press to show", onclick: shown, onkeydown: (e) => e.key === "Enter" && shown(e) }, content);
}

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};
const UNITS = [["year", 31536e6], ["month", 2592e6], ["day", 864e5], ["hour", 36e5], ["minute", 6e4], ["second", 1e3]];

function time(ms, style, context) {
  const at = new Date(ms);
  const full = at.toLocaleString(context.locale, STYLES.F);
  let text;
  if (style === "R") {
    const away = ms - context.now();
    const [unit, size] = UNITS.find(([, size]) => Math.abs(away) >= size) ?? UNITS.at(-1);
    text = new Intl.RelativeTimeFormat(context.locale, { numeric: "auto" }).format(Math.round(away / size), unit);
  } else {
    text = at.toLocaleString(context.locale, STYLES[style]);
  }
  return h("time", { datetime: at.toISOString(), title: full }, text);
}

// Words within a line.
function inline(text, context) {
  const out = [];
  let plain = "";
  let rest = text;
  while (rest) {
    const inWord = /\w$/.test(plain);
    let hit = null;
    for (const [pattern, build, atWord] of INLINE) {
      const match = !(atWord && inWord) && rest.match(pattern);
      if (match) { hit = [match, build]; break; }
    }
    if (!hit) {
      // Up to the next sign that can begin something.
      const next = rest.slice(1).search(/[\\`*_~|<[h]/);
      const end = next < 0 ? rest.length : next + 1;
      plain += rest.slice(0, end);
      rest = rest.slice(end);
      continue;
    }
    const [match, build] = hit;
    const built = build(match, context);
    if (typeof built === "string") plain += built;
    else {
      if (plain) out.push(plain);
      plain = "";
      out.push(built);
    }
    rest = rest.slice(match[0].length);
  }
  if (plain) out.push(plain);
  return out;
}

function withBreaks(lines, context) {
  return lines.flatMap((line, n) => [n > 0 && h("br"), ...inline(line, context)]);
}

const copied = new WeakMap();

function codeBlock(text) {
  const copy = h("button", {
    type: "button", class: "copy", onclick: async (event) => {
      const button = event.currentTarget;
      await navigator.clipboard?.writeText(text).catch(() => {});
      clearTimeout(copied.get(button));
      button.textContent = "Copied";
      copied.set(button, setTimeout(() => { button.textContent = "Copy"; }, 1500));
    },
  }, "Copy");
  return h("div", { class: "block", dir: "ltr" }, h("pre", { dir: "ltr", tabindex: "0" }, h("code", {}, text)), copy);
}

// A whole text as blocks.
export function markdown(text, context) {
  const out = [];
  const parts = text.split(/```(?:[\w+-]*\n)?([\s\S]*?)```\n?/);
  parts.forEach((part, n) => {
    if (n % 2 === 1) out.push(codeBlock(part.replace(/\n$/, "")));
    else out.push(...blocks(part, context));
  });
  return out;
}

const KINDS = [
  ["h", /^(#{1,3}) (.*)$/], ["sub", /^-# (.*)$/], ["quote", /^> ?(.*)$/], ["ul", /^ *[-*] (.*)$/], ["ol", /^ *(\d+)\. (.*)$/],
];

function blocks(text, context) {
  const out = [];
  const lines = text.replace(/^\n|\n$/g, "").split("\n");
  for (let n = 0; n < lines.length;) {
    const found = KINDS.map(([kind, pattern]) => [kind, pattern, lines[n].match(pattern)]).find(([, , match]) => match);
    if (!found) {
      const run = [];
      while (n < lines.length && !KINDS.some(([, pattern]) => pattern.test(lines[n]))) run.push(lines[n++]);
      while (run.length && !run.at(-1)) run.pop();
      if (run.length) out.push(h("p", { dir: "auto" }, withBreaks(run, context)));
      continue;
    }
    const [kind, pattern, match] = found;
    if (kind === "h") {
      out.push(h(`h${match[1].length + 2}`, { dir: "auto", class: `h${match[1].length}` }, inline(match[2], context)));
      n += 1;
    } else if (kind === "sub") {
      out.push(h("p", { dir: "auto", class: "subtext" }, inline(match[1], context)));
      n += 1;
    } else {
      const run = [];
      while (n < lines.length && pattern.test(lines[n])) run.push(lines[n++].match(pattern).at(-1));
      if (kind === "quote") out.push(h("blockquote", { dir: "auto" }, withBreaks(run, context)));
      else out.push(h(kind, { dir: "auto" }, run.map((line) => h("li", {}, inline(line, context)))));
    }
  }
  return out;
}
