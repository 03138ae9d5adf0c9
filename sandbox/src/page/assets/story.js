import { h, into } from "./dom.js";

export const part = {
  id: "story",
  title: "Story",
  topics: ["story"],
  mount(root) {
    return (topic, state) => into(root, state && h("p", {}, state.caption));
  },
};
