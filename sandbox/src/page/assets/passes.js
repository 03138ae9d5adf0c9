import { h, into } from "./dom.js";

export const part = {
  id: "passes",
  title: "Passes",
  topics: ["passes"],
  mount(root) {
    return (topic, state) => into(root, h("pre", {}, JSON.stringify(state, null, 2)));
  },
};
