// The story that plays: what happens now, who does it, and how fast it goes. While it is followed, the page
// becomes whoever acts.

import { h, into, icon } from "./dom.js";

const PAUSE = "M7 5a1 1 0 0 1 1-1h2a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V5Zm6 0a1 1 0 0 1 1-1h2a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-2a1 1 0 0 1-1-1V5Z";
const PLAY = "M7 4.500v15a1 1 0 0 0 1.500.9l12-7.500a1 1 0 0 0 0-1.700l-12-7.500A1 1 0 0 0 7 4.500Z";
const NEXT = "M5 4.500v15a1 1 0 0 0 1.500.9L16 14.200V19a1 1 0 1 0 2 0V5a1 1 0 1 0-2 0v4.800L6.500 3.700A1 1 0 0 0 5 4.500Z";
const END = "M3 5v14a1 1 0 0 0 1.500.8L11 15v4a1 1 0 0 0 1.500.8l9-7a1 1 0 0 0 0-1.600l-9-7A1 1 0 0 0 11 5v4L4.500 4.200A1 1 0 0 0 3 5Z";

const HEADS = { playing: "Story", paused: "Story, paused", done: "The story is over", failed: "The story went wrong" };

export const part = {
  id: "story",
  title: "Story",
  topics: ["story"],
  mount(root, page) {
    const at = { follows: true, closed: null, step: 0, told: null };
    const runs = () => at.told && (at.told.stage === "playing" || at.told.stage === "paused");
    page.following = () => Boolean(runs() && at.follows);
    const draw = () => into(root, ...bar(at, page, runs(), draw));
    return (_, told) => {
      const news = told && told.at !== at.step;
      at.told = told;
      at.step = told?.at ?? 0;
      if (news && at.follows && told.who && told.stage !== "done" && page.knows(told.who) && told.who !== page.person) page.be(told.who);
      draw();
    };
  },
};

function bar(at, page, runs, draw) {
  const { told } = at;
  if (!told || at.closed === told.stage) return [];
  const press = (label, path, act) => h("button", { type: "button", class: "round", title: label, "aria-label": label, onclick: () => page.act(act) }, icon(path));
  const over = {
    done: "Everything you see now is real and goes on: the clock is back at now. Be somebody above, and press something.",
    failed: told.trouble,
  }[told.stage];
  return [
    h("div", { class: `bar ${told.stage}` },
      h("div", { class: "said", "aria-live": "polite" },
        h("p", { dir: "ltr" }, h("b", {}, HEADS[told.stage], runs && h("span", { class: "dim" }, ` ${told.at}/${told.of}`)), " ", h("span", { dir: "auto" }, over ?? told.caption)),
        runs && h("p", { class: "step mono dim", dir: "ltr" }, told.step)),
      runs && h("label", { class: "follow" }, h("input", { type: "checkbox", prop: { checked: at.follows }, onchange: (event) => { at.follows = event.target.checked; draw(); } }), " Follow"),
      h("div", { class: "controls" },
        runs && [told.stage === "paused" ? press("Go on", PLAY, "story.play") : press("Pause", PAUSE, "story.pause"),
          press("Next step", NEXT, "story.next"), press("Skip to the end", END, "story.skip")],
        !runs && h("button", { type: "button", class: "round", onclick: () => { at.closed = told.stage; draw(); } }, "Close"))),
    h("div", { class: "progress", "aria-hidden": "true" }, h("i", { style: { "inline-size": `${(100 * told.at) / told.of}%` } })),
  ];
}
