{% load static %}// A query on a fresh database, in the browser. Served by questions/views.py with a policy of its own.
import { load } from "{% static 'js/running/sql.js' %}";

const engine = load({
  script: new URL("{% static 'vendor/sqljs/sql-wasm.js' %}", self.location).href,
  wasm: new URL("{% static 'vendor/sqljs/sql-wasm.wasm' %}", self.location).href,
});

onmessage = async ({ data: { number, script, query } }) => {
  try {
    const database = await engine;
    if (query === undefined) return postMessage({ isReady: true });
    postMessage({ number, table: database.run({ script, is_reversed: false }, query), isOver: true });
  } catch (error) {
    postMessage({ number, crash: String(error.message ?? error) });
  }
};
