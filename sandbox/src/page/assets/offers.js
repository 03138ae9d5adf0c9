// What may be meant by what somebody types in an option of a command: asked for while they type, shown above
// the line, taken with a click or with the arrow keys and Enter.

import { h } from "./dom.js";

// So long nothing more is typed before it is asked.
const PAUSE_MS = 180;

// `ask` gets an option's name and answers with `{ choices, failed }`; `draw` draws the form anew, and `field`
// finds an option's input.
export function offers({ ask, draw, field }) {
  let of = null;
  let list = null;
  let failed = false;
  let picked = {};
  let turn = 0;
  let waits = 0;

  function close() {
    turn += 1;
    clearTimeout(waits);
    list = null;
    failed = false;
    of = null;
  }

  async function look(option) {
    turn += 1;
    const mine = turn;
    const came = await ask(option.name);
    // Something else was typed meanwhile, or it was left.
    if (mine !== turn || !came) return;
    of = option.name;
    list = came.choices;
    failed = came.failed;
    draw();
  }

  function take(choice) {
    const input = field(of);
    picked[of] = choice;
    input.value = choice.name;
    close();
    draw();
    input.focus();
  }

  // The attributes of an input for which something is offered.
  function watches(option) {
    return {
      role: "combobox", "aria-autocomplete": "list", "aria-controls": "offers", "aria-expanded": of === option.name ? "true" : "false",
      oninput: () => { clearTimeout(waits); waits = setTimeout(() => look(option), PAUSE_MS); },
      onfocus: () => { if (of !== option.name) look(option); },
      onkeydown: (event) => {
        if (event.key === "ArrowDown") { event.preventDefault(); document.querySelector("#offers button")?.focus(); }
        if (event.key === "Escape" && of) { event.preventDefault(); event.stopPropagation(); close(); draw(); }
      },
    };
  }

  function within(event) {
    const all = [...event.currentTarget.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); const input = field(of); close(); draw(); input.focus(); return; }
    if (!step) return;
    event.preventDefault();
    const at = all.indexOf(document.activeElement) + step;
    if (at < 0) field(of).focus();
    else all[Math.min(at, all.length - 1)]?.focus();
  }

  return {
    watches,
    close,
    // What an option's text means: the value of the choice that was taken, else the text.
    meant: (name, text) => (picked[name]?.name === text ? picked[name].value : text),
    forget: () => { close(); picked = {}; },
    // Always one node, so that what stands after it is not made anew when it opens and closes.
    view: () => h("div", { class: "offered", hidden: !list }, list && h("div", { class: "commands", id: "offers", role: "listbox", "aria-label": "Choices", onkeydown: within },
      failed ? h("p", { class: "dim", role: "status" }, "Loading options failed")
        : list.length === 0 ? h("p", { class: "dim", role: "status" }, "No options match your search")
          : list.map((choice) => h("button", { type: "button", role: "option", "aria-selected": "false", key: choice.value, onclick: () => take(choice) },
            h("b", { dir: "auto" }, choice.name))))),
  };
}
