// The process that runs what a candidate wrote: one task from standard input, one line of JSON a result.
// Started by sandbox.py with Deno, without any permission but to read the parts below, and that one is given back
// before the candidate's code starts. Nothing that is expected ever comes here.
import * as pythonEngine from "../../static/js/running/python.js";
import * as sqlEngine from "../../static/js/running/sql.js";

const { readFileSync, writeFileSync, stdin, stdout, exit, cpuUsage } = Deno;
const permissions = Deno.permissions;
const [vendor, snapshotPath, mode] = Deno.args;
const PYODIDE = `file://${vendor}/pyodide-0.27.7/`;
const SQL = `file://${vendor}/sqljs/`;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const stringify = JSON.stringify;

function say(line) {
  const bytes = encoder.encode(`${line}\n`);
  for (let sent = 0; sent < bytes.length; ) sent += stdout.writeSync(bytes.subarray(sent));
}

function task() {
  const parts = [];
  const piece = new Uint8Array(65536);
  for (let got; (got = stdin.readSync(piece)) !== null; ) parts.push(decoder.decode(piece.slice(0, got), { stream: true }));
  return JSON.parse(parts.join("") + decoder.decode());
}

function cpuMs() {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

// The engines take this for a browser's worker, as they do in the page, and see neither Deno nor Node.
function pretendToBeABrowser() {
  for (const name of ["Deno", "process", "Buffer", "global", "Worker", "WebSocket", "EventSource"]) delete globalThis[name];
  globalThis.importScripts = () => { throw new TypeError("there are modules only"); };
  globalThis.location = new URL(PYODIDE);
}

// Before the candidate's code: nothing more is read, and nothing else writes to standard output.
function close() {
  for (const name of ["read", "net", "env", "run", "write", "ffi", "sys", "import"]) permissions.revokeSync({ name });
  for (const name of Object.keys(console)) if (typeof console[name] === "function") console[name] = () => {};
  for (const name of ["fetch", "importScripts", "location", "localStorage", "caches", "navigator"]) delete globalThis[name];
}

// `first` counts the cases of the first program that have been run before.
async function python({ packages, codes, seconds, cases, first }) {
  const snapshot = readFileSync(snapshotPath);
  const harness = decoder.decode(readFileSync(new URL("harness.py", import.meta.url)));
  const engine = await pythonEngine.load({ folder: PYODIDE, snapshot, packages, cpuMs });
  engine.prepare(harness, packages);
  close();
  return function* () {
    for (const [place, code] of codes.entries()) {
      yield engine.loadProgram(code, seconds);
      for (const kase of place ? cases : cases.slice(first)) yield engine.runCase(kase, seconds);
    }
  };
}

async function sql({ states, queries, first }) {
  const database = await sqlEngine.load({ script: `${SQL}sql-wasm.js`, wasm: `${SQL}sql-wasm.wasm` });
  close();
  const runs = queries.flatMap((query) => states.map((state) => ({ query, state })));
  return function* () {
    for (const { query, state } of runs.slice(first)) yield stringify(database.run(state, query));
  };
}

async function makeSnapshot() {
  const imports = "import ast, collections, dataclasses, functools, heapq, io, itertools, json, linecache, math, random, re, sys, traceback, types, typing";
  const engine = await pythonEngine.load({ folder: PYODIDE, isForSnapshot: true });
  engine.python.runPython(imports);
  writeFileSync(snapshotPath, engine.python.makeMemorySnapshot());
}

pretendToBeABrowser();
if (mode === "snapshot") {
  await makeSnapshot();
} else {
  let results;
  try {
    const given = task();
    results = await (given.engine === "sqlite" ? sql : python)(given);
  } catch (error) {
    say(stringify({ fault: String(error) })); // ours: nothing of the candidate's has run
    exit(4);
  }
  say(stringify({ ready: true }));
  try {
    for (const line of results()) say(line);
  } catch {
    exit(3); // the interpreter has gone: the case that did it has no line
  }
}
exit(0);
