import { h, into } from "./dom.js";

export const part = {
  id: "clock",
  title: "Clock",
  topics: ["clock", "processes"],
  mount(root) {
    return (topic, state) => into(root, h("pre", {}, JSON.stringify(state, null, 2)));
  },
};
