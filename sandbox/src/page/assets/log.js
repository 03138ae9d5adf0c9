import { h, into } from "./dom.js";

export const part = {
  id: "log",
  title: "Log",
  topics: ["log"],
  mount(root) {
    return (topic, state) => into(root, h("pre", {}, JSON.stringify(state, null, 2)));
  },
};
