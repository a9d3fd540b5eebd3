// The review of one answer or of the session: every change is kept on this device and saved until it is; keys for
// the marks. The server decides what counts, and keeps what came from a stale page. A page may hold two such forms:
// an answer's marks, and the scorecard beside them.
(() => {
  const SAVE_AFTER_MS = 700;
  const SAVE_AT_LEAST_EVERY_MS = 10_000;
  const RETRY_MS = 5000;

  const form = document.getElementById("review-form");
  if (!form || "readonly" in form.dataset) return;

  const say = (region, text) =>
    document.dispatchEvent(new CustomEvent("holdout:say", { detail: { region, text } }));

  function show(state, text) {
    const node = document.getElementById("save-state");
    node.className = `save-state ${state}`;
    node.textContent = text;
  }

  // --- one form: kept on this device, and saved -----------------------------------------------------

  const isOwn = (field) => field.name && !["csrfmiddlewaretoken", "rev", "page", "changes"].includes(field.name);
  const isTouched = (field) =>
    field.type === "radio" || field.type === "checkbox" ? field.checked !== field.defaultChecked
      : field.localName === "textarea" ? field.value !== field.defaultValue : false;

  function saving(form) {
    const key = `holdout:review:${form.dataset.draft}`;
    const sender = form.querySelector("[hx-post][hidden]");
    let changes = 0;
    let sent = 0;
    let saved = 0;
    let hasFailed = false;
    let waitingSince = null;
    let timer;

    const values = () => [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");

    function keep() {
      try { localStorage.setItem(key, JSON.stringify(values())); } catch { /* full or forbidden: the server has the rest */ }
    }

    function forget() {
      try { localStorage.removeItem(key); } catch { /* as above */ }
    }

    // What this device kept goes in with the revision and the name of the page that it was typed in: if somebody saved
    // since, the server keeps it aside. What was chosen or typed before this script ran stays, and is saved like it.
    function start() {
      const touched = new Set([...form.elements].filter((field) => isOwn(field) && isTouched(field)).map(({ name }) => name));
      let kept = null;
      try { kept = JSON.parse(localStorage.getItem(key)); } catch { /* nothing kept */ }
      const content = (pairs) => JSON.stringify(pairs.filter(([name]) => !["rev", "page", "changes"].includes(name)));
      if (kept && content(kept) === content(values())) {
        forget();
        kept = null;
      }
      if (kept) {
        fill(kept, touched);
        changes = saved = Number(form.elements.changes.value);
      }
      if (kept || touched.size) changed();
    }

    function fill(kept, touched) {
      const byName = new Map();
      for (const [name, value] of kept) byName.set(name, [...(byName.get(name) ?? []), value]);
      for (const field of form.elements) {
        if (!field.name || field.name === "csrfmiddlewaretoken" || field.type === "submit" || touched.has(field.name)) continue;
        const held = byName.get(field.name) ?? [];
        if (field.type === "radio" || field.type === "checkbox") field.checked = held.includes(field.value);
        else if (held.length) field.value = held[0];
        if (field.localName === "textarea" && field.value) field.closest("details")?.setAttribute("open", "");
      }
    }

    function changed() {
      changes += 1;
      form.elements.changes.value = changes; // of two requests under way the server keeps the later one
      keep();
      waitingSince ??= performance.now();
      const isOverdue = performance.now() - waitingSince > SAVE_AT_LEAST_EVERY_MS;
      clearTimeout(timer);
      timer = setTimeout(save, isOverdue ? 0 : SAVE_AFTER_MS);
    }

    function save() {
      clearTimeout(timer);
      if (changes > saved) htmx.trigger(sender, "holdout:save");
    }

    document.addEventListener("htmx:beforeRequest", (event) => {
      if (event.target !== sender) return;
      sent = changes;
      waitingSince = null;
      show("is-saving", "Saving…");
    });
    document.addEventListener("htmx:afterRequest", (event) => {
      if (event.target !== sender) return;
      const { xhr, successful } = event.detail;
      if (successful || xhr.status === 409) {
        // Stored: in the review, or beside it.
        saved = sent;
        hasFailed = false;
        if (changes === saved) forget();
        if (!successful) say("alert", document.getElementById("save-state").textContent);
        return;
      }
      if (!hasFailed) say("alert", "Not saved. Your text is kept on this device.");
      hasFailed = true;
      if (xhr.status === 422) return;
      show("is-failed", "Not saved – kept on this device");
      if (xhr.status !== 401) timer = setTimeout(save, RETRY_MS);
    });
    // The buttons send the form themselves: what they send needs no second save.
    form.addEventListener("submit", () => clearTimeout(timer));

    return { form, start, changed, save, isClean: () => changes <= saved };
  }

  const parts = [...document.querySelectorAll("form[data-draft]")].map(saving);
  const partOf = (field) => parts.find((part) => part.form === field.form);
  const saveAll = () => parts.forEach((part) => part.save());

  document.addEventListener("input", ({ target }) => partOf(target)?.changed());
  document.addEventListener("focusout", ({ target }) => partOf(target)?.save());
  window.addEventListener("online", saveAll);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") saveAll();
  });

  // A button of one form leaves the page: what the other holds is saved first, or stays on this device.
  let isLeaving = false;
  form.addEventListener("submit", (event) => {
    const other = parts.find((part) => part.form !== form && !part.isClean());
    if (!other || isLeaving) return;
    event.preventDefault();
    isLeaving = true;
    const { submitter } = event;
    document.addEventListener("htmx:afterRequest", () => form.requestSubmit(submitter), { once: true });
    other.save();
  });

  // --- keys ---------------------------------------------------------------------------------------

  // The row that somebody last marked or went to: it takes the words that are selected in the answer.
  let row = null;
  let isMoving = false; // the focus goes on by itself, which chooses no row
  form.addEventListener("focusin", ({ target }) => {
    if (!isMoving) row = target.closest("fieldset") ?? row;
  });
  form.addEventListener("change", ({ target }) => { row = target.closest("fieldset") ?? row; });

  const nameOf = (field) => field.closest("fieldset").querySelector("legend").textContent.trim();
  const radiosOf = (form) => [...form.elements].filter((field) => field.type === "radio");

  // On a radio of a rubric point or a scorecard row: the number chooses, and the focus goes on to the next row, which
  // is said aloud.
  form.addEventListener("keydown", (event) => {
    const { target } = event;
    if (target.type !== "radio" || event.altKey || event.ctrlKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
    const radios = radiosOf(target.form);
    const choice = radios.filter((radio) => radio.name === target.name)[Number(event.key) - 1];
    if (!choice) return;
    event.preventDefault();
    choice.click();
    const following = radios[radios.findLastIndex((radio) => radio.name === target.name) + 1];
    const marked = `Marked: ${choice.closest("label").querySelector("span").textContent.trim()}.`;
    row = choice.closest("fieldset");
    if (!following) return say("status", `${marked} This was the last row.`);
    const group = radios.filter((radio) => radio.name === following.name);
    isMoving = true;
    (group.find((radio) => radio.checked) ?? group[0]).focus();
    isMoving = false;
    say("status", `${marked} Next: ${nameOf(following)}`);
  });

  const press = (selector) => form.querySelector(selector)?.click();

  function goToUnmarked() {
    const radios = radiosOf(form).filter((radio) => !radio.matches(":disabled"));
    const unmarked = radios.find(({ name }) => !radios.some((radio) => radio.name === name && radio.checked));
    if (unmarked) unmarked.focus();
    else say("status", "Every row has a mark.");
  }

  function addQuote(row, words) {
    const field = row?.querySelector("[name^='quote-']");
    if (!field) return false;
    field.closest("details").open = true;
    field.value = [field.value, words].filter(Boolean).join(" … ").slice(0, field.maxLength);
    partOf(field)?.changed();
    say("status", `Quoted for: ${nameOf(field)}`);
    return true;
  }

  function quote() {
    const selection = getSelection();
    const words = selection.toString().trim();
    const isOfAnswer = selection.anchorNode?.parentElement?.closest(".paragraph");
    const takesQuote = row?.querySelector("[name^='quote-']") ? row : form.querySelector("fieldset:has([name^='quote-'])");
    if (!words || !isOfAnswer || !addQuote(takesQuote, words)) say("status", "Select some words in the answer first.");
  }

  // A quote collected from an answer goes to the row of the scorecard that was marked or visited last.
  document.addEventListener("click", ({ target }) => {
    const evidence = target.closest?.("[data-evidence]");
    if (!evidence) return;
    const rows = [...form.querySelectorAll("fieldset.scorecard")];
    addQuote(rows.includes(row) ? row : rows[0], evidence.dataset.evidence);
  });

  // By what a key types, never by Alt and a letter: on a Mac that types, too. The letters work once their list was read.
  const keys = document.getElementById("review-keys");
  let isListRead = false;
  keys?.addEventListener("toggle", () => { isListRead = true; });

  const letters = {
    n: () => press("[data-go='next']"),
    p: () => press("[data-go='back']"),
    m: goToUnmarked,
    q: quote,
  };

  document.addEventListener("keydown", (event) => {
    const { key, target, altKey, ctrlKey, metaKey } = event;
    if ("noShortcuts" in form.dataset || altKey || event.repeat || event.isComposing) return;
    if (key === "Enter" && ctrlKey !== metaKey) {
      event.preventDefault();
      return letters.n();
    }
    const takesText = target.isContentEditable || target.matches("textarea, select, input:not([type='radio'], [type='checkbox'])");
    if (ctrlKey || metaKey || takesText) return;
    if (key === "?") return keys?.togglePopover();
    const letter = letters[key.toLowerCase()];
    if (!isListRead || !letter) return;
    event.preventDefault();
    letter();
  });

  // Where there is room the scorecard is open beside the answers; what a coach chooses holds from answer to answer.
  const scorecard = document.getElementById("scorecard");
  if (scorecard) {
    let chosen = null;
    try { chosen = sessionStorage.getItem("holdout:scorecard"); } catch { /* forbidden: nothing is remembered */ }
    scorecard.open = chosen ? chosen === "open" : matchMedia("(min-width: 62rem)").matches;
    scorecard.addEventListener("toggle", () => {
      try { sessionStorage.setItem("holdout:scorecard", scorecard.open ? "open" : "closed"); } catch { /* as above */ }
    });
  }

  parts.forEach((part) => part.start());
  // htmx listens only when the page has been read: what a slow page could not save by then goes now.
  window.addEventListener("load", saveAll);
})();
