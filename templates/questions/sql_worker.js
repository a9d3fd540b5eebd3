{% load static %}// A query on a fresh database, in the browser. Served by questions/views.py with a policy of its own.
importScripts("{% static 'vendor/sqljs/sql-wasm.js' %}");

const MOST_ROWS = 200;
const LONGEST_TEXT = 1000;
const engine = initSqlJs({ locateFile: () => "{% static 'vendor/sqljs/sql-wasm.wasm' %}" });

function cell(value) {
  if (value === null) return { kind: "null" };
  if (value instanceof Uint8Array) {
    const hex = [...value.subarray(0, LONGEST_TEXT)].map((byte) => byte.toString(16).padStart(2, "0"));
    return { kind: "blob", text: `x'${hex.join("")}'` };
  }
  return { kind: typeof value === "string" ? "text" : "number", text: String(value).slice(0, LONGEST_TEXT) };
}

function run(database, query) {
  let result = null;
  for (const statement of database.iterateStatements(query)) {
    if (result) throw new Error("Write one statement: there is something after the first semicolon.");
    const rows = [];
    while (rows.length <= MOST_ROWS && statement.step()) rows.push(statement.get(null, { useBigInt: true }).map(cell));
    result = { columns: statement.getColumnNames(), rows: rows.slice(0, MOST_ROWS), hasMore: rows.length > MOST_ROWS };
  }
  if (!result) throw new Error("There is no query to run.");
  if (!result.columns.length) throw new Error("This statement gives no rows: write one SELECT.");
  return result;
}

onmessage = async ({ data: { number, schema, query } }) => {
  let database = null;
  try {
    const SQL = await engine;
    database = new SQL.Database();
    database.run(schema);
    postMessage({ number, ...run(database, query) });
  } catch (error) {
    postMessage({ number, error: error.message });
  } finally {
    database?.close();
  }
};
