{% load static %}// A program and its shown cases, run in the browser. Served by questions/views.py with a policy of its own.
import { load } from "{% static 'js/running/python.js' %}";

const HARNESS = {{ harness|safe }};
const JUDGING = {{ judging|safe }};
const folder = new URL("{% get_static_prefix %}{{ folder }}/", self.location).href;
let engine = null;
let judging = null;

async function prepare(packages) {
  const loaded = await load({ folder, packages, says: (loading) => postMessage({ loading }) });
  loaded.prepare(HARNESS, packages);
  judging = loaded.module(JUDGING, "judging.py");
  return loaded;
}

const said = (name, ...given) => JSON.parse(judging.get(name)(...given));

// A number names the run that an answer belongs to.
onmessage = async ({ data: { number, packages, code, seconds, cases, own } }) => {
  try {
    engine ??= prepare(packages);
    const python = await engine;
    if (code === undefined) return postMessage({ isReady: true });
    postMessage({ number, isRunning: true });
    const fault = said("loading_json", python.loadProgram(code, seconds));
    if (fault) return postMessage({ number, fault, isOver: true });
    for (const kase of cases) {
      const line = python.runCase(kase, seconds);
      postMessage({ number, result: said("judged_json", kase, line) });
    }
    if (own) {
      const kase = JSON.stringify({ name: "Your own case", expression: own });
      postMessage({ number, result: said("tried_json", kase, python.runCase(kase, seconds)) });
    }
    postMessage({ number, isOver: true });
  } catch (error) {
    postMessage({ number, crash: String(error.message ?? error) });
  }
};
