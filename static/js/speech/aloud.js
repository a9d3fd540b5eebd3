// The question read aloud, by a voice of this device alone: others send the text away. Where there is none, or it fails, the
// button is hidden; the text is always there.
(() => {
  const speech = window.speechSynthesis;
  const button = () => document.querySelector("[data-aloud]");
  let readFor = null; // the prompt that was read at once

  function voice() {
    const own = speech.getVoices().filter((one) => one.localService && /^en\b/i.test(one.lang));
    return own.find((one) => one.lang === document.documentElement.lang) ?? own[0];
  }

  // What nobody reads aloud is left out: code, and the second spelling of a formula.
  function words(prompt) {
    const copy = prompt.cloneNode(true);
    for (const part of copy.querySelectorAll("pre, annotation, .katex-html")) part.remove();
    const title = document.getElementById("question-title");
    const isTitle = title?.contains(prompt); // a follow-up is nothing but what it asks
    return `${isTitle || !title ? "" : `${title.textContent}. `}${copy.textContent}`.replace(/\s+/g, " ").trim();
  }

  function read() {
    const pressed = button();
    const prompt = document.getElementById(pressed?.dataset.aloud);
    if (!prompt || !voice()) return;
    speech.cancel();
    const said = new SpeechSynthesisUtterance(words(prompt));
    said.voice = voice();
    said.lang = said.voice.lang;
    said.addEventListener("error", ({ error }) => {
      // Stopped by us, or a browser that wants a press first.
      if (!["canceled", "interrupted", "not-allowed"].includes(error)) pressed.hidden = true;
    });
    speech.speak(said);
  }

  function show() {
    const shown = button();
    if ((shown?.dataset.aloud ?? null) !== readFor) speech.cancel();
    if (!shown) {
      readFor = null;
      return;
    }
    shown.hidden = !voice();
    if (shown.hidden || shown.dataset.aloud === readFor) return;
    readFor = shown.dataset.aloud;
    if ("aloudAtOnce" in shown.dataset) read();
  }

  if (!speech) return;
  document.addEventListener("click", ({ target }) => { if (target.closest?.("[data-aloud]")) read(); });
  document.addEventListener("holdout:record", () => speech.cancel()); // the microphone would hear it
  document.addEventListener("htmx:afterSettle", show);
  speech.addEventListener?.("voiceschanged", show);
  window.addEventListener("pagehide", () => speech.cancel());
  show();
})();
