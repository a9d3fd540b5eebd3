// SQLite in WebAssembly (sql.js): one engine for the page's worker and for the process that scores.

const MOST_ROWS = 1000;
const MOST_CHARACTERS = 500_000;
const MOST_BYTES = 64 * 2 ** 20;

// The addresses of sql-wasm.js and sql-wasm.wasm. The first is a script of the old kind, which hands itself over
// through `module.exports` and takes `module` away.
export async function load({ script, wasm }) {
  globalThis.module = { exports: {} };
  globalThis.exports = globalThis.module.exports;
  await import(script);
  const wasmBinary = await (await fetch(wasm)).arrayBuffer();
  const SQL = await globalThis.module.exports({ wasmBinary });
  delete globalThis.module;
  delete globalThis.exports;
  return { run: (state, query) => run(SQL, state, query) };
}

// `state`: {script, is_reversed}. Gives {columns, rows} or {error, is_script}; never throws for what the SQL did.
function run(SQL, { script, is_reversed: isReversed }, query) {
  const database = new SQL.Database();
  let isScript = true;
  try {
    database.run(`PRAGMA hard_heap_limit = ${MOST_BYTES}`);
    database.run(script);
    isScript = false;
    database.run("PRAGMA query_only = ON");
    if (isReversed) database.run("PRAGMA reverse_unordered_selects = ON");
    return rowsOf(database, query);
  } catch (error) {
    return { error: error.message, is_script: isScript };
  } finally {
    database.close();
  }
}

class Refused extends Error {}

function rowsOf(database, query) {
  let result = null;
  let size = 0;
  for (const statement of database.iterateStatements(query)) {
    if (result) throw new Refused("one statement");
    const columns = statement.getColumnNames();
    if (!columns.length) throw new Refused("no columns");
    const rows = [];
    while (statement.step()) {
      const row = statement.get(null, { useBigInt: true }).map(cell);
      size += row.reduce((sum, value) => sum + (value?.blob ?? value?.integer ?? value)?.length || 8, 0);
      rows.push(row);
      if (rows.length > MOST_ROWS) throw new Refused("too many rows");
      if (size > MOST_CHARACTERS) throw new Refused("too large");
    }
    result = { columns, rows };
  }
  if (!result) throw new Refused("no statement");
  return result;
}

// null, a text or a number as they are; the others marked: {integer: "…"}, {real: "Infinity"}, {blob: hex}.
function cell(value) {
  if (value instanceof Uint8Array) {
    if (2 * value.length > MOST_CHARACTERS) throw new Refused("too large");
    return { blob: Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("") };
  }
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : { integer: String(value) };
  if (typeof value === "number" && !Number.isFinite(value)) return { real: String(value) };
  return value;
}
