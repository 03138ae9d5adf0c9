// How the page behaves with 1,000 clients and 5,000 log lines: a trace of Chromium while both lists are
// scrolled and ten acts a second change what they show. What counts is the time that a task holds the
// page's thread, in ms of processor time, so that a busy machine does not count; and the first paint.
//
//   node --experimental-websocket tests/recipes/page-trace.mjs target/debug/nebulalinks-sandbox
//
// Ends with 1 where a task holds the thread for longer than LIMIT.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CLIENTS = 1000;
const LINES = 5000;
const SECONDS = 8;
const LIMIT = 100;

const [program = "target/debug/nebulalinks-sandbox", ...more] = process.argv.slice(2);
const children = [];
process.on("exit", () => children.forEach((child) => child.kill("SIGTERM")));

// Starts a program and gives what a line of its output says.
function start(file, args, says, from = "stdout") {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
    children.push(child);
    let text = "";
    child[from === "stdout" ? "stderr" : "stdout"].on("data", (more) => { text += more; });
    child[from].on("data", (more) => {
      text += more;
      const found = says.exec(text);
      if (found) resolve(found);
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${file} ended with ${code}: ${text.slice(-500)}`)));
  });
}

const [, address, panel] = await start(program, ["--fresh", "--quiet", "--page", "127.0.0.1:0", ...more],
  /The page: (\S+)[\s\S]*fra-1 +panel (\S+)[\s\S]*Try next/);
console.log(`the page is ${address}`);

async function act(name, rest) {
  const answer = await fetch(`${address}api/act`, {
    method: "POST", body: JSON.stringify({ act: name, ...rest }),
    headers: { "content-type": "application/json", origin: new URL(address).origin },
  });
  if (!answer.ok) throw new Error(`${name}: ${await answer.text()}`);
}

for (let n = 0; n < CLIENTS; n += 1) await act("panel.stranger", { panel: "fra-1", email: `client-${n}` });
for (let n = 0; n < LINES; n += 1) await fetch(`${panel}/panel/api/none/${n}`).then((answer) => answer.arrayBuffer());
console.log(`${CLIENTS} clients, ${LINES} log lines`);

// Chromium over its DevTools protocol.
const profile = mkdtempSync(join(tmpdir(), "page-trace-"));
// Chromium may still write there while it ends; what is left of it is no reason to say that the page failed.
process.on("exit", () => {
  try { rmSync(profile, { recursive: true, force: true, maxRetries: 5 }); } catch (left) { console.error(left.message); }
});
const [, socket] = await start("chromium", ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
  `--user-data-dir=${profile}`, "--window-size=1280,860", "about:blank"], /listening on (ws:\S+)/, "stderr");
const line = new WebSocket(socket);
await new Promise((resolve) => line.addEventListener("open", resolve, { once: true }));
const waiting = new Map();
const trace = [];
let traced;
let last = 0;
line.addEventListener("message", ({ data }) => {
  const said = JSON.parse(data);
  if (said.method === "Tracing.dataCollected") trace.push(...said.params.value);
  if (said.method === "Tracing.tracingComplete") traced();
  const answer = waiting.get(said.id);
  waiting.delete(said.id);
  if (answer) said.error ? answer.reject(new Error(said.error.message)) : answer.resolve(said.result);
});
const send = (method, params = {}, sessionId) => new Promise((resolve, reject) => {
  last += 1;
  waiting.set(last, { resolve, reject });
  line.send(JSON.stringify({ id: last, method, params, sessionId }));
});
const { targetId } = await send("Target.createTarget", { url: "about:blank" });
const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
const run = async (expression) => {
  const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true }, sessionId);
  if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
  return result.value;
};
const until = async (expression) => {
  for (let n = 0; n < 200; n += 1) {
    if (await run(expression)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never: ${expression}`);
};

await send("Page.enable", {}, sessionId);
await send("Page.navigate", { url: address }, sessionId);
await until("document.querySelectorAll('#beside [role=row]').length > 10");
const paint = await run("performance.getEntriesByType('paint').find((e) => e.name === 'first-contentful-paint')?.startTime");
console.log(`first paint after ${Math.round(paint)} ms`);

async function measured(tab, list) {
  await run(`document.querySelector("#tab-${tab}").click()`);
  await until(`[...document.querySelectorAll("${list}")].some((box) => box.scrollHeight > 20000)`);
  trace.length = 0;
  await send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["toplevel", "__metadata"] } });
  let goes = true;
  const churn = (async () => {
    for (let n = 0; goes; n += 1) {
      await act("panel.use", { panel: "fra-1", email: `client-${(n * 7) % CLIENTS}`, gib: 1 });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  const frames = await run(`new Promise((done) => {
    const box = [...document.querySelectorAll("${list}")].find((box) => box.scrollHeight > 20000);
    const end = performance.now() + ${SECONDS * 1000};
    let frames = 0;
    let way = 97;
    const frame = (now) => {
      frames += 1;
      if (box.scrollTop + way + box.clientHeight >= box.scrollHeight) way = -97;
      if (box.scrollTop + way <= 0) way = 97;
      box.scrollTop += way;
      now < end ? requestAnimationFrame(frame) : done(frames);
    };
    requestAnimationFrame(frame);
  })`);
  goes = false;
  await churn;
  const complete = new Promise((resolve) => { traced = resolve; });
  await send("Tracing.end");
  await complete;
  const mains = new Set(trace.filter((e) => e.name === "thread_name" && e.args.name === "CrRendererMain").map((e) => `${e.pid} ${e.tid}`));
  const tasks = trace.filter((e) => e.ph === "X" && mains.has(`${e.pid} ${e.tid}`) && /RunTask$/.test(e.name));
  const ms = tasks.map((e) => (e.tdur ?? e.dur) / 1000).sort((a, b) => a - b);
  const at = (share) => (ms[Math.min(ms.length - 1, Math.floor(ms.length * share))] ?? 0).toFixed(1);
  const over = ms.filter((one) => one > 50).length;
  const worst = ms.at(-1) ?? 0;
  console.log(`${tab}: ${frames} frames in ${SECONDS} s; ${ms.length} tasks, ${Math.round(ms.reduce((a, b) => a + b, 0))} ms of processor time; p99 ${at(0.99)} ms, longest ${worst.toFixed(1)} ms, ${over} over 50 ms`);
  if (ms.length === 0) throw new Error("the trace has no task of the page");
  return worst;
}

const worst = Math.max(await measured("panels", ".clients"), await measured("log", ".loglines"));
process.exit(worst > LIMIT ? 1 : 0);
