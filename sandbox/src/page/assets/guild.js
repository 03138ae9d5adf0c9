import { h, into } from "./dom.js";

export const part = {
  id: "guild",
  title: "Guild",
  topics: ["guild"],
  mount(root, page) {
    return (topic, state) => into(root, h("pre", {}, JSON.stringify(state, null, 2)));
  },
};
