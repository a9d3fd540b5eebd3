// What a press does in an interview, and when it does nothing: no single press, nor the second one of a double press,
// throws work away. Shortcuts go by what a key types, never by Alt and a letter: on a Mac that types, too.
(() => {
  const FIRST_LOOK_MS = 1500;

  const panel = () => document.getElementById("interview-panel");
  const say = (text) => document.dispatchEvent(new CustomEvent("holdout:say", { detail: { region: "status", text } }));

  // --- a question that has only just appeared -----------------------------------------------------

  let shownPanel = null;
  let shownAt = 0;
  let hasBegun = false; // whoever has begun to answer has seen it: who is quick need not wait

  function look() {
    if (panel() === shownPanel) return;
    shownPanel = panel();
    shownAt = performance.now();
    hasBegun = false;
  }

  function isTooSoon() {
    look(); // a press may come before htmx says that it has settled
    return !hasBegun && performance.now() - shownAt < FIRST_LOOK_MS;
  }

  document.addEventListener("htmx:afterSettle", look);
  for (const name of ["input", "click"]) {
    document.addEventListener(name, ({ isTrusted, target }) => {
      if (isTrusted && target.closest?.(".answer")) hasBegun = true;
    });
  }

  // In the capture phase: before htmx, and before the form is sent.
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-leaves]")) return;
    const isSecond = event.detail > 1;
    if (!isSecond && !isTooSoon()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!isSecond) say("This question has only just appeared, so nothing was sent. Press again.");
  }, true);
  // A key held down is one press.
  document.addEventListener("keydown", (event) => {
    const isButton = event.target.matches?.("button, input:not([type='radio'], [type='checkbox'])");
    if (event.key === "Enter" && event.repeat && isButton && panel()?.contains(event.target)) event.preventDefault();
  }, true);

  // --- shortcuts ----------------------------------------------------------------------------------

  let isListRead = false; // the letters work once somebody has seen what they do

  const press = (selector) => panel().querySelector(selector)?.click();
  const handIn = () => press("[data-action='next'], .interview-actions .is-primary");

  const letters = {
    n: handIn,
    s: () => press("[data-action='skip']"),
    a: () => panel().querySelector(".answer textarea, .answer input:not([type='hidden']), .answer .step-move button:enabled")?.focus(),
    t: () => press("[data-action='timers']"),
    r: () => document.dispatchEvent(new CustomEvent("holdout:read-time")),
  };

  function showList() {
    isListRead = true;
    document.getElementById("shortcuts").showModal();
  }

  const takesText = (target) =>
    target.isContentEditable || target.matches("textarea, select, .code-editor, input:not([type='radio'], [type='checkbox'])");

  // On the window: an editor that runs code on Ctrl + Enter has prevented the default by then.
  window.addEventListener("keydown", (event) => {
    const { key, target, altKey, ctrlKey, metaKey } = event;
    if (!panel() || panel().hasAttribute("data-no-shortcuts") || event.defaultPrevented || event.repeat || event.isComposing || altKey) return;
    if (document.querySelector("dialog[open], [role='dialog']:popover-open")) return;
    if (key === "Enter" && ctrlKey !== metaKey) {
      event.preventDefault();
      return handIn();
    }
    if (ctrlKey || metaKey || takesText(target)) return;
    if (key === "?") return showList();
    const letter = letters[key.toLowerCase()];
    if (!isListRead || !letter) return;
    event.preventDefault();
    letter();
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("[data-action='help']")) showList();
  });
  look();
})();
