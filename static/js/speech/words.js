// The words of a transcript: pressed, the recording plays from there. One stop for the Tab key, arrow keys go from word to
// word; the word that is being said is marked. Without this they are text beside a player.
(() => {
  const wordsOf = (box) => [...box.querySelectorAll(".word")];
  const soundOf = (box) => document.getElementById(`sound-${box.dataset.wordsOf}`);

  function prepare(box) {
    if (box.dataset.isReady) return;
    box.dataset.isReady = "yes";
    const words = wordsOf(box);
    words.forEach((word, place) => {
      word.setAttribute("role", "button");
      word.tabIndex = place === 0 ? 0 : -1;
    });
    const sound = soundOf(box);
    let said = null;
    sound?.addEventListener("timeupdate", () => {
      const now = words.findLast((word) => Number(word.dataset.at) <= sound.currentTime + 0.05);
      if (now === said) return;
      said?.removeAttribute("aria-current");
      now?.setAttribute("aria-current", "true");
      said = now;
    });
  }

  function play(word) {
    const sound = soundOf(word.closest("[data-words-of]"));
    if (!sound) return;
    const start = () => { sound.currentTime = Number(word.dataset.at); };
    if (sound.readyState > 0) start();
    else sound.addEventListener("loadedmetadata", start, { once: true });
    sound.play();
  }

  function goTo(word, next) {
    if (!next) return;
    word.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  document.addEventListener("click", ({ target }) => {
    const word = target.closest?.(".word[role]");
    if (word) play(word);
  });

  // Before the page's own keys.
  document.addEventListener("keydown", (event) => {
    const word = event.target.closest?.(".word[role]");
    if (!word || event.ctrlKey || event.metaKey || event.altKey) return;
    const words = wordsOf(word.closest("[data-words-of]"));
    const place = words.indexOf(word);
    const acts = {
      Enter: () => play(word),
      " ": () => play(word),
      ArrowRight: () => goTo(word, words[place + 1]),
      ArrowDown: () => goTo(word, words[place + 1]),
      ArrowLeft: () => goTo(word, words[place - 1]),
      ArrowUp: () => goTo(word, words[place - 1]),
      Home: () => goTo(word, words[0]),
      End: () => goTo(word, words.at(-1)),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  }, true);

  const prepareAll = () => document.querySelectorAll("[data-words-of]").forEach(prepare);
  document.addEventListener("htmx:afterSettle", prepareAll);
  prepareAll();
})();
