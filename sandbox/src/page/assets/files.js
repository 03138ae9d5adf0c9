import { h, into } from "./dom.js";

export const part = {
  id: "files",
  title: "Files",
  topics: ["files"],
  mount(root) {
    return (topic, state) => into(root, h("pre", {}, JSON.stringify(state, null, 2)));
  },
};
