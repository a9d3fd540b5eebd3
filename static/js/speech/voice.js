// A spoken answer beside the text. The microphone is asked for when Record is pressed, and let go when the recording
// ends. Nothing here decides whether a recording counts: the server does, by its own clock.
(() => {
  const SLICE_MS = 1000; // what a crash may cost
  const MOVE_WAITS_MS = 10_000;
  const QUIET_MS = 5000;
  const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
  const HINT_AGAIN = "If you record again, the new recording replaces this one.";
  const SAID_LEFT = { 60: "One minute left.", 10: "Ten seconds left." };
  const NO_MICROPHONE = {
    NotAllowedError: "Your browser is blocking the microphone. Allow it for this site, then press Record again.",
    NotFoundError: "No microphone was found. Plug one in, or write your answer.",
    NotReadableError: "We can't use the microphone. Another program may be using it.",
  };
  const NOT_THERE_YET = "Your recording hasn't been sent yet. If you press again, you continue without it: it's sent later and kept, but not scored.";
  const { Take, leftovers, lease, post } = window.holdoutTakes;

  const say = (region, text) =>
    document.dispatchEvent(new CustomEvent("holdout:say", { detail: { region, text } }));
  const clock = (ms) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;
  const type = () => TYPES.find((one) => window.MediaRecorder?.isTypeSupported(one));
  const canRecord = () => Boolean(navigator.mediaDevices?.getUserMedia && type());

  let shown = null; // the region of the question that is open
  let take = null; // what was recorded for it in this window, or before a reload
  let recorder = null;
  let isAsking = false;

  const region = () => document.querySelector(".voice");
  const part = (name) => region()?.querySelector(`[data-voice='${name}']`);
  const isUnsent = () => take !== null && !take.isSettled;
  const urlOf = (id) => region().dataset.url.replace(/[0-]{36}/, id);

  // --- recording ----------------------------------------------------------------------------------

  async function record() {
    if (recorder || isAsking) return;
    const asked = region();
    isAsking = true;
    problem("");
    show();
    document.dispatchEvent(new Event("holdout:record"));
    try {
      const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true };
      const stream = await navigator.mediaDevices.getUserMedia({ audio });
      if (asked === region()) recorder = new Recorder(stream);
      else for (const track of stream.getTracks()) track.stop(); // the question went while one was asked
    } catch (error) {
      problem(NO_MICROPHONE[error.name] ?? "We couldn't start recording. Try again, or write your answer.");
    }
    isAsking = false;
    show();
    if (!recorder) return;
    say("status", "Recording.");
    part("stop").focus();
  }

  class Recorder {
    constructor(stream) {
      const { interview, position } = region().dataset;
      const id = crypto.randomUUID();
      const known = { id, interview, position, url: urlOf(id), type: type().split(";")[0], at: Date.now(), ms: 0 };
      this.longest = Number(region().dataset.longest) * 1000;
      this.stream = stream;
      this.media = new MediaRecorder(stream, { mimeType: type(), audioBitsPerSecond: 24_000 });
      this.take = new Take(known);
      this.take.hold();
      this.media.addEventListener("dataavailable", ({ data }) => { if (data.size) this.take.add(data, this.ms); });
      this.media.addEventListener("error", () => this.stop());
      stream.getAudioTracks()[0].addEventListener("ended", () => this.stop()); // unplugged, or forbidden meanwhile
      this.ended = new Promise((resolve) => this.media.addEventListener("stop", resolve, { once: true }));
      this.context = new AudioContext();
      this.context.resume(); // Safari begins it suspended
      this.analyser = this.context.createAnalyser();
      this.context.createMediaStreamSource(stream).connect(this.analyser);
      this.samples = new Float32Array(this.analyser.fftSize);
      this.startedAt = this.heardAt = performance.now();
      this.media.start(SLICE_MS);
      this.timer = setInterval(() => this.tick(), 100);
      this.tick();
      part("player").pause();
    }

    get ms() { return Math.min((this.endedAt ?? performance.now()) - this.startedAt, this.longest); }

    // From silence (0) to speech close to the microphone (1), in decibels, as ears hear.
    level() {
      this.analyser.getFloatTimeDomainData(this.samples);
      const power = this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length;
      return Math.min(Math.max(1 + (10 * Math.log10(power + 1e-10)) / 60, 0), 1);
    }

    tick() {
      const left = this.longest - this.ms;
      if (left <= 0) return this.stop();
      if (!part("level")) return;
      const level = this.level();
      if (level > 0.15) this.heardAt = performance.now();
      const isQuiet = performance.now() - this.heardAt > QUIET_MS;
      part("level").value = level;
      write("time", clock(this.ms));
      write("left", clock(left + 999));
      const quiet = isQuiet ? "We can't hear anything. Is the microphone muted?" : "";
      if (write("heard", quiet) && quiet) say("status", quiet);
      const seconds = Math.ceil(left / 1000);
      if (SAID_LEFT[seconds] && this.said !== seconds) say("status", SAID_LEFT[seconds]);
      this.said = seconds;
    }

    // Also by itself: at its longest, at the bell, and when the question is left.
    async stop() {
      if (!this.endedAt) {
        this.endedAt = performance.now();
        clearInterval(this.timer);
        if (this.media.state !== "inactive") this.media.stop();
        this.stopped = this.ended.then(() => this.letGo());
      }
      return this.stopped;
    }

    letGo() {
      for (const track of this.stream.getTracks()) track.stop();
      this.context.close();
      recorder = null;
      const isHere = this.take.position === region()?.dataset.position;
      const hadFocus = document.activeElement === part("stop");
      if (this.take.pieces.length === 0) {
        this.take.settle(null);
        problem("Nothing was recorded. Try again.");
      } else {
        if (isHere) become(this.take);
        this.take.stop();
        say("status", `Stopped at ${clock(this.take.ms)}.`);
      }
      show();
      if (hadFocus) part("record").focus();
    }
  }

  // The take of the open question from now on. One that it replaces before it was sent need not be sent.
  function become(next) {
    if (isUnsent()) take.discard();
    take = next;
    play(next && URL.createObjectURL(next.content));
  }

  // --- what became of a take ----------------------------------------------------------------------

  const outcomes = {
    finished(sent, { kind, seconds, url }) {
      const late = `Question ${sent.position}: the recording arrived after the end. It's kept, but not scored.`;
      const side = "This interview is open elsewhere. The recording is kept beside your answer and not scored.";
      if (kind === "late") say("alert", late);
      if (kind === "side") say("alert", side);
      if (sent !== take) return;
      if (kind !== "answer") return problem(kind === "late" ? late : side);
      Object.assign(region().dataset, { recording: sent.id, length: clock(seconds * 1000 + 500) });
      if (part("player").paused) play(url); // this copy knows its length
      say("status", "Recording sent.");
    },
    failed(unsent, { status }) {
      const isSignedOut = status === 401;
      if (isSignedOut) document.querySelector(".signed-out-notice")?.removeAttribute("hidden");
      if (unsent.failures > 1) return;
      say("alert", isSignedOut ? "You're logged out. Your recording is kept on this device. Log in again."
        : "The recording hasn't been sent yet. It's kept on this device.");
    },
    refused(sent, { text }) {
      say("alert", text || "We couldn't accept the recording.");
      if (sent === take) problem(text || "We couldn't accept the recording.");
    },
    "going-on"() {},
  };

  // --- the controls -------------------------------------------------------------------------------

  // True where it was another text: by what was written, since a browser that translates the page changes what stands.
  function write(name, text) {
    const node = part(name);
    if (!node || (node.dataset.written ?? node.textContent) === text) return false;
    node.textContent = node.dataset.written = text;
    return true;
  }

  function problem(text) {
    write("error", text);
    if (part("error")) part("error").hidden = !text;
  }

  function play(url) {
    const player = part("player");
    if (!player) return;
    if (player.src.startsWith("blob:")) URL.revokeObjectURL(player.src);
    if (url) player.src = url;
    else player.removeAttribute("src");
  }

  function state() {
    if (isAsking) return ["is-saving", "Asking for the microphone…"];
    if (recorder) return ["is-saving", "Recording…"];
    if (isUnsent()) return take.failures ? ["is-failed", "Not sent – kept on this device"] : ["is-saving", "Sending…"];
    const { recording, length } = region().dataset;
    return recording ? ["is-saved", `Recorded, ${length}`] : ["is-idle", ""];
  }

  function show() {
    if (!region()) return;
    const hasRecording = isUnsent() || Boolean(region().dataset.recording);
    const [kind, text] = state();
    part("state").className = `save-state ${kind}`;
    write("state", text);
    write("record", hasRecording ? "Record again" : part("record").dataset.first);
    if (canRecord()) write("hint", hasRecording ? HINT_AGAIN : part("hint").dataset.first);
    part("record").disabled = isAsking;
    const isShown = {
      state: text !== "",
      hint: !recorder,
      recording: recorder,
      stop: recorder,
      record: !recorder && canRecord(),
      delete: !recorder && hasRecording,
      player: !recorder && hasRecording,
      confirm: !recorder && hasRecording && !part("confirm").hidden,
    };
    for (const [name, is] of Object.entries(isShown)) part(name).hidden = !is;
  }

  function askToDelete(isAsked) {
    part("confirm").hidden = !isAsked;
    part(isAsked ? "keep" : "delete").focus();
  }

  async function remove() {
    const id = isUnsent() ? take.id : region().dataset.recording;
    try {
      await post(`${urlOf(id)}delete/`, new URLSearchParams({ lease: lease() }));
    } catch (error) {
      problem(error.status && error.message ? error.message : "Not deleted. We couldn't reach Holdout. Try again.");
      return askToDelete(false);
    }
    if (isUnsent()) take.settle(null);
    take = null;
    delete region().dataset.recording;
    play(null);
    problem("");
    show();
    say("status", "Recording deleted.");
    part("record").focus();
  }

  const press = {
    record,
    stop: () => recorder?.stop(),
    delete: () => askToDelete(true),
    keep: () => askToDelete(false),
    "delete-now": remove,
  };

  // --- going on -----------------------------------------------------------------------------------

  // An answer is handed in with its recording: the way on waits until that has arrived, if it does.
  let isWaiting = false;
  let goesAnyway = false;

  async function arrived() {
    await recorder?.stop();
    const until = performance.now() + MOVE_WAITS_MS;
    while (isUnsent() && !take.failures && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return !isUnsent();
  }

  async function waitToMove(issueRequest) {
    if (isWaiting) return;
    isWaiting = true;
    const isThere = await arrived();
    isWaiting = false;
    if (isThere) return issueRequest(true);
    goesAnyway = true;
    problem(NOT_THERE_YET);
    say("alert", NOT_THERE_YET);
  }

  document.addEventListener("htmx:confirm", (event) => {
    const { elt, issueRequest } = event.detail;
    const isMove = elt.closest?.("#question-form") && !elt.id.startsWith("autosave-");
    if (!isMove || goesAnyway || !(recorder || isUnsent())) return;
    event.preventDefault();
    waitToMove(issueRequest);
  });

  // --- wiring -------------------------------------------------------------------------------------

  async function open() {
    if (region() !== shown) {
      shown = region();
      goesAnyway = false;
      const isHere = (one) => one?.position === shown?.dataset.position;
      if (recorder && !isHere(recorder.take)) recorder.stop();
      if (take && !isHere(take)) take = null; // it goes on being sent
      if (shown?.dataset.recording) play(urlOf(shown.dataset.recording));
      if (isUnsent()) play(URL.createObjectURL(take.content));
      if (!canRecord()) write("hint", window.isSecureContext ? "This browser can't record. Write your answer instead." : "Recording needs a secure connection (https). Write your answer instead.");
      show();
    }
    const interview = document.querySelector("[data-interview]")?.dataset.interview;
    for (const left of await leftovers(interview)) {
      if (left.position === region()?.dataset.position && !recorder) become(left);
      left.send();
    }
    show();
  }

  document.addEventListener("holdout:take", ({ detail }) => {
    outcomes[detail.outcome](detail.take, detail);
    show();
  });
  document.addEventListener("click", ({ target }) => press[target.closest?.(".voice button")?.dataset.voice]?.());
  document.addEventListener("htmx:afterSettle", open);
  document.addEventListener("htmx:afterRequest", ({ detail }) => { if (detail.xhr.status === 409) recorder?.stop(); });
  document.addEventListener("holdout:time-up", () => {
    if (document.getElementById("interview-panel").dataset.pace === "strict") recorder?.stop();
  });
  window.addEventListener("focus", open); // after a log-in in another tab
  window.addEventListener("beforeunload", (event) => { if (recorder) event.preventDefault(); });
  open();
})();
