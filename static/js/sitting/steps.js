// Steps are put in order by dragging their handles, too; their buttons do the same (answer.js).
(() => {
  let held = null; // the row, and what stood behind it

  function place(clientY) {
    const { row } = held;
    const below = [...row.parentElement.children].find((other) => {
      const { top, height } = other.getBoundingClientRect();
      return other !== row && clientY < top + height / 2;
    });
    if (below === (row.nextElementSibling ?? undefined)) return;
    if (below) below.before(row);
    else row.parentElement.append(row);
  }

  function letGo() {
    if (!held) return;
    const { row, next } = held;
    held = null;
    row.classList.remove("is-moved");
    if (row.nextElementSibling !== next) document.dispatchEvent(new CustomEvent("holdout:step-moved", { detail: row }));
  }

  document.addEventListener("pointerdown", (event) => {
    const row = event.target.closest?.(".step-handle")?.closest(".step");
    if (!row || event.button || !event.isPrimary || row.querySelector("button").inert) return;
    event.preventDefault(); // no text is selected
    held = { row, next: row.nextElementSibling };
    row.classList.add("is-moved");
  });
  document.addEventListener("pointermove", ({ clientY }) => { if (held) place(clientY); });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, letGo);
})();
