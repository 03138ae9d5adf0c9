// The guild: channels, threads and direct messages of a person, and the channel they look at.

import { h, into, icon } from "./dom.js";
import { avatar, body, onlyYou } from "./message.js";
import { composer } from "./composer.js";
import { dialog } from "./dialog.js";

const HASH = "M10.100 3a1 1 0 0 1 .8 1.200L10.500 7h4l.5-3.200a1 1 0 1 1 2 .4L16.500 7H20a1 1 0 0 1 0 2h-3.800l-.9 6H19a1 1 0 0 1 0 2h-4l-.5 3.200a1 1 0 1 1-2-.4L13 17H9l-.5 3.200a1 1 0 1 1-2-.4L7 17H4a1 1 0 0 1 0-2h3.300l.9-6H5a1 1 0 0 1 0-2h3.500L9 3.800A1 1 0 0 1 10.100 3Zm.1 6-.9 6h4l.9-6h-4Z";
const LOCK = "M12 2a5 5 0 0 1 5 5v3h.500A2.500 2.500 0 0 1 20 12.500v7a2.500 2.500 0 0 1-2.500 2.500h-11A2.500 2.500 0 0 1 4 19.500v-7A2.500 2.500 0 0 1 6.500 10H7V7a5 5 0 0 1 5-5Zm0 2a3 3 0 0 0-3 3v3h6V7a3 3 0 0 0-3-3Z";
const THREAD = "M6 3h12a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3h-5l-4.300 3.600A1 1 0 0 1 7 19.800V17H6a3 3 0 0 1-3-3V6a3 3 0 0 1 3-3Zm1.500 4.500a1 1 0 0 0 0 2h9a1 1 0 1 0 0-2h-9Zm0 3.500a1 1 0 1 0 0 2h5a1 1 0 1 0 0-2h-5Z";
const LIST = "M4 6a1 1 0 0 1 1-1h14a1 1 0 1 1 0 2H5a1 1 0 0 1-1-1Zm0 6a1 1 0 0 1 1-1h14a1 1 0 1 1 0 2H5a1 1 0 0 1-1-1Zm1 5a1 1 0 1 0 0 2h14a1 1 0 1 0 0-2H5Z";

const GROUP_MS = 7 * 60 * 1000;

export const part = {
  id: "guild",
  title: "Guild",
  topics: ["guild"],
  mount(root, page) {
    const at = { low: true, channel: {}, listed: false, open: null, marks: new Map(), dismissed: new Set(), told: new Map(), state: null };
    const list = h("nav", { class: "channels", "aria-label": "Channels" });
    const head = h("div", { class: "top" });
    const scroll = h("div", { class: "messages", role: "log", "aria-label": "Messages", tabindex: "0" });
    const foot = h("div", { class: "base" });
    into(root, h("div", { class: "discord", "data-own": "guild" }));
    const frame = root.firstChild;
    frame.append(list, h("div", { class: "channel" }, head, scroll, foot));
    const compose = composer(foot, page);
    // A picture that comes late must not push away what was at the foot.
    scroll.addEventListener("scroll", () => { at.low = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80; }, { passive: true });
    scroll.addEventListener("load", () => { if (at.low) scroll.scrollTop = scroll.scrollHeight; }, true);
    const draw = () => at.state && render({ at, page, frame, list, head, scroll, compose, draw });
    return (_, state) => {
      // Where the story is, the news are.
      if (page.following()) at.channel[state.as] = newest(state)?.id ?? at.channel[state.as];
      at.state = state;
      dialog(state, page);
      draw();
    };
  },
};

function newest(state) {
  const last = (channel) => channel.messages.at(-1)?.edited ?? channel.messages.at(-1)?.at ?? 0;
  return state.channels.filter((channel) => channel.messages.length).sort((a, b) => last(b) - last(a))[0];
}

const bySnowflake = (a, b) => (a.id.length - b.id.length) || (a.id < b.id ? -1 : 1);

function chosen(at, state) {
  const shown = state.channels.filter((channel) => channel.kind !== "category");
  return shown.find((channel) => channel.id === at.channel[state.as]) ?? shown.find((channel) => channel.name === "store") ?? shown[0] ?? null;
}

function render(to) {
  const { at, page, frame, list, head, scroll, compose, draw } = to;
  const { state } = at;
  const channel = chosen(at, state);
  const open = (id) => {
    at.channel[state.as] = id;
    at.listed = false;
    draw();
    scroll.scrollTop = scroll.scrollHeight;
  };
  frame.toggleAttribute("data-listed", at.listed);
  into(list, ...channels(state, channel, open, page));
  into(head, ...heading(state, channel, () => { at.listed = !at.listed; draw(); }));
  const moved = scroll.dataset.channel !== `${state.as}/${channel?.id}`;
  const low = moved || at.low;
  const held = heldBy(scroll);
  const [first, below] = [scroll.querySelector(".message")?.dataset.key, scroll.scrollHeight - scroll.scrollTop];
  into(scroll, ...messages(to, channel, open));
  if (low) { at.low = true; scroll.scrollTop = scroll.scrollHeight; }
  // What came above must not push away what somebody reads.
  else if (first !== scroll.querySelector(".message")?.dataset.key) scroll.scrollTop = scroll.scrollHeight - below;
  scroll.dataset.channel = `${state.as}/${channel?.id}`;
  keepFocus(scroll, held);
  compose(channel && !channel.locked ? channel : null, state);
  read(to, channel);
}

