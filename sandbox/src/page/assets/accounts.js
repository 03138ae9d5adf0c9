import { h, into } from "./dom.js";

export const part = {
  id: "accounts",
  title: "Accounts",
  topics: ["accounts"],
  mount(root) {
    return (topic, state) => into(root, h("pre", {}, JSON.stringify(state, null, 2)));
  },
};
