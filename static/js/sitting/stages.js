// The clock of each stage of a design: time spent against suggested. The server knows what each stage has taken and
// which one is at work (models/stages.py); the page counts on from there, and tells by a field when another is begun.
(() => {
  const TICK_MS = 500;

  let fieldset = null;
  let stages = []; // { node, clock, spentMs, suggestedMs }
  let current = 0;
  let since = 0;

  function clockText(ms) {
    const seconds = Math.floor(ms / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  function read() {
    const found = document.querySelector("[data-stage-clocks]");
    if (found === fieldset) return;
    fieldset = found;
    if (!found) return;
    const told = JSON.parse(found.dataset.stageClocks);
    current = told.stage;
    since = performance.now();
    stages = [...found.querySelectorAll(".stage")].map((node, place) => {
      const clock = node.querySelector(".stage-minutes");
      const suggestedMs = told.suggested_ms[place]; // with the extra time
      return { node, clock, words: `about ${Math.round(suggestedMs / 60_000)} min`, spentMs: told.spent_ms[place], suggestedMs };
    });
    show();
  }

  // At a pause, a time-out or a hand-in another screen takes the place of this one: what is shown here runs.
  const spent = (place) => stages[place].spentMs + (place === current ? performance.now() - since : 0);

  function show() {
    for (const [place, { node, clock, words, suggestedMs }] of stages.entries()) {
      const ms = spent(place);
      const isOver = ms > suggestedMs;
      const text = ms < 1000 ? words : `${clockText(ms)} of ${words}${isOver ? ", over" : ""}`;
      if (clock.textContent !== text) clock.textContent = text;
      clock.classList.toggle("is-over", isOver);
      node.classList.toggle("is-current", place === current);
    }
  }

  function begin(place) {
    if (place === current || place < 0) return;
    stages[current].spentMs = spent(current);
    current = place;
    since = performance.now();
    fieldset.querySelector("[name='stage']").value = place;
    document.dispatchEvent(new CustomEvent("holdout:stage")); // static/js/sitting/answer.js
    show();
  }

  document.addEventListener("focusin", ({ target }) => {
    const node = fieldset?.contains(target) && target.closest(".stage");
    if (node && !target.readOnly) begin(stages.findIndex((stage) => stage.node === node));
  });
  document.addEventListener("htmx:afterSettle", read);
  setInterval(() => { if (fieldset?.isConnected) show(); }, TICK_MS);
  read();
})();