// What was focused may be gone after an update: then the same message's first control takes the focus, or
// the messages as a whole.
function heldBy(scroll) {
  const active = document.activeElement;
  return scroll.contains(active) && active !== scroll ? active.closest(".message")?.getAttribute("data-key") ?? "" : null;
}

function keepFocus(scroll, held) {
  if (held === null || (document.activeElement && document.activeElement !== document.body)) return;
  const message = held && scroll.querySelector(`[data-key="${held}"]`);
  ((message && (message.querySelector("button.press, button.select") ?? message)) || scroll).focus({ preventScroll: true });
}

// What somebody looks at is read; that is the server's to know, so that every tab agrees.
function read({ at, page }, channel) {
  const last = channel?.messages.at(-1);
  if (!last || !channel.unread || document.hidden) return;
  const key = `${at.state.as}/${channel.id}`;
  if (at.told.get(key) === last.id) return;
  at.told.set(key, last.id);
  page.act("guild.read", { as: at.state.as, channel: channel.id, message: last.id });
}

function channels(state, channel, open, page) {
  const texts = state.channels.filter((c) => c.kind === "text").sort(bySnowflake);
  const threads = state.channels.filter((c) => c.kind === "thread").sort(bySnowflake).reverse();
  const directs = state.channels.filter((c) => c.kind === "direct");
  const entry = (c) => {
    const loud = c.kind === "direct" || c.kind === "thread";
    const name = c.kind === "direct" ? "NebulaLinks" : c.name;
    const news = c.unread > 0 && c.id !== channel?.id;
    return h("button", {
      type: "button", key: c.id, class: ["place", c.kind, news && "unread", c.archived && "archived"].filter(Boolean).join(" "),
      "aria-current": c.id === channel?.id ? "page" : null, onclick: () => open(c.id),
    }, c.kind === "direct" ? avatar(name, true) : icon(c.kind === "thread" ? THREAD : c.closed ? LOCK : HASH),
    h("span", { class: "name", dir: "auto" }, name),
    news && (loud ? h("span", { class: "news" }, String(c.unread), h("span", { class: "hidden" }, " unread")) : h("span", { class: "hidden" }, "unread")));
  };
  const below = (c) => threads.filter((thread) => thread.parent === c.id && (!thread.archived || thread.id === channel?.id)).slice(0, 30).map(entry);
  const me = state.people.find((person) => person.id === state.as);
  return [
    h("div", { class: "server", key: "server" }, h("b", {}, "NebulaLinks"), h("small", { class: "dim" }, state.in_guild ? "test guild" : "not a member")),
    h("div", { class: "places", key: "places" },
      directs.length > 0 && [h("h3", {}, "Direct messages"), directs.map(entry)],
      texts.some((c) => !c.closed) && [h("h3", {}, "Shop"), texts.filter((c) => !c.closed).map((c) => [entry(c), below(c)])],
      texts.some((c) => c.closed) && [h("h3", {}, "Staff"), texts.filter((c) => c.closed).map((c) => [entry(c), below(c)])]),
    h("div", { class: "me", key: "me" }, avatar(state.name), h("span", {}, h("b", {}, state.name), h("small", { class: "dim" }, me?.part)),
      h("span", { class: "mine" },
        toggle("Takes direct messages", "DMs", state.dms_open, () => page.act("guild.dms", { as: state.as, open: !state.dms_open })),
        toggle("Is a member of the server", "Member", state.in_guild, () => page.act("guild.member", { as: state.as, joined: !state.in_guild })))),
  ];
}

function toggle(title, label, on, does) {
  return h("button", { type: "button", class: "toggle", role: "switch", "aria-checked": String(on), title, "aria-label": title, onclick: does }, label);
}

