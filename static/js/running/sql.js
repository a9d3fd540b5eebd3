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
    database.run(`PRAGMA hard_heap_limit = ${MOST_BYTES}; PRAGMA temp_store = MEMORY`);
    database.run(script);
    isScript = false;
    database.run("PRAGMA query_only = ON");
    if (isReversed) database.run("PRAGMA reverse_unordered_selects = ON");
    return rowsOf(database, readable(query));
  } catch (error) {
    return { error: error instanceof Refused ? error.message : explained(error.message, query), is_script: isScript };
  } finally {
    database.close();
  }
}

class Refused extends Error {}

function rowsOf(database, query) {
  let result = null;
  let size = 0;
  for (const statement of database.iterateStatements(query)) {
    if (result) throw new Refused("Write one statement only. There's something after the first semicolon.");
    const columns = statement.getColumnNames();
    if (!columns.length) throw new Refused("This statement returns no rows. Write one SELECT.");
    const rows = [];
    while (statement.step()) {
      const row = statement.get(null, { useBigInt: true }).map(cell);
      size += row.reduce((sum, value) => sum + (typeof value === "string" ? value.length : (value?.blob?.length ?? 8)), 0);
      rows.push(row);
      if (rows.length > MOST_ROWS) {
        throw new Refused(`Stopped: it gives more than ${MOST_ROWS.toLocaleString("en")} rows. Is a join without its condition?`);
      }
      if (size > MOST_CHARACTERS) {
        throw new Refused(`Stopped: its rows hold more than ${MOST_CHARACTERS.toLocaleString("en")} characters.`);
      }
    }
    result = { columns, rows };
  }
  if (!result) throw new Refused("There is no query to run.");
  return result;
}

// null, a text or a number as they are; the others marked: {integer: "…"}, {real: "Infinity"}, {blob: hex}.
function cell(value) {
  if (value instanceof Uint8Array) {
    return { blob: Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("") };
  }
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : { integer: String(value) };
  if (typeof value === "number" && !Number.isFinite(value)) return { real: String(value) };
  return value;
}

// --- words ---------------------------------------------------------------------------------------

// What SQLite does not have and people bring from other databases, and what it has instead.
const OTHER_DIALECTS = [
  [/::/, "a cast is CAST(value AS INTEGER)"],
  [/\bilike\b/i, "LIKE does not mind capitals"],
  [/\btop\s+\d/i, "LIMIT goes at the end"],
  [/\binterval\b/i, "a week later is date(day, '+7 days')"],
  [/\b(date_trunc|date_part|to_char|extract|year|month|datediff|date_format)\s*\(/i, "dates are texts: see strftime()"],
  [/\bnow\s*\(/i, "it is datetime('now')"],
];

function explained(message, query) {
  if (message === "out of memory") return "Stopped: it needs more memory than a query gets here.";
  if (message.includes("readonly")) return "Write one SELECT: a query here only reads.";
  const isForeign = /syntax error|unrecognized token|no such function/.test(message);
  const hint = isForeign && OTHER_DIALECTS.find(([word]) => word.test(query));
  return `SQLite says: ${message}.${hint ? ` The dialect is SQLite: ${hint[1]}.` : ""}`;
}

const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[^]*?\*\/|[\u00a0\u2007\u202f]|[\u200b-\u200d\u2060\ufeff]|[\u2018\u2019\u201a]|[\u201c\u201d\u201e]/g;

// What a copied query holds outside its strings and nobody sees: read as what was meant.
function readable(query) {
  return query.replace(TOKEN, (token) => {
    if (/^[\u00a0\u2007\u202f]/.test(token)) return " ";
    if (/^[\u200b-\u200d\u2060\ufeff]/.test(token)) return "";
    if (/^[\u2018\u2019\u201a]/.test(token)) return "'";
    if (/^[\u201c\u201d\u201e]/.test(token)) return '"';
    return token;
  });
}
