// The answer of the open question: every change is counted, kept on this device, saved, and saved again until it
// is. The server decides what counts; this file sees to it that nothing typed gets lost on the way.
(() => {
  const SAVE_AFTER_MS = 700;
  const SAVE_AT_LEAST_EVERY_MS = 10_000;
  const RETRY_MS = [1500, 3000, 6000, 12_000, 30_000];

  let draft = null;

  const say = (region, text) =>
    document.dispatchEvent(new CustomEvent("holdout:say", { detail: { region, text } }));
  const csrfToken = () => /(?:^|; )(?:__Host-)?csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? "";

  // CRC-32 of the parts joined by U+001F: interviews/models/answer.py computes the same.
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
      return new FormData(this.form).getAll("answer").map((text) => text.replace(/\r\n/g, "\n"));
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

    restore() {
      const kept = storage.read(this.key);
      if (!kept) return;
      if (!(kept.rev > this.held)) return storage.remove(this.key);
      fill(this.form, kept);
      this.rev = kept.rev;
      this.revField.value = kept.rev;
      setTimeout(() => this.save(), 0);
    }

    requested() {
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
        storage.remove(this.key);
        say("alert", "The question had ended: this text is kept as late text and not scored.");
        return;
      }
      if (storage.read(this.key)?.rev <= this.held) storage.remove(this.key);
      for (const moment of reply.querySelectorAll("time")) {
        moment.textContent = new Date(moment.dateTime).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      }
    }

    failed(status) {
      if (status === 409) {
        this.isElsewhere = true;
        say("alert", "This interview is open elsewhere. Use Continue here to go on in this window.");
        return;
      }
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

    // After the bell the field is the server's copy: nothing more can count.
    close() {
      this.save();
      for (const field of this.form.querySelectorAll(".answer textarea, .answer input[type='text']")) field.readOnly = true;
      for (const field of this.form.querySelectorAll(".answer input:not([type='text']), .answer button")) field.inert = true;
    }
  }

  function fill(form, { answer, confidence }) {
    const steps = form.querySelector(".steps");
    if (steps) {
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
  // and kept as late text.
  async function sendLeftovers(panel) {
    const { interview, position, saveUrl } = panel.dataset;
    const lease = panel.querySelector("[name='lease']")?.value;
    if (!interview || !lease) return;
    for (const key of storage.keys().filter((name) => name.startsWith(`holdout:${interview}:`))) {
      const other = key.split(":")[2];
      if (other === position && draft) continue;
      const url = saveUrl.replace(/questions\/\d+\//, `questions/${other}/`);
      try {
        const reply = await send(url, lease, storage.read(key));
        if (!reply.ok) continue;
        storage.remove(key);
        if ((await reply.text()).includes('data-outcome="late"')) {
          say("alert", `Question ${other}: text that had not reached the server is now kept as late text. It is not scored.`);
        }
      } catch { /* still offline: it stays on this device */ }
    }
  }

  // --- ordering -----------------------------------------------------------------------------------

  function moveStep(button) {
    const row = button.closest(".step");
    const steps = row.parentElement;
    const isUp = button.value.endsWith(":up");
    if (isUp) row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
    markEnds(steps);
    const place = [...steps.children].indexOf(row) + 1;
    say("status", `Place ${place} of ${steps.children.length}.`);
    // At an end the button goes out of use: its neighbour takes the focus.
    (button.disabled ? row.querySelector(".step-move button:not(:disabled)") : button)?.focus();
    draft?.changed();
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
    let hint = field.nextElementSibling;
    if (!hint?.matches(".word-count")) {
      hint = document.createElement("p");
      hint.className = "hint word-count";
      field.after(hint);
    }
    const words = field.value.split(/\s+/).filter(Boolean).length;
    hint.textContent = words === 1 ? "1 word" : `${words} words`;
  }

  // --- wiring -------------------------------------------------------------------------------------

  function open() {
    const panel = document.getElementById("interview-panel");
    const isNew = panel && panel !== draft?.panel;
    if (!panel || !isNew) return;
    const form = panel.dataset.state === "open" ? panel.querySelector("#question-form") : null;
    draft = null;
    if (form) draft = new Draft(panel, form);
    for (const field of panel.querySelectorAll("textarea[name='answer']")) countWords(field);
    for (const button of panel.querySelectorAll("[data-action][hidden]")) button.hidden = false;
    sendLeftovers(panel);
  }

  const isAutosave = (event) => event.target.id?.startsWith("autosave-");

  document.addEventListener("input", ({ target }) => {
    if (target.matches("textarea[name='answer']")) countWords(target);
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
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isAutosave(event)) draft?.requested();
    else clearTimeout(draft?.timer);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr, successful } = event.detail;
    if (isAutosave(event)) {
      if (!draft) return;
      if (!successful) return draft.failed(xhr.status);
      const reply = document.getElementById(`save-${draft.position}`);
      if (reply?.dataset.outcome) draft.answered(reply);
      if (draft.isDirty && draft.rev !== draft.sent.rev) draft.save();
      return;
    }
    if (successful) {
      if (draft?.held !== undefined) storage.remove(draft.key);
    } else if (draft && ![409, 422].includes(xhr.status)) {
      draft.changed();
      draft.failed(xhr.status);
    }
  });
  document.addEventListener("htmx:afterSettle", open);
  document.addEventListener("holdout:time-up", () => draft?.save());
  document.addEventListener("holdout:grace-over", () => draft?.close());
  document.addEventListener("holdout:signed-out", () => draft?.panel.querySelector(".signed-out-notice")?.removeAttribute("hidden"));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") draft?.saveOnLeaving();
  });
  window.addEventListener("online", () => {
    draft?.save();
    const panel = document.getElementById("interview-panel");
    if (panel) sendLeftovers(panel);
  });
  open();
})();
