// The dialog in front of a person, as the server knows it: a second tab sees it, too.

import { h } from "./dom.js";

let shown = null;

export function dialog(state, page) {
  const wanted = state?.dialog ? `${state.as}/${state.dialog.id}` : null;
  if (shown?.id === wanted) return;
  shown?.element.close();
  shown?.element.remove();
  shown = null;
  if (!wanted) return;
  const element = build(state.dialog.modal, state.as, page);
  document.body.append(element);
  shown = { id: wanted, element };
  element.showModal();
}

function fields(modal) {
  return (modal.components ?? []).map((top, n) => {
    if (top.type === 10) return { text: top.content };
    const inner = top.type === 18 ? top.component : top.components?.[0];
    return { component: inner, label: top.type === 18 ? top.label : inner?.label, about: top.description, id: `field-${n}` };
  });
}

function control(field, id) {
  const of = field.component;
  const required = of.required !== false;
  const common = { id, name: of.custom_id, required, "aria-describedby": field.about ? `${id}-about` : null };
  if (of.type === 3) {
    return h("select", { ...common, dir: "auto" }, !required && h("option", { value: "" }, of.placeholder ?? ""),
      (of.options ?? []).map((option) => h("option", { value: option.value, selected: option.default }, option.label)));
  }
  if (of.type === 19) {
    const accept = (of.file_types ?? []).map((type) => (type.startsWith(".") ? type : `${type}/*`)).join(",");
    return h("input", { ...common, type: "file", multiple: (of.max_values ?? 1) > 1, accept: accept || null });
  }
  const text = { ...common, dir: "auto", minlength: of.min_length, maxlength: of.max_length ?? 4000, placeholder: of.placeholder };
  return of.style === 2
    ? h("textarea", { ...text, rows: "4" }, of.value ?? "")
    : h("input", { ...text, type: "text", value: of.value, autocomplete: "off" });
}

function build(modal, person, page) {
  const parts = fields(modal);
  const send = async (event) => {
    event.preventDefault();
    const form = event.target;
    const values = {};
    const files = [];
    for (const { component } of parts.filter((part) => part.component)) {
      const input = form.elements.namedItem(component.custom_id);
      if (component.type !== 19) { values[component.custom_id] = input.value; continue; }
      for (const file of input.files) {
        const id = await page.upload(file);
        if (id === null) return;
        files.push(id);
      }
    }
    const submit = form.querySelector("[type=submit]");
    submit.disabled = true;
    submit.setAttribute("aria-busy", "true");
    await page.act("guild.submit", { as: person, fields: values, files });
    submit.disabled = false;
    submit.removeAttribute("aria-busy");
  };
  const away = () => page.act("guild.dismiss", { as: person });
  return h("dialog", { class: "modal", "aria-labelledby": "modal-title", oncancel: (event) => { event.preventDefault(); away(); } },
    h("form", { onsubmit: send },
      h("h2", { id: "modal-title", dir: "auto" }, modal.title),
      parts.map((part) => (part.component
        ? h("p", { class: "slot" },
          h("label", { for: part.id, dir: "auto" }, part.label ?? "", part.component.required !== false && h("span", { class: "bad", "aria-hidden": "true" }, " *")),
          part.about && h("small", { id: `${part.id}-about`, class: "dim", dir: "auto" }, part.about),
          control(part, part.id))
        : h("p", { dir: "auto" }, part.text ?? ""))),
      h("p", { class: "row end" },
        h("button", { type: "button", class: "press secondary", onclick: away }, "Cancel"),
        h("button", { type: "submit", class: "press primary" }, "Submit"))));
}

