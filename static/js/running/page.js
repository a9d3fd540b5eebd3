// "Run" beside a program or a query: it runs in the browser, in a worker, and shows what came of it. The score knows
// nothing of it. The worker starts loading when the question is shown, is kept for the next run, and thrown away when
// the candidate stops it or a run does not end.
(() => {
  const { python: pythonUrl, sql: sqlUrl } = document.currentScript.dataset;
  // Of a whole run, apart from loading: what ignores its own limit is ended here.
  const SQL_LONGEST_MS = 5000;
  const MORE_MS = 3000;
  const engines = {};
  let run = 0;
  let current = null; // {widget, number, timer} of the run that is going on

  function element(name, text, className) {
    const node = document.createElement(name);
    if (text !== undefined) node.textContent = text;
    if (className) node.className = className;
    return node;
  }

  // What was run and what it gave is data: a browser that translates the page leaves it alone.
  function untranslated(node) {
    node.translate = false;
    return node;
  }

  const part = (widget, name) => widget.querySelector(`[data-run-${name}]`);
  // With the hidden case that a hint has shown.
  function task(widget) {
    const given = JSON.parse(widget.dataset.runTask);
    const hinted = document.querySelector("[data-run-case]")?.dataset.runCase;
    return hinted && given.cases ? { ...given, cases: [...given.cases, hinted] } : given;
  }

  // --- workers ---------------------------------------------------------------------------------

  // One of a kind at a time; for other packages a new one.
  function engine(widget) {
    const { run: kind } = widget.dataset;
    const { packages = [] } = kind === "python" ? task(widget) : {};
    const held = engines[kind];
    if (held && packages.every((name) => held.packages.includes(name))) return held;
    held?.worker.terminate();
    const worker = new Worker(kind === "python" ? pythonUrl : sqlUrl, { type: "module" });
    const made = (engines[kind] = { worker, packages });
    worker.onmessage = ({ data }) => hear(made, data);
    worker.onerror = () => {
      drop(kind);
      if (current?.widget.dataset.run === kind) end("This browser couldn't start it. Your answer will still be scored.");
    };
    worker.postMessage({ packages });
    return made;
  }

  function drop(kind) {
    engines[kind]?.worker.terminate();
    delete engines[kind];
  }

  function hear(from, data) {
    if (data.loading) from.loading = data.loading;
    if (data.isReady) from.loading = null;
    if (!current || engines[current.widget.dataset.run] !== from) return;
    if (data.loading) return say(current.widget, loadingText(data.loading));
    if (data.number !== current.number) return;
    if (data.isRunning) {
      say(current.widget, "Running…");
      startTimer();
    }
    const output = part(current.widget, "output");
    if (data.table) output.replaceChildren(tableOrProblem(data.table));
    if (data.fault) output.append(faultCard(data.fault));
    if (data.result) {
      current.results.push(data.result);
      output.append(caseCard(data.result));
    }
    if (data.crash) {
      drop(current.widget.dataset.run);
      return end("Python ended: your code closed it, or it ran out of memory.");
    }
    if (data.isOver) end(summary(data));
  }

  const loadingText = (what) => `Loading ${what}… The first time takes a few seconds; after that it's instant.`;

  function summary(data) {
    if (data.table) return data.table.error ? "Your query did not run." : "";
    if (data.fault) return "Your code did not load.";
    const judged = current.results.filter((result) => !result.is_own);
    const passed = judged.filter((result) => result.passed).length;
    return `${passed} of ${judged.length} shown ${judged.length === 1 ? "case" : "cases"} passed.`;
  }

  // --- a run -----------------------------------------------------------------------------------

  function start(widget) {
    if (current || part(widget, "start").disabled) return;
    const { run: kind } = widget.dataset;
    const given = task(widget);
    const answer = widget.querySelector("textarea[name='answer']").value;
    const own = part(widget, "own")?.value.trim() ?? "";
    current = { widget, number: ++run, results: [], kind, cases: (given.cases?.length ?? 0) + 1, seconds: given.seconds };
    busy(widget, true);
    part(widget, "output").replaceChildren();
    const { worker, loading } = engine(widget);
    say(widget, loading ? loadingText(loading) : "Running…");
    if (kind === "sql") startTimer();
    worker.postMessage({ number: run, ...given, ...(kind === "sql" ? { query: answer } : { code: answer, own }) });
  }

  function startTimer() {
    const { kind, cases, seconds } = current;
    const longest = kind === "sql" ? SQL_LONGEST_MS : (cases + 1) * 1000 * seconds + MORE_MS;
    clearTimeout(current.timer);
    current.timer = setTimeout(() => stop(`Stopped after ${Math.round(longest / 1000)} seconds.`), longest);
  }

  function stop(text = "Stopped.") {
    if (!current) return;
    const { widget, kind } = current;
    drop(kind);
    end(text);
    if (widget.isConnected) engine(widget); // the next run need not wait for it
  }

  function end(text) {
    const { widget, timer } = current;
    clearTimeout(timer);
    current = null;
    busy(widget, false);
    say(widget, text);
    document.dispatchEvent(new CustomEvent("holdout:drawn"));
  }

  function busy(widget, isBusy) {
    const [startButton, stopButton] = [part(widget, "start"), part(widget, "stop")];
    const wasFocused = document.activeElement === startButton || document.activeElement === stopButton;
    startButton.disabled = isBusy;
    stopButton.hidden = !isBusy;
    if (wasFocused) (isBusy ? stopButton : startButton).focus();
  }

  const say = (widget, text) => { part(widget, "state").textContent = text; };

  // --- what is shown ---------------------------------------------------------------------------

  function block(title, text, className = "") {
    const box = element("div", undefined, "case-part");
    box.append(element("span", title, "small muted"), untranslated(element("pre", text, className)));
    return box;
  }

  function caseCard(result) {
    const card = element("div", undefined, "case");
    const head = element("p");
    const words = result.is_own ? (result.got === undefined ? result.said : "Ran") : result.passed ? "Passed" : "Failed";
    const tone = result.passed ? "is-ok" : "is-weak";
    head.append(element("span", words, `pill ${tone}`), " ", element("strong", result.name));
    if (!result.passed && !result.is_own) head.append(` ${result.said}`);
    card.append(head);
    if (!result.passed || result.is_own) {
      card.append(block("Run", result.asked));
      if (result.expected) card.append(block("Expected", result.expected));
      if (result.got !== undefined) card.append(block("Got", result.got));
    }
    if (result.printed) card.append(block("Printed", result.printed));
    if (result.traceback) card.append(block("Traceback", result.traceback));
    return card;
  }

  function faultCard(fault) {
    const card = element("div", undefined, "notice is-warn");
    card.append(element("p", fault.said));
    if (fault.printed) card.append(block("Printed", fault.printed));
    if (fault.traceback) card.append(block("Traceback", fault.traceback));
    return card;
  }

  function tableOrProblem(found) {
    if (!found.error) return table(found);
    const notice = element("div", undefined, "notice is-warn");
    notice.append(element("p", found.error));
    return notice;
  }

  function table({ columns, rows }) {
    const box = element("div", undefined, "table-scroll");
    const result = element("table", undefined, "table is-compact");
    result.append(element("caption", `${rows.length} row${rows.length === 1 ? "" : "s"}`));
    const head = untranslated(result.createTHead()).insertRow();
    for (const column of columns) {
      const cell = element("th", column);
      cell.scope = "col";
      head.append(cell);
    }
    const body = untranslated(result.createTBody());
    for (const row of rows.slice(0, 200)) {
      const line = body.insertRow();
      for (const value of row) {
        const cell = line.insertCell();
        const isNumber = typeof value === "number" || value?.integer || value?.real;
        if (isNumber) cell.className = "number";
        cell.append(value === null ? element("span", "NULL", "muted") : cellText(value));
      }
    }
    box.append(result);
    return box;
  }

  const cellText = (value) => (value.blob === undefined ? String(value.integer ?? value.real ?? value) : `x'${value.blob}'`).slice(0, 1000);

  // --- the page --------------------------------------------------------------------------------

  function shown() {
    if (current && !current.widget.isConnected) {
      drop(current.kind);
      clearTimeout(current.timer);
      current = null;
    }
    for (const widget of document.querySelectorAll("[data-run]")) if (part(widget, "start")) engine(widget);
  }

  document.addEventListener("click", ({ target }) => {
    const widget = target.closest?.("[data-run]");
    if (widget && target.closest("[data-run-start]")) start(widget);
    if (widget && target.closest("[data-run-stop]")) stop();
  });
  document.addEventListener("keydown", (event) => {
    const widget = event.target.closest?.("[data-run]");
    if (!widget || event.key !== "Enter" || !part(widget, "start")) return;
    // Alone, Enter in a field would hand the answer in.
    const isOwn = event.target.matches("[data-run-own]");
    if (!isOwn && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    start(widget);
  });
  document.addEventListener("htmx:afterSettle", shown);
  shown();
})();
