// The field of a number: what the server read is of the text as it was saved, and another reading is one tap away.
(() => {
  document.addEventListener("input", ({ target }) => {
    if (!target.matches("input[name='answer'].is-number")) return;
    target.removeAttribute("aria-invalid");
    for (const said of target.closest(".widget").querySelectorAll(".reading > *")) said.classList.add("is-outdated");
  });
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-write]");
    if (!button) return;
    const field = button.closest(".widget").querySelector("input.is-number");
    field.value = button.dataset.write;
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
