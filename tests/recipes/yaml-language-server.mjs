// Asks the real yaml-language-server what an editor would: no false alarm in the shipped files, planted
// slips found, keys completed and explained. `just editor` installs it and runs this.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import assert from "node:assert/strict";

const server = spawn(process.argv[2], ["--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const waiting = new Map();
const diagnosed = new Map();
let next = 1;
let buffer = Buffer.alloc(0);

function send(message) {
  const body = JSON.stringify({ jsonrpc: "2.0", ...message });
  server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function ask(method, params) {
  const id = next++;
  send({ id, method, params });
  return new Promise((done) => waiting.set(id, done));
}

server.stdout.on("data", (bytes) => {
  buffer = Buffer.concat([buffer, bytes]);
  for (;;) {
    const head = buffer.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, head))[1]);
    if (buffer.length < head + 4 + length) return;
    const message = JSON.parse(buffer.subarray(head + 4, head + 4 + length));
    buffer = buffer.subarray(head + 4 + length);
    heard(message);
  }
});

function heard({ id, method, params, result }) {
  if (method === "textDocument/publishDiagnostics") {
    diagnosed.get(params.uri)?.(params.diagnostics);
  } else if (method === "workspace/configuration") {
    const answer = { yaml: { validate: true, hover: true, completion: true, schemaStore: { enable: false } } };
    send({ id, result: params.items.map(({ section }) => answer[section] ?? {}) });
  } else if (method && id !== undefined) {
    send({ id, result: null });
  } else if (waiting.has(id)) {
    waiting.get(id)(result);
    waiting.delete(id);
  }
}

const texts = new Map();
let version = 1;

/** What the server says of a file once it has this text. */
function shown(name, text) {
  const uri = pathToFileURL(resolve("desired", name)).href;
  const said = new Promise((done) => diagnosed.set(uri, done));
  version += 1;
  if (texts.has(name)) {
    send({ method: "textDocument/didChange", params: { textDocument: { uri, version }, contentChanges: [{ text }] } });
  } else {
    const textDocument = { uri, languageId: "yaml", version, text };
    send({ method: "textDocument/didOpen", params: { textDocument } });
  }
  texts.set(name, text);
  return said;
}

function at(name, needle, offset = 0) {
  const before = texts.get(name).slice(0, texts.get(name).indexOf(needle) + offset).split("\n");
  const position = { line: before.length - 1, character: before.at(-1).length };
  return { textDocument: { uri: pathToFileURL(resolve("desired", name)).href }, position };
}

const slips = [
  ["plans.yaml", "devices: 2", "device: 2"],
  ["plans.yaml", "devices: 2", "devices: two"],
  ["plans.yaml", "devices: 2", "devices: -1"],
  ["plans.yaml", "duration: 30d", "duration: 30"],
  ["plans.yaml", "duration: 30d", "duration: 1 month"],
  ["plans.yaml", "traffic: 50GiB", "traffic: 50gib"],
  ["plans.yaml", "traffic: 50GiB", "traffic: 50"],
  ["plans.yaml", "prices: [100.00 EGP, 2.10 USD]", "prices: []"],
  ["plans.yaml", "prices: [100.00 EGP, 2.10 USD]", "prices: [100.00]"],
  ["plans.yaml", "lifecycle: active", "lifecycle: actve"],
  ["plans.yaml", "id: basic-90", "id: Basic 90"],
  ["plans.yaml", "{labels: {tier: basic}}", "{labels: {tier: basic}, any: true}"],
  ["plans.yaml", "    traffic: 50GiB\n", ""],
  ["servers.yaml", "capacity: 200", "capacity: lots"],
  ["servers.yaml", "line: 1Gbit", "line: 1000"],
  ["servers.yaml", "gateway: http://127.0.0.1:18443", "gateway: ftp://127.0.0.1"],
  ["servers.yaml", "mode: manage", "mode: mange"],
  ["payments.yaml", "kind: manual", "kind: paypal"],
  ["payments.yaml", "proof: required", "proof: yes please"],
  ["shop.yaml", 'guild: "100000000000000001"', 'guild: "main"'],
  ["shop.yaml", "destructive_percent: 10", "destructive_percent: 110"],
  ["shop.yaml", "  id: main", "  id: main-shop"],
];

async function everything() {
  await ask("initialize", {
    processId: process.pid,
    rootUri: pathToFileURL(resolve(".")).href,
    capabilities: { workspace: { configuration: true }, textDocument: { completion: {}, hover: {} } },
  });
  send({ method: "initialized", params: {} });
  for (const name of ["plans.yaml", "servers.yaml", "payments.yaml", "shop.yaml"]) {
    assert.deepEqual(await shown(name, readFileSync(resolve("desired", name), "utf8")), [], name);
  }
  for (const [name, from, to] of slips) {
    const good = texts.get(name);
    assert(good.includes(from), from);
    const found = await shown(name, good.replace(from, to));
    assert(found.length > 0, `${name}: ${to || "nothing"} instead of ${from} was not found`);
    assert.deepEqual(await shown(name, good), [], name);
  }
  const hover = await ask("textDocument/hover", at("plans.yaml", "traffic:", 2));
  assert.match(JSON.stringify(hover.contents), /bytes/);
  const good = texts.get("plans.yaml");
  await shown("plans.yaml", good.replace("    devices: 2\n", "    dev\n"));
  const completed = await ask("textDocument/completion", at("plans.yaml", "    dev\n", 7));
  const labels = (completed.items ?? completed).map((item) => item.label);
  assert(labels.includes("devices"), labels.join(" "));
  return `4 files without an alarm, ${slips.length} slips found, a key completed and one explained`;
}

const deadline = setTimeout(() => {
  console.error("yaml-language-server did not answer within 60 s");
  process.exit(1);
}, 60_000);
everything().then(
  (said) => {
    clearTimeout(deadline);
    console.log(said);
    server.kill();
  },
  (error) => {
    console.error(error.message);
    process.exit(1);
  },
);
