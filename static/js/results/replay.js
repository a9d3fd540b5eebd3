// The replay's slider: shows one saved version of the list at a time.
(() => {
  const replay = document.getElementById("replay");
  if (!replay) return;
  const steps = [...document.querySelectorAll("[data-step]")];
  const slider = document.getElementById("replay-slider");

  function show() {
    const step = steps[slider.value - 1];
    document.getElementById("replay-place").textContent = step.dataset.step;
    document.getElementById("replay-note").textContent = step.dataset.note;
    document.getElementById("replay-text").textContent = step.querySelector("pre").textContent;
    const sketch = step.querySelector("svg")?.cloneNode(true);
    document.getElementById("replay-sketch").replaceChildren(...(sketch ? [sketch] : []));
    slider.setAttribute("aria-valuetext", `Version ${step.dataset.step}: ${step.dataset.note}`);
  }

  if (steps.length < 2) return; // nothing to slide through
  replay.hidden = false;
  document.getElementById("replay-list").open = false;
  slider.addEventListener("input", show);
  show();
})();
