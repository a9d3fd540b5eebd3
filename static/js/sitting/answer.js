// The answer of the open question: every change is counted, kept on this device, saved, and saved again until it
// is. The server decides what counts; this file sees to it that nothing typed gets lost on the way.
(() => {
  const SAVE_AFTER_MS = 700;
  const SAVE_AT_LEAST_EVERY_MS = 10_000;
  const SAVE_IN_LAST_SECONDS_MS = 1000;
  const RETRY_MS = [1500, 3000, 6000, 12_000, 30_000];

  let draft = null;

  const say = (region, text) =>
    document.dispatchEvent(new CustomEvent("holdout:say", { detail: { region, text } }));
  const csrfToken = () => /(?:^|; )(?:__Host-)?csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? "";

  // CRC-32 of the parts joined by U+001F: interviews/sitting/models/answer.py computes the same.
  function checksum(parts) {
    let crc = ~0;
    for (const byte of new TextEncoder().encode(parts.join("\u001f"))) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
    }
    return (~crc >>> 0).toString(16).padStart(8, "0");
  }

  // --- kept on this device ------------------------------------------------------------------------

  const storage = {
    key: (interview, position) => `holdout:${interview}:${position}`,
    read(key) {
      try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
    },
    write(key, copy) {
      try { localStorage.setItem(key, JSON.stringify(copy)); } catch { /* full or forbidden: the server has the rest */ }
    },
    remove(key) {
      try { localStorage.removeItem(key); } catch { /* as above */ }
    },
    keys() {
      try { return Object.keys(localStorage); } catch { return []; }
    },
  };

  // --- one open question --------------------------------------------------------------------------

  class Draft {
    constructor(panel, form) {
      this.panel = panel;
      this.form = form;
      this.position = panel.dataset.position;
      this.revField = form.elements.rev;
      this.held = Number(this.revField.dataset.held);
      this.rev = this.held;
      this.key = storage.key(panel.dataset.interview, this.position);
      this.failures = 0;
      this.isElsewhere = false;
      this.restore();
    }

    answer() {
      const texts = new FormData(this.form).getAll("answer").map((text) => text.replace(/\r\n/g, "\n"));
      // An order that was ticked as right is one text, and kept as its steps.
      return this.form.querySelector(".steps") ? texts.join(" ").split(" ").filter(Boolean) : texts;
    }

    get isDirty() { return this.rev > this.held; }
    get isAlive() { return this === draft && this.form.isConnected; }

    changed() {
      this.rev += 1;
      this.revField.value = this.rev;
      storage.write(this.key, this.copy());
      clearTimeout(this.timer);
      this.waitingSince ??= performance.now();
      const waited = performance.now() - this.waitingSince;
      this.timer = setTimeout(() => this.save(), waited > SAVE_AT_LEAST_EVERY_MS ? 0 : SAVE_AFTER_MS);
    }

    copy() {
      const confidence = new FormData(this.form).get("confidence");
      return { rev: this.rev, answer: this.answer(), confidence };
    }

    // In the last seconds nobody knows whether there will be a pause in which to save.
    saveBeforeTheEnd() {
      if (this.waitingSince != null && performance.now() - this.waitingSince > SAVE_IN_LAST_SECONDS_MS) this.save();
    }

    save() {
      clearTimeout(this.timer);
      if (!this.isAlive || !this.isDirty || this.isElsewhere) return;
      htmx.trigger(`#autosave-${this.position}`, "holdout:save");
    }

    // What the browser sends while the page goes away; the reply is read by nobody.
    saveOnLeaving() {
      if (!this.isAlive || !this.isDirty || this.isElsewhere) return;
      send(this.panel.dataset.saveUrl, this.form.elements.lease.value, this.copy(), { keepalive: true }).catch(() => {});
    }

    // What this device kept goes in; without it, what was chosen or typed before this script ran counts as a change.
    restore() {
      const kept = storage.read(this.key);
      if (kept && !(kept.rev > this.held)) storage.remove(this.key);
      if (kept?.rev > this.held) {
        fill(this.form, kept);
        this.rev = kept.rev;
        this.revField.value = kept.rev;
      } else if (isTouched(this.form)) {
        this.changed();
      } else {
        return;
      }
      // htmx listens only when the page has been read.
      if (document.readyState === "complete") setTimeout(() => this.save());
      else window.addEventListener("load", () => this.save(), { once: true });
    }

    requested() {
      clearTimeout(this.timer);
      this.sent = { rev: this.rev, checksum: checksum(this.answer()) };
      this.waitingSince = null;
      this.show("is-saving", "Saving…");
    }

    answered(reply) {
      this.failures = 0;
      clearTimeout(this.retry);
      const rev = Number(reply.dataset.rev);
      const outcome = reply.dataset.outcome;
      this.panel.querySelector(".signed-out-notice")?.setAttribute("hidden", "");
      this.held = Math.max(this.held, rev);
      const isOther = rev > this.rev || (rev === this.sent.rev && reply.dataset.checksum !== this.sent.checksum);
      if (isOther) {
        this.show("is-failed", "The server holds another text");
        say("alert", "The server holds another text for this question. Load the page again to see it; this text is kept on this device.");
        return;
      }
      if (outcome === "late") {
        this.held = this.sent.rev;
        this.forgetSent();
        this.freeze();
        say("alert", "The question had ended: this text is kept as late text and not scored.");
        return;
      }
      this.forgetSent();
      for (const moment of reply.querySelectorAll("time")) {
        moment.textContent = new Date(moment.dateTime).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      }
      if (this.rev !== this.sent.rev) this.save();
    }

    // The server has what was sent; keys that were pressed since stay on this device until they are there, too.
    forgetSent() {
      if (storage.read(this.key)?.rev <= this.sent.rev) storage.remove(this.key);
    }

    failed(status) {
      if (status === 409) return this.takenOver();
      if (status === 422) {
        say("alert", "Not saved. See the message beside the buttons.");
        return;
      }
      if (status === 401) this.panel.querySelector(".signed-out-notice")?.removeAttribute("hidden");
      this.show("is-failed", status === 401 ? "Not saved – sign in again" : "Not saved – kept on this device");
      if (this.failures === 0) {
        say("alert", status === 401 ? "You are signed out. Your text is kept here. Sign in again." : "Not saved. Your text is kept on this device.");
      }
      const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
      this.failures += 1;
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.save(), wait);
    }

    show(state, text) {
      const node = document.getElementById(`save-${this.position}`);
      if (!node) return;
      node.className = `save-state ${state}`;
      node.textContent = text;
    }

    // A submit, skip or finish that did not get through: what it carried is saved like any other change.
    moveFailed(status) {
      if (status === 422) return; // the same question comes back and says why
      if (status !== 409) this.changed();
      this.failed(status);
    }

    // Another page goes on with this interview. What was sent from here is kept beside the answer there.
    takenOver() {
      this.freeze();
      if (this.rev !== this.sent.rev) return this.save(); // the last keys are kept there, too
      this.isElsewhere = true;
      this.forgetSent();
      say("alert", "This interview is open elsewhere. Use Continue here to go on in this window.");
    }

    // After the bell the field is the server's copy: nothing more can count.
    close() {
      this.save();
      this.freeze();
    }

    freeze() {
      for (const field of this.form.querySelectorAll(".answer textarea, .answer input[type='text']")) field.readOnly = true;
      for (const field of this.form.querySelectorAll(".answer input:not([type='text']), .answer button")) field.inert = true;
    }
  }

  function isTouched(form) {
    return [...form.querySelectorAll("[name='answer'], [name='confidence']")].some((field) =>
      field.matches("[type='radio'], [type='checkbox']") ? field.checked !== field.defaultChecked
        : field.type !== "hidden" && field.value !== field.defaultValue);
  }

  function fill(form, { answer, confidence }) {
    const steps = form.querySelector(".steps");
    if (steps) {
      if (answer.length > 0) becomeAnswer(steps);
      const rows = new Map([...steps.children].map((row) => [row.querySelector("input").value, row]));
      for (const key of answer) if (rows.has(key)) steps.append(rows.get(key));
      markEnds(steps);
    } else {
      const fields = [...form.querySelectorAll("[name='answer']")];
      const isChoice = fields.some((field) => field.matches("[type='radio'], [type='checkbox']"));
      for (const [place, field] of fields.entries()) {
        if (isChoice) field.checked = answer.includes(field.value);
        else field.value = answer[place] ?? "";
      }
    }
    for (const step of form.querySelectorAll("[name='confidence']")) step.checked = step.value === confidence;
  }

  function send(url, lease, copy, options = {}) {
    const body = new URLSearchParams({ rev: copy.rev, lease });
    for (const text of copy.answer) body.append("answer", text);
    if (copy.confidence) body.append("confidence", copy.confidence);
    const headers = { "X-CSRFToken": csrfToken(), "HX-Request": "true" };
    return fetch(url, { method: "POST", body, headers, ...options });
  }

  // Text of earlier questions that never reached the server (offline through a question's end): it is sent now
  // and kept as late text. The results have a region for this, too.
  let isSendingLeftovers = false;

  async function sendLeftovers() {
    const region = document.querySelector("[data-save-url]");
    if (!region || isSendingLeftovers) return;
    const { interview, saveUrl } = region.dataset;
    const lease = region.dataset.lease ?? region.querySelector("[name='lease']").value;
    isSendingLeftovers = true;
    for (const key of storage.keys().filter((name) => name.startsWith(`holdout:${interview}:`))) {
      const position = key.split(":")[2];
      const copy = storage.read(key);
      if (!copy || position === draft?.position) continue;
      try {
        const reply = await send(saveUrl.replace(/questions\/\d+\//, `questions/${position}/`), lease, copy);
        if (!reply.ok) continue;
        storage.remove(key);
        if ((await reply.text()).includes('data-outcome="late"')) {
          say("alert", `Question ${position}: text that had not reached the server is now kept as late text. It is not scored.`);
        }
      } catch { /* still offline: it stays on this device */ }
    }
    isSendingLeftovers = false;
  }

  // --- ordering -----------------------------------------------------------------------------------

  function moveStep(button) {
    const row = button.closest(".step");
    const steps = row.parentElement;
    const isUp = button.value.endsWith(":up");
    if (isUp) row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
    markEnds(steps);
    becomeAnswer(steps);
    const place = [...steps.children].indexOf(row) + 1;
    say("status", `Place ${place} of ${steps.children.length}.`);
    // At an end the button goes out of use: its neighbour takes the focus.
    (button.disabled ? row.querySelector(".step-move button:not(:disabled)") : button)?.focus();
    draft?.changed();
  }

  // From now on the steps are sent, and there is nothing to tick any more.
  function becomeAnswer(steps) {
    for (const step of steps.querySelectorAll("input")) step.name = "answer";
    steps.parentElement.querySelector("input[type='checkbox']")?.closest("label").remove();
  }

  function markEnds(steps) {
    for (const row of steps.children) {
      const [up, down] = row.querySelectorAll(".step-move button");
      up.disabled = row === steps.firstElementChild;
      down.disabled = row === steps.lastElementChild;
    }
  }

  // --- words --------------------------------------------------------------------------------------

  function countWords(field) {
    const words = field.value.split(/\s+/).filter(Boolean).length;
    field.parentElement.querySelector(".word-count").textContent = words === 1 ? "1 word" : `${words} words`;
  }

  // --- wiring -------------------------------------------------------------------------------------

  let shownPanel = null;

  function open() {
    const panel = document.getElementById("interview-panel");
    if (!panel || panel === shownPanel) return;
    shownPanel = panel;
    const form = panel.dataset.state === "open" ? panel.querySelector("#question-form") : null;
    draft = null;
    if (form) draft = new Draft(panel, form);
    const signIn = panel.querySelector(".sign-in-again");
    if (signIn) signIn.href = `${document.documentElement.dataset.loginUrl}?next=${encodeURIComponent(location.pathname)}`;
    for (const field of panel.querySelectorAll("textarea[name='answer']:not([data-editor])")) countWords(field);
    sendLeftovers();
  }

  // Whether a request carries the open question's answer: as an "autosave" or as a "move". Others (a reported
  // problem, the clocks' button, a reply to a question that has gone) say nothing about it.
  function carrier({ detail: { requestConfig } }) {
    const { elt } = requestConfig;
    if (!draft?.form.contains(elt)) return null;
    return elt.id === `autosave-${draft.position}` ? "autosave" : "move";
  }

  document.addEventListener("input", ({ target }) => {
    if (target.matches("textarea[name='answer']:not([data-editor])")) countWords(target);
    if (target.matches(".answer [name='answer'], .answer [name='confidence']")) draft?.changed();
  });
  document.addEventListener("focusout", ({ target }) => {
    if (target.matches?.(".answer [name='answer']")) draft?.save();
  });
  document.addEventListener("click", (event) => {
    const move = event.target.closest?.(".step-move button");
    if (!move) return;
    event.preventDefault();
    moveStep(move);
  });
  // The second click of a double click would skip the question that the first one has just brought.
  document.addEventListener("click", (event) => {
    if (event.detail < 2 || !event.target.closest?.(".interview-actions button")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (carrier(event)) draft.requested();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr } = event.detail;
    const successful = xhr.status >= 200 && xhr.status < 300; // to htmx whatever is swapped in is successful
    const failure = event.target.closest?.(".question-flag")?.querySelector("[data-failed]");
    if (failure) failure.hidden = successful || xhr.status === 422;
    const kind = carrier(event);
    if (kind === "move") return successful ? draft.forgetSent() : draft.moveFailed(xhr.status);
    if (!kind) {
      const isButton = event.target.closest?.("#question-form");
      if (isButton && !successful && xhr.status !== 401) say("alert", "That did not reach Holdout. Please try again.");
      return;
    }
    if (successful) draft.answered(document.getElementById(`save-${draft.position}`));
    else draft.failed(xhr.status);
  });
  document.addEventListener("htmx:afterSettle", open);
  document.addEventListener("holdout:time-up", () => draft?.save());
  document.addEventListener("holdout:grace-over", () => draft?.close());
  document.addEventListener("holdout:signed-out", () => shownPanel?.querySelector(".signed-out-notice")?.removeAttribute("hidden"));
  document.addEventListener("holdout:last-seconds", () => draft?.saveBeforeTheEnd());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") draft?.saveOnLeaving();
  });
  // The network is back, or perhaps a log-in in another tab: not to be waited for.
  for (const name of ["online", "focus"]) {
    window.addEventListener(name, () => {
      draft?.save();
      sendLeftovers();
    });
  }
  open();
  if (!shownPanel) sendLeftovers();
})();
