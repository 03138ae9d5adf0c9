// The four files with an editor. What is wrong stands at its line while somebody types; saving is always
// possible: while the files are invalid the last good ones stay in force.

import { h, into } from "./dom.js";
import { badge, button, whenSeen } from "./list.js";

export const part = {
  id: "files",
  title: "Files",
  topics: ["files"],
  mount(root, page) {
    let chosen = "plans.yaml";
    const editors = new Map();
    const top = h("div", {});
    const place = h("div", { class: "editors" });
    root.append(top, place);

    const draw = whenSeen(root, () => {
      const state = page.state("files");
      if (!state) return;
      for (const file of state.files) {
        if (!editors.has(file.name)) {
          const made = editor(file.name, page, draw);
          editors.set(file.name, made);
          place.append(made.root);
        }
        editors.get(file.name).take(file);
        editors.get(file.name).root.hidden = file.name !== chosen;
      }
      const wrong = state.files.flatMap((file) => file.problems.filter((p) => p.severity === "error")).length;
      const inForce = state.in_force;
      into(top,
        h("div", { class: "segments filetabs", role: "tablist", "aria-label": "Files" }, state.files.map((file) => h("button", {
          type: "button", role: "tab", key: file.name, "aria-selected": String(file.name === chosen), onclick: () => { chosen = file.name; draw(); },
        }, h("span", { dir: "ltr" }, file.name), editors.get(file.name).isDirty && h("span", { class: "dirty", title: "not saved", role: "img", "aria-label": "not saved" }),
          file.problems.length > 0 && badge(String(file.problems.length), file.problems.some((p) => p.severity === "error") ? "bad" : "warn")))),
        state.valid
          ? h("p", { class: "notice good" }, state.revision === inForce?.revision ? `Valid and in force: revision ${state.revision}.` : "Valid. Taken up within 2 s of a save.")
          : h("p", { class: "notice bad" }, `${wrong} problem${wrong === 1 ? "" : "s"}: the last good files stay in force${inForce?.revision ? ` (revision ${inForce.revision})` : ""}, and what was sold is served.`));
    });
    return draw;
  },
};

function editor(name, page, redraw) {
  let saved = null;
  let problems = [];
  let known;
  const backdrop = h("pre", { class: "backdrop", "aria-hidden": "true" });
  const gutter = h("pre", { class: "gutter", "aria-hidden": "true" });
  const area = h("textarea", { spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off", dir: "ltr", "aria-label": name, "aria-describedby": `problems-${name}` });
  const list = h("ul", { class: "problems", id: `problems-${name}`, "aria-live": "polite" });
  const tools = h("div", { class: "tools" });
  const root = h("section", { class: "editor", "aria-label": name }, tools, h("div", { class: "sheetlike", dir: "ltr" }, gutter, h("div", { class: "sheetcode" }, backdrop, area)), list);

  const dirty = () => saved !== null && area.value !== saved;
  const follow = () => {
    backdrop.style.transform = `translate(${-area.scrollLeft}px, ${-area.scrollTop}px)`;
    gutter.firstChild?.style.setProperty("transform", `translateY(${-area.scrollTop}px)`);
  };
  area.addEventListener("scroll", follow, { passive: true });

  // Marks each line that has a problem, and underlines what is meant.
  const mark = () => {
    const lines = area.value.split("\n");
    const worst = new Map();
    for (const p of problems) if (worst.get(p.line)?.severity !== "error") worst.set(p.line, p);
    const inner = h("div", {});
    const code = document.createDocumentFragment();
    lines.forEach((line, n) => {
      const p = worst.get(n + 1);
      inner.append(h("div", { class: p ? p.severity : "" }, String(n + 1)));
      if (!p) { code.append(h("div", {}, line || " ")); return; }
      const chars = [...line];
      const [from, to] = [p.column - 1, Math.max(p.end_column - 1, p.column)];
      code.append(h("div", { class: `line ${p.severity}` }, chars.slice(0, from).join(""), h("u", {}, chars.slice(from, to).join("") || " "), chars.slice(to).join("")));
    });
    gutter.replaceChildren(inner);
    backdrop.replaceChildren(code);
    follow();
    into(list, problems.map((p) => h("li", { class: p.severity, key: `${p.line}:${p.column}:${p.message}` },
      h("button", { type: "button", onclick: () => go(p) }, h("b", {}, `line ${p.line}`), h("span", { dir: "auto" }, p.message)),
      p.help && h("p", { class: "dim", dir: "auto" }, p.help))));
    into(tools,
      button("Save", save, { class: "do chief", disabled: !dirty(), title: "Ctrl+S" }),
      button("Discard", () => { area.value = saved; typed(); }, { hidden: !dirty() }),
      button("Put back", async () => { if (await page.act("file.restore", { file: name })) saved = null; }, { disabled: !known?.changed, title: "As it was when the sandbox started" }),
      known && known.text === null && badge("the file is missing", "bad"),
      h("span", { class: "dim" }, dirty() ? "Not saved. Problems are shown as you type." : known?.changed ? "Differs from how the sandbox found it." : ""));
    redraw();
  };

  const go = (p) => {
    const lines = area.value.split("\n");
    const before = lines.slice(0, p.line - 1).join("\n").length + (p.line > 1 ? 1 : 0);
    const line = [...(lines[p.line - 1] ?? "")];
    const from = before + line.slice(0, p.column - 1).join("").length;
    const to = before + line.slice(0, Math.max(p.end_column - 1, p.column - 1)).join("").length;
    area.focus();
    area.setSelectionRange(from, to);
    const height = area.scrollHeight / Math.max(lines.length, 1);
    area.scrollTop = Math.max(0, height * (p.line - 4));
  };

  let timer;
  const typed = () => {
    mark();
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const text = area.value;
      const came = await page.act("file.check", { file: name, text });
      if (came && text === area.value) { problems = came.problems; mark(); }
    }, 250);
  };
  area.addEventListener("input", typed);

  const save = async () => {
    const text = area.value;
    if (await page.act("file.save", { file: name, text })) { saved = text; mark(); }
  };
  area.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") { event.preventDefault(); save(); }
  });

  return {
    root,
    get isDirty() { return dirty(); },
    take(file) {
      if (known === file) return;
      known = file;
      const mine = dirty();
      const text = file.text ?? "";
      if (!mine) {
        if (saved !== text || area.value !== text) { const at = area.selectionStart; area.value = text; area.setSelectionRange(at, at); }
        saved = text;
        problems = file.problems;
      } else if (area.value === text) { saved = text; problems = file.problems; }
      mark();
    },
  };
}
