// Results: one question at a time below the summary. Without scripts, and in print, they stand below each other.
(() => {
  const list = document.getElementById("results");
  if (!list || list.children.length < 2) return;
  const steps = document.getElementById("result-steps");
  const cards = () => [...list.children];
  const numberOf = (card) => Number(card.id.replace("result-", ""));
  let current = numberOf(list.firstElementChild);

  function show(position, { goes = false } = {}) {
    const all = cards();
    const card = all.find((one) => numberOf(one) === position);
    if (!card) return;
    current = position;
    for (const one of all) one.classList.toggle("is-away", one !== card);
    for (const link of document.querySelectorAll("#result-strip [data-question]")) {
      link.toggleAttribute("aria-current", Number(link.dataset.question) === position);
      if (link.hasAttribute("aria-current")) link.setAttribute("aria-current", "true");
    }
    const place = all.indexOf(card);
    document.getElementById("result-place").textContent = `Question ${place + 1} of ${all.length}`;
    steps.querySelector("[data-step='-1']").disabled = place === 0;
    steps.querySelector("[data-step='1']").disabled = place === all.length - 1;
    if (!goes) return;
    history.replaceState(null, "", `#result-${position}`);
    document.getElementById("result-strip").scrollIntoView({ block: "start" });
    card.querySelector("h2")?.focus({ preventScroll: true });
  }

  function step(by) {
    const all = cards();
    const next = all[all.findIndex((one) => numberOf(one) === current) + by];
    if (next) show(numberOf(next), { goes: true });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-question]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(Number(link.dataset.question), { goes: true });
  });
  steps.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) step(Number(button.dataset.step));
  });
  // Not where an arrow has a meaning of its own: in fields, players and whatever scrolls sideways.
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, audio, video, [tabindex='0'], .code-editor")) return;
    if (event.key === "ArrowRight") step(1);
    if (event.key === "ArrowLeft") step(-1);
  });
  addEventListener("hashchange", () => {
    const asked = /^#result-(\d+)$/.exec(location.hash);
    if (asked) show(Number(asked[1]), { goes: true });
  });
  // A region that came anew, be it the strip or an answer that a worker has scored, knows nothing of this.
  document.addEventListener("htmx:afterSettle", () => show(current));
  document.addEventListener("htmx:oobAfterSwap", () => show(current));

  steps.hidden = false;
  const asked = /^#result-(\d+)$/.exec(location.hash);
  show(asked ? Number(asked[1]) : current, { goes: Boolean(asked) });
})();
