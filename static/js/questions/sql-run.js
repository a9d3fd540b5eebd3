// "Run" beside a query: it runs in the browser, on tables made afresh, and shows its rows. The score knows nothing of
// it. SQLite (sql.js) sits in a worker that is thrown away when a query does not end.
(() => {
  const { worker: workerUrl } = document.currentScript.dataset;
  const LONGEST_MS = 5000;
  let worker = null;
  let run = 0;

  function show(output, ...nodes) {
    output.replaceChildren(...nodes);
    document.dispatchEvent(new CustomEvent("holdout:drawn"));
  }

  function element(name, text, className) {
    const node = document.createElement(name);
    if (text !== undefined) node.textContent = text;
    if (className) node.className = className;
    return node;
  }

  function problem(text) {
    const notice = element("div", undefined, "notice is-warn");
    notice.append(element("p", text));
    return notice;
  }

  function table({ columns, rows, hasMore }) {
    const box = element("div", undefined, "table-scroll");
    const result = element("table", undefined, "table is-compact");
    result.append(element("caption", `${rows.length === 1 ? "1 row" : `${rows.length} rows`}${hasMore ? ", the first of more" : ""}`));
    const head = result.createTHead().insertRow();
    for (const column of columns) {
      const cell = element("th", column);
      cell.scope = "col";
      head.append(cell);
    }
    const body = result.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      for (const { kind, text } of row) {
        const cell = line.insertCell();
        if (kind === "number") cell.className = "number";
        cell.append(kind === "null" ? element("span", "NULL", "muted") : text);
      }
    }
    box.append(result);
    return box;
  }

  function start(widget) {
    const button = widget.querySelector("[data-sql-run] button");
    const output = widget.querySelector("[data-sql-output]");
    if (!button || button.disabled) return;
    const number = ++run;
    const end = (...nodes) => {
      if (number !== run) return;
      clearTimeout(timer);
      button.disabled = false;
      show(output, ...nodes);
    };
    const giveUp = (text) => {
      worker?.terminate();
      worker = null;
      end(problem(text));
    };
    button.disabled = true;
    show(output, element("p", "Running…", "hint"));
    const timer = setTimeout(() => giveUp(`Stopped after ${LONGEST_MS / 1000} seconds. Does every join have its condition, and a recursion its end?`), LONGEST_MS);
    worker ??= new Worker(workerUrl);
    worker.onerror = () => giveUp("SQLite could not be started in this browser. Your query is scored all the same.");
    worker.onmessage = ({ data }) => {
      if (data.number === number) end(data.error ? problem(data.error) : table(data));
    };
    worker.postMessage({
      number,
      schema: widget.querySelector("[data-sql-schema]").textContent,
      query: widget.querySelector("textarea[name='answer']").value,
    });
  }

  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("[data-sql-run] button")) start(target.closest("[data-sql]"));
  });
  document.addEventListener("keydown", (event) => {
    const widget = event.target.closest?.("[data-sql]");
    if (!widget || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    start(widget);
  });
})();
