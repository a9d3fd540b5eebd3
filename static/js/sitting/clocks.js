// The two clocks. The server sends milliseconds left; the page subtracts what performance.now() says has passed
// since and never believes the wall clock. At zero it asks the server, which looks at its own clock.
(() => {
  const TICK_MS = 250;
  const RESYNC_MS = 12_000; // time that a coach has added is there within 15 s
  const LONGEST_WAIT_MS = 6000; // for a pause in the typing, once somebody else has moved on
  const DRIFT_MS = 2000;
  const ASK_AGAIN_MS = 5000; // while the server does not agree that the time is up
  const LAST_SECONDS_MS = 15_000;
  const GIVEN_MS = 15_000; // so much more than the page expected is no error of its own clock
  const QUIET_MS = 2000; // no screen is swapped within this time of a key press
  const THRESHOLDS = [
    { left: 300_000, region: "status", text: "5 minutes left for this question." },
    { left: 60_000, region: "status", text: "1 minute left for this question." },
    { left: 20_000, region: "alert", text: "20 seconds left for this question." },
  ];
  const INTERVIEW_THRESHOLDS = [
    { left: 300_000, region: "status", text: "5 minutes left in the interview." },
    { left: 60_000, region: "status", text: "1 minute left in the interview." },
  ];

  let readAt = 0; // performance.now() when the numbers of the page were read
  let left = {}; // milliseconds left then: question, interview
  let spoken = new Set();
  let takenFor = null; // the panel that was shown when they were read
  let shownPanel = null;
  let shownClocks = null;
  let lastKeyAt = -QUIET_MS;
  let wallOffset = Date.now() - performance.now();
  let resyncedAt = 0;
  let movedAt = null; // since when the server has shown another question than this page
  let askedAt = -ASK_AGAIN_MS;

  const say = (region, text) =>
    document.dispatchEvent(new CustomEvent("holdout:say", { detail: { region, text } }));
  const panel = () => document.getElementById("interview-panel");
  const clocks = () => document.querySelector(".clocks[data-question-ms]");
  const resyncEvery = () => Number(panel()?.dataset.resyncMs) || RESYNC_MS; // more often where somebody sits beside
  const number = (text) => (text === undefined || text === "" ? null : Number(text));
  const now = () => performance.now() - readAt;
  const remaining = (name) => (left[name] === null || left[name] === undefined ? null : left[name] - now());

  function format(ms) {
    const isOver = ms < 0;
    let seconds = isOver ? Math.floor(-ms / 1000) : Math.ceil(ms / 1000);
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    seconds = String(seconds % 60).padStart(2, "0");
    const text = hours ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
    return isOver ? `+${text}` : text;
  }

  const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

  // "1 hour 5 minutes", "1 minute 20 seconds", "20 seconds".
  function words(ms) {
    const seconds = Math.max(0, Math.ceil(ms / 1000));
    const parts = [[Math.floor(seconds / 3600), "hour"], [Math.floor((seconds % 3600) / 60), "minute"], [seconds % 60, "second"]];
    return parts.filter(([count]) => count).slice(0, 2).map(([count, noun]) => counted(count, noun)).join(" ") || "no time";
  }

  // Milliseconds left from which a clock is amber, and red; no question of a minute begins in either.
  function urgentFrom(limit) {
    if (limit === null || limit > 300_000) return [300_000, 60_000];
    return limit > 60_000 ? [60_000, 20_000] : [20_000, 20_000];
  }

  // Numbers as a save, a swap or the clock's address brought them.
  function take(question, interview) {
    const expected = remaining("interview");
    const isMore = expected !== null && interview - expected > GIVEN_MS && takenFor === panel();
    takenFor = panel();
    readAt = performance.now();
    resyncedAt = readAt;
    left = { question, interview };
    if (isMore) sayTimeGiven();
    tick();
  }

  // A coach has added time while the page was open: what was said of the last minutes is to be said again.
  function sayTimeGiven() {
    for (const { left: threshold, text } of THRESHOLDS) if (left.question > threshold) spoken.delete(text);
    for (const { left: threshold, text } of INTERVIEW_THRESHOLDS) if (left.interview > threshold) spoken.delete(text);
    say("status", `Time was added: ${words(left.interview)} left in the interview.`);
  }

  function read() {
    const node = clocks();
    if (!node || node === shownClocks) return; // its numbers are of the moment when it came
    shownClocks = node;
    if (panel() !== shownPanel) {
      shownPanel = panel();
      spoken = new Set();
      // What has passed already is not news.
      const ms = number(node.dataset.questionMs);
      for (const threshold of THRESHOLDS) if (ms !== null && ms <= threshold.left) spoken.add(threshold.text);
      const all = number(node.dataset.interviewMs);
      for (const threshold of INTERVIEW_THRESHOLDS) if (all !== null && all <= threshold.left) spoken.add(threshold.text);
    }
    node.classList.toggle("is-hidden", hidden());
    take(number(node.dataset.questionMs), number(node.dataset.interviewMs));
  }

  function tick() {
    const node = clocks();
    if (!node && panel()?.dataset.resyncMs && performance.now() - resyncedAt > resyncEvery()) resync(); // paused
    if (!node || left.interview === null || left.interview === undefined) return;
    const isStrict = panel().dataset.pace === "strict";
    for (const name of ["question", "interview"]) {
      // A closed question's clock stands still; a strict one stops at zero.
      const left = name === "question" && panel().dataset.state === "timed_out" ? number(node.dataset.questionMs) : remaining(name);
      const ms = isStrict ? Math.max(left, 0) : left;
      const clock = node.querySelector(`[data-clock='${name}']`);
      const text = format(ms);
      const time = clock.querySelector(".clock-time");
      if (time.textContent !== text) time.textContent = text;
      clock.classList.toggle("is-over", ms < 0);
      const [amber, red] = urgentFrom(number(clock.dataset.limitMs));
      clock.classList.toggle("is-red", ms >= 0 && ms <= red);
      clock.classList.toggle("is-amber", ms > red && ms <= amber);
    }
    const passed = Date.now() - performance.now() - wallOffset;
    if (Math.abs(passed) > DRIFT_MS || performance.now() - resyncedAt > resyncEvery()) resync();
    if (panel().dataset.state !== "open") return betweenQuestions();
    announce(THRESHOLDS, remaining("question"));
    announce(INTERVIEW_THRESHOLDS, remaining("interview"));
    if (remaining("question") <= 0) timeUp(node);
    else if (spoken.has("up")) timeGiven();
    if (Math.abs(remaining("question")) <= LAST_SECONDS_MS) document.dispatchEvent(new CustomEvent("holdout:last-seconds"));
  }

  function announce(thresholds, ms) {
    for (const { left: threshold, region, text } of thresholds) {
      if (ms > threshold || ms <= 0 || spoken.has(text)) continue;
      spoken.add(text);
      say(region, text);
    }
  }

  // A time-out is on the screen; when the interview itself is over there is nothing to go on to.
  function betweenQuestions() {
    const isOver = panel().dataset.pace === "strict" && remaining("interview") <= 0;
    if (isOver && performance.now() - resyncedAt > ASK_AGAIN_MS) resync();
  }

  // An extension came after the bell.
  function timeGiven() {
    spoken.delete("up");
    spoken.delete("grace");
    panel().querySelector(".time-up-notice").hidden = true;
  }

  function timeUp(node) {
    const isStrict = panel().dataset.pace === "strict";
    const text = isStrict
      ? "Time is up for this question. Sending your text."
      : "Time is up for this question. You can finish your thought; the extra time is shown in the results.";
    if (!spoken.has("up")) {
      spoken.add("up");
      document.dispatchEvent(new CustomEvent("holdout:time-up"));
      const notice = panel().querySelector(".time-up-notice");
      notice.textContent = text;
      notice.hidden = false;
      say("alert", text);
    }
    if (!isStrict || -remaining("question") <= Number(node.dataset.graceMs)) return;
    if (!spoken.has("grace")) {
      spoken.add("grace");
      document.dispatchEvent(new CustomEvent("holdout:grace-over"));
    }
    if (performance.now() - lastKeyAt > QUIET_MS) askServer();
  }

  // The server looks at its own clock: it may close the question, or an extension may have come.
  async function askServer(every = ASK_AGAIN_MS) {
    if (performance.now() - askedAt < every) return;
    askedAt = performance.now();
    const lease = panel().querySelector("[name='lease']")?.value ?? "";
    const url = `${document.body.dataset.panelUrl}?lease=${lease}`;
    await htmx.ajax("GET", url, { target: "#interview-panel", swap: "outerHTML" }).catch(() => { /* offline: again soon */ });
  }

  async function resync() {
    const region = panel();
    if (!region?.dataset.position || performance.now() - resyncedAt < 1000) return;
    resyncedAt = performance.now();
    wallOffset = Date.now() - performance.now();
    try {
      const reply = await fetch(document.body.dataset.clockUrl, { headers: { "HX-Request": "true" } });
      if (!reply.ok) return;
      const clock = await reply.json();
      if (region !== panel()) return;
      const isPaused = region.dataset.state === "paused";
      const isHere = clock.state === (isPaused ? "paused" : "in_progress") && String(clock.position) === region.dataset.position;
      if (!isHere) return follow();
      movedAt = null;
      if (!isPaused) take(clock.question_ms, clock.interview_ms);
    } catch { /* offline: the clock runs on by itself */ }
  }

  // Another device, or who sits beside the candidate, has moved on: what is written here is saved, then this page follows.
  function follow() {
    movedAt ??= performance.now();
    document.dispatchEvent(new CustomEvent("holdout:time-up"));
    const isQuiet = performance.now() - lastKeyAt > QUIET_MS;
    if (isQuiet || performance.now() - movedAt > LONGEST_WAIT_MS) askServer(1000);
  }

  // --- hiding, reading -----------------------------------------------------------------

  let isHidden = null;
  const hidden = () => isHidden ?? panel()?.hasAttribute("data-hides-timers") ?? false;

  function toggleTimers() {
    isHidden = !hidden();
    clocks()?.classList.toggle("is-hidden", isHidden);
    nameTimersButton();
    say("status", isHidden ? "Clocks hidden." : "Clocks shown.");
    const button = document.querySelector("[data-action='timers']");
    htmx.ajax("POST", document.body.dataset.timersUrl, { values: { hidden: isHidden ? "yes" : "no" }, swap: "none", source: button });
  }

  function nameTimersButton() {
    const button = document.querySelector("[data-action='timers']");
    if (button) button.textContent = hidden() ? "Show" : "Hide";
  }

  function leftOrOver(name) {
    const ms = remaining(name);
    return ms < 0 ? `${words(-ms)} over` : `${words(ms)} left`;
  }

  function readAloud() {
    say("status", typeof remaining("question") !== "number" ? "This interview has no clock."
      : `Question: ${leftOrOver("question")}. Interview: ${leftOrOver("interview")}.`);
  }

  document.addEventListener("keydown", () => { lastKeyAt = performance.now(); });
  document.addEventListener("holdout:read-time", readAloud);
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("[data-action='timers']")) toggleTimers();
  });

  document.addEventListener("htmx:afterSettle", () => { read(); nameTimersButton(); });
  for (const name of ["focus", "online"]) window.addEventListener(name, resync);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") resync(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); else resync(); });
  read();
  nameTimersButton();
  setInterval(tick, TICK_MS);
})();
