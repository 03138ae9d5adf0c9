import { h, into } from "./dom.js";

export const part = {
  id: "panels",
  title: "Panels",
  topics: ["panels"],
  mount(root) {
    return (topic, state) => into(root, h("pre", {}, JSON.stringify(state, null, 2)));
  },
};