function heading(state, channel, lists) {
  const loud = state.channels.filter((c) => c.id !== channel?.id && c.kind !== "text");
  const news = loud.reduce((sum, c) => sum + c.unread, 0);
  const name = channel && (channel.kind === "direct" ? "NebulaLinks" : channel.name);
  return [
    h("button", { type: "button", class: "round lists", "aria-label": news ? `Channels, ${news} unread` : "Channels", onclick: lists }, icon(LIST), news > 0 && h("span", { class: "news" }, String(news))),
    channel && (channel.kind === "direct" ? avatar(name, true) : icon(channel.kind === "thread" ? THREAD : channel.closed ? LOCK : HASH)),
    h("h2", { dir: "auto" }, name ?? "Nothing to see"),
    channel?.kind === "thread" && h("small", { class: "dim" }, channel.archived ? "archived thread" : channel.closed ? "private thread" : "thread"),
    channel?.closed && channel.kind === "text" && h("small", { class: "dim" }, "staff only"),
    channel?.topic && h("small", { class: "dim topic", dir: "auto" }, channel.topic),
  ];
}

function contextOf(to, channel, open) {
  const { at, page, draw, scroll } = to;
  const { state } = at;
  const users = new Map(state.users.map((user) => [user.id, user]));
  return {
    locale: state.locale, now: () => Date.now() + state.ahead, user: (id) => users.get(id)?.name ?? "unknown", users,
    role: (id) => state.roles.find((role) => role.id === id)?.name ?? "unknown",
    channel: (id) => state.channels.find((c) => c.id === id)?.name ?? "unknown", open,
    file: page.file,
    waits: (message, id) => state.clicks.some((click) => click.stage === "waiting" && click.message === message && click.custom_id === id),
    failed: (message) => state.clicks.some((click) => click.stage === "failed" && click.message === message),
    press: (message, id, values) => page.act("guild.press", { as: state.as, message: message.id, custom_id: id, values }),
    opened: () => at.open,
    unfold: (key, back) => {
      at.open = key;
      draw();
      if (key) {
        const fold = scroll.querySelector(`[data-select="${CSS.escape(key)}"]`);
        const list = fold?.parentElement.querySelector(".list");
        list?.scrollIntoView({ block: "nearest" });
        (list?.querySelector("[aria-selected=true]") ?? list?.querySelector("[role=option]"))?.focus();
      } else if (back) scroll.querySelector(`[data-select="${CSS.escape(back)}"]`)?.focus();
    },
    marked: (key) => at.marks.get(key), mark: (key, values) => { at.marks.set(key, values); draw(); },
  };
}

function messages(to, channel, open) {
  const { at, page, draw } = to;
  const { state } = at;
  if (!channel) return [h("p", { class: "starting" }, `${state.name} is not in this server, and nobody wrote to them.`)];
  const context = contextOf(to, channel, open);
  const shown = channel.messages.filter((message) => !at.dismissed.has(message.id));
  const rows = shown.map((message, n) => {
    const before = shown[n - 1];
    const joined = before && before.author === message.author && message.at - before.at < GROUP_MS && !message.command && before.only === message.only;
    return row(message, joined, context, () => { at.dismissed.add(message.id); draw(); });
  });
  const silent = state.clicks.filter((click) => click.channel === channel.id && !click.message);
  return [
    channel.older ? h("div", { class: "begin", key: "older" }, h("button", { type: "button", class: "press secondary", onclick: () => { at.low = false; page.act("guild.older", { as: state.as, channel: channel.id }); } }, "Older messages"))
      : h("div", { class: "begin", key: "begin" }, h("p", { class: "dim" }, h("bdi", {}, channel.kind === "direct" ? "This is the beginning of your direct messages." : `This is the beginning of #${channel.name}.`))),
    ...rows,
    ...silent.map((click) => h("article", { class: "message", key: `click-${click.id}` },
      h("p", { class: "invoked" }, h("b", {}, state.name), " used ", h("span", { class: "mention" }, `/${click.command}`)),
      click.stage === "failed" ? h("p", { class: "failed" }, "The application did not respond") : h("p", { class: "thinking" }, "Sending command …"))),
  ];
}

function row(message, joined, context, dismiss) {
  const user = context.users.get(message.author);
  const when = new Date(message.at);
  const stamp = when.toLocaleString(context.locale, { dateStyle: "short", timeStyle: "short" });
  return h("article", { class: ["message", joined && "joined", message.only && "private"].filter(Boolean).join(" "), key: message.id, tabindex: "-1" },
    message.command && h("p", { class: "invoked" }, avatar(context.user(message.command.user)), h("b", {}, context.user(message.command.user)), " used ",
      h("span", { class: "mention" }, `/${message.command.name}`)),
    !joined && h("div", { class: "author" }, avatar(user?.name ?? "?", user?.bot),
      h("b", { class: user?.role ? `role-${user.role}` : null }, user?.name ?? "unknown"), user?.bot && h("span", { class: "app" }, "APP"),
      h("time", { datetime: when.toISOString(), title: when.toLocaleString(context.locale) }, stamp)),
    h("div", { class: "body" }, body(message, context),
      message.edited && message.content && h("small", { class: "dim" }, "(edited)"),
      context.failed(message.id) && h("p", { class: "failed", role: "alert" }, "This interaction failed"),
      message.only && !message.thinking && onlyYou(message, dismiss)));
}
