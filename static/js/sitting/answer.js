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
  const copies = window.holdoutCopies; // static/js/sitting/copies.js

  // --- one open question --------------------------------------------------------------------------

  class Draft {
    constructor(panel, form) {
      this.panel = panel;
      this.form = form;
      this.interview = panel.dataset.interview;
      this.position = panel.dataset.position;
      this.revField = form.elements.rev;
      // What the server holds: its revision, from which this page's text grows; the page that wrote it; its checksum.
      this.held = Number(this.revField.dataset.held);
      this.heldBy = this.revField.dataset.heldBy;
      this.checksum = this.revField.dataset.checksum;
      this.rev = this.held;
      this.key = copies.keyOf(this.interview, this.position, form.elements.lease.value);
      this.isOnDevice = true;
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
      this.isWaiting = false; // whoever goes on writing has not finished
      this.rev += 1;
      this.revField.value = this.rev;
      this.keep();
      clearTimeout(this.timer);
      this.waitingSince ??= performance.now();
      const waited = performance.now() - this.waitingSince;
      this.timer = setTimeout(() => this.save(), waited > SAVE_AT_LEAST_EVERY_MS ? 0 : SAVE_AFTER_MS);
    }

    copy() {
      const confidence = new FormData(this.form).get("confidence");
      return { base: this.held, rev: this.rev, answer: this.answer(), confidence };
    }

    keep() {
      this.isOnDevice = copies.write(this.key, this.copy());
    }

    // Another text takes the place of what stands here.
    put(copy) {
      fill(this.form, copy);
      this.changed();
      this.save();
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
      const copy = { ...this.copy(), lease: this.form.elements.lease.value };
      copies.send(this.panel.dataset.saveUrl, copy, { keepalive: true }).catch(() => {});
    }

    // Whether a copy continues what the server holds: it grew from it, or is newer and of the page that wrote it.
    isGrownBy(copy) {
      return copy.base === this.held || (copy.lease === this.heldBy && copy.rev > this.held);
    }

    // A copy on this device that continues what is shown goes in, and is this page's from now on; any other is offered
    // (copies.js). What was chosen or typed before this script ran counts as a change, and stays.
    restore() {
      const confidence = new FormData(this.form).get("confidence");
      for (const copy of this.copies()) {
        const isSame = copies.checksum(copy.answer) === this.checksum;
        if (isSame && (copy.confidence === confidence || !this.isGrownBy(copy))) copies.remove(copy.key);
      }
      const touched = isTouched(this.form);
      const kept = this.copies().find((copy) =>
        copy.key === this.key || (!touched && !copy.isReplaced && !copy.isDiscarded && this.isGrownBy(copy)));
      if (!kept && !touched) return;
      if (kept) fill(this.form, kept);
      // Of its own texts a page knows how far it had counted; the server takes no greater step than this.
      const isOwn = kept?.key === this.key && kept.rev <= this.held + copies.LARGEST_REV_STEP;
      this.rev = isOwn ? Math.max(this.held, kept.rev) : this.held;
      this.changed();
      if (kept && kept.key !== this.key && this.isOnDevice) copies.remove(kept.key);
      // htmx listens only when the page has been read.
      if (document.readyState === "complete") setTimeout(() => this.save());
      else window.addEventListener("load", () => this.save(), { once: true });
    }

    copies() {
      return copies.all(this.interview).filter(({ position }) => position === this.position);
    }

    requested() {
      clearTimeout(this.timer);
      this.sent = { rev: this.rev, checksum: copies.checksum(this.answer()) };
      this.waitingSince = null;
      this.show("is-saving", "Saving…");
    }

    answered(reply) {
      this.failures = 0;
      clearTimeout(this.retry);
      const rev = Number(reply.dataset.rev);
      const outcome = reply.dataset.outcome;
      this.panel.querySelector(".signed-out-notice")?.setAttribute("hidden", "");
      const isOther = rev > this.rev || (rev === this.sent.rev && reply.dataset.checksum !== this.sent.checksum);
      if (rev >= this.held && !isOther) {
        this.held = this.form.elements.base.value = rev;
        this.checksum = reply.dataset.checksum;
      }
      if (isOther) {
        this.show("is-failed", "The server holds another text");
        say("alert", "There's a newer text for this question. Reload the page to see it. This text is kept on this device.");
        return;
      }
      if (outcome === "late") {
        this.held = this.sent.rev;
        this.forgetSent();
        this.freeze();
        say("alert", "The question had already ended, so this text is kept as late text and not scored.");
        return;
      }
      this.forgetSent();
      for (const moment of reply.querySelectorAll("time")) {
        moment.textContent = new Date(moment.dateTime).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      }
      if (this.rev !== this.sent.rev) this.save();
      else if (this.isWaiting) this.handIn();
    }

    // The server has what was sent; keys that were pressed since stay on this device until they are there, too.
    forgetSent() {
      if (copies.read(this.key)?.rev <= this.sent.rev) copies.remove(this.key);
    }

    failed(status) {
      if (status === 409) return this.takenOver();
      if (status === 422) return this.refused();
      if (this.isDirty) this.keep(); // a log-out in another tab has cleared this device
      const isLoggedOut = status === 401;
      if (isLoggedOut) this.panel.querySelector(".signed-out-notice")?.removeAttribute("hidden");
      const [state, news] = this.whatFailed(isLoggedOut);
      this.show("is-failed", state);
      if (this.failures === 0 || this.isNewlyWaiting) say("alert", news);
      this.isNewlyWaiting = false;
      const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
      this.failures += 1;
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.save(), wait);
    }

    whatFailed(isLoggedOut) {
      if (!this.isOnDevice) return ["Not saved – keep this page open", "Not saved, and this device can't keep your text. Keep this page open until it is saved."];
      if (isLoggedOut) return ["Not saved – log in again", "You're logged out. Your text is kept here. Log in again."];
      if (this.isWaiting) return ["Waiting for the connection", "Waiting for the connection. Your answer is kept on this device and is submitted when the connection is back."];
      return ["Not saved – kept on this device", "Not saved. Your text is kept on this device."];
    }

    // This page may have counted further than the server believes: it starts again from what is held there.
    refused() {
      const held = Number(document.getElementById(`save-${this.position}`)?.dataset.rev);
      if (!(this.rev > held + copies.LARGEST_REV_STEP)) return say("alert", "Not saved. See the message beside the buttons.");
      this.held = this.rev = held;
      this.form.elements.base.value = held;
      this.changed();
      this.save();
    }

    show(state, text) {
      const node = document.getElementById(`save-${this.position}`);
      if (!node) return;
      node.className = `save-state ${state}`;
      node.textContent = text;
    }

    // A submit, skip or finish that did not get through: what it carried is saved like any other change. Without a
    // connection, "Save and next" waits for it, unless something is written meanwhile.
    moveFailed(status, isHandIn) {
      if (status === 422) return; // the same question comes back and says why
      if (status !== 409) this.changed();
      this.isWaiting = this.isNewlyWaiting = isHandIn && status === 0;
      this.failed(status);
    }

    handIn() {
      this.isWaiting = false;
      this.form.requestSubmit();
    }

    // Another page goes on with this interview. What was sent from here is kept beside the answer there.
    takenOver() {
      this.freeze();
      if (this.rev !== this.sent.rev) return this.save(); // the last keys are kept there, too
      this.isElsewhere = true;
      const copy = copies.read(this.key); // none where the other page has it
      if (copy) copies.write(this.key, { ...copy, isSent: true });
      say("alert", "This interview is open elsewhere. Press Continue here to use this window.");
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
        field.dispatchEvent(new CustomEvent("holdout:filled")); // static/js/questions/editor.js
        if (field.matches("textarea:not([data-editor])")) countWords(field);
      }
    }
    for (const step of form.querySelectorAll("[name='confidence']")) step.checked = step.value === confidence;
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
    const logIn = panel.querySelector(".log-in-again");
    if (logIn) logIn.href = `${document.documentElement.dataset.loginUrl}?next=${encodeURIComponent(location.pathname)}`;
    for (const field of panel.querySelectorAll("textarea[name='answer']:not([data-editor])")) countWords(field);
    copies.settle(draft);
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
    if (!draft || !target.matches(".answer [name='answer'], .answer [name='confidence']")) return;
    draft.changed();
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
    if (carrier(event)) draft.requested();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr } = event.detail;
    const successful = xhr.status >= 200 && xhr.status < 300; // to htmx whatever is swapped in is successful
    const failure = event.target.closest?.(".question-flag")?.querySelector("[data-failed]");
    if (failure) failure.hidden = successful || xhr.status === 422;
    const kind = carrier(event);
    if (kind === "move") return successful ? draft.forgetSent() : draft.moveFailed(xhr.status, event.detail.requestConfig.elt === draft.form);
    if (!kind) {
      const isButton = event.target.closest?.("#interview-panel form");
      if (isButton && !successful && xhr.status !== 401) say("alert", "We couldn't reach Holdout. Nothing was lost. Try again.");
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
  for (const name of ["online", "focus"]) window.addEventListener(name, () => draft?.save());
  // Only here: closing the page would lose it.
  window.addEventListener("beforeunload", (event) => {
    if (draft?.isDirty && !draft.isOnDevice && !draft.isElsewhere) event.preventDefault();
  });
  open();
})();
