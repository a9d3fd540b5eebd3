// What this device keeps of an answer until the server holds exactly that text: one copy for each page, named by the
// page's lease, with the server's revision that it grew from. A text that grew from an older one never replaces the
// newer by itself: the server keeps it beside, and the page offers it.
(() => {
  const LARGEST_REV_STEP = 10_000; // as in interviews/sitting/models/answer.py

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

  // --- on this device -----------------------------------------------------------------------------

  const keyOf = (interview, position, lease) => `holdout:${interview}:${position}:${lease}`;

  function read(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  }

  // False where the device is full, or keeps nothing.
  function write(key, copy) {
    try { localStorage.setItem(key, JSON.stringify(copy)); } catch { return false; }
    return true;
  }

  function remove(key) {
    try { localStorage.removeItem(key); } catch { /* it keeps nothing */ }
  }

  // Of all questions of this interview, those of the newest page first.
  function all(interview) {
    let keys = [];
    try { keys = Object.keys(localStorage).filter((key) => key.startsWith(`holdout:${interview}:`)); } catch { /* as above */ }
    const copies = keys.map((key) => {
      const [, , position, lease = "0"] = key.split(":");
      return { ...read(key), key, position, lease };
    });
    return copies.filter(({ answer }) => Array.isArray(answer)).sort((one, other) => other.lease - one.lease);
  }

  // --- to the server ------------------------------------------------------------------------------

  function send(url, copy, options = {}) {
    const body = new URLSearchParams({ rev: copy.rev, lease: copy.lease });
    if (Number.isInteger(copy.base)) body.append("base", copy.base);
    for (const text of copy.answer) body.append("answer", text);
    if (copy.confidence) body.append("confidence", copy.confidence);
    const headers = { "X-CSRFToken": csrfToken(), "HX-Request": "true" };
    return fetch(url, { method: "POST", body, headers, ...options });
  }

  // As the page would send it that it comes from. True where the server has it now: as the answer or beside it.
  async function hand(copy, saveUrl) {
    const url = saveUrl.replace(/questions\/\d+\//, `questions/${copy.position}/`);
    let reply = await send(url, copy);
    if (reply.status === 422) {
      const held = Number(/data-rev="(\d+)"/.exec(await reply.text())?.[1]);
      if (copy.rev > held + LARGEST_REV_STEP) reply = await send(url, { ...copy, rev: held + 1 });
    }
    const isKept = reply.ok || reply.status === 409;
    const isLate = reply.status === 409 || (reply.ok && (await reply.text()).includes('data-outcome="late"'));
    return { isKept, isLate };
  }

  let draft = null; // the open question's, where there is one (static/js/sitting/answer.js)
  let isSettling = false;

  // Every other page's copy goes to the server. What was of a question that is over is done with then; what was of
  // the open one is offered.
  async function settle(openDraft = draft) {
    draft = openDraft;
    show();
    const region = document.querySelector("[data-save-url]");
    if (!region || isSettling) return;
    isSettling = true;
    for (const copy of all(region.dataset.interview)) await settleOne(copy, region.dataset.saveUrl).catch(() => { /* offline: it stays */ });
    isSettling = false;
    show();
  }

  async function settleOne(copy, saveUrl) {
    if (copy.key === draft?.key) return;
    const isOpen = () => copy.position === draft?.position;
    if (isOpen() && checksum(copy.answer) === draft.checksum && !draft.isDirty) return remove(copy.key);
    if (copy.isSent && isOpen()) return;
    const { isKept, isLate } = copy.isSent ? { isKept: true, isLate: false } : await hand(copy, saveUrl);
    const isUnchanged = read(copy.key)?.rev === copy.rev; // its page may be open, and being written in
    if (!isKept || !isUnchanged) return;
    if (isOpen() && !copy.isDiscarded) return write(copy.key, { ...read(copy.key), isSent: true });
    remove(copy.key);
    if (isLate && !copy.isDiscarded) {
      say("alert", `Question ${copy.position}: text that hadn't been sent in time is now kept as late text. It's not scored.`);
    }
  }

  // --- offered ------------------------------------------------------------------------------------

  // What the answer says: of options and steps their words.
  function words(answer) {
    const said = answer.map((text) => {
      const field = [...draft.form.querySelectorAll("input")].find((one) => one.value === text && one.closest(".choice, .step"));
      return field?.closest(".choice, .step").querySelector(".choice-text").textContent.trim() ?? text;
    });
    return said.join("\n\n");
  }

  function offers() {
    const kept = draft ? all(draft.interview).filter(({ key, position }) => position === draft.position && key !== draft.key) : [];
    const here = checksum(draft?.answer() ?? []);
    return kept.filter((copy) => !copy.isDiscarded && checksum(copy.answer) !== here && copy.answer.some((text) => text.trim()));
  }

  function show() {
    const box = draft?.panel.querySelector("[data-kept]");
    if (!box) return;
    const kept = offers();
    const shown = JSON.stringify(kept.map(({ key, answer }) => [key, answer]));
    if (shown === (box.dataset.shown ?? "[]")) return; // an opened one stays open
    box.dataset.shown = shown;
    box.replaceChildren(...kept.map((copy) => {
      const node = document.getElementById("kept-copy").content.firstElementChild.cloneNode(true);
      node.dataset.key = copy.key;
      const name = node.querySelector("[data-kept-name]");
      if (copy.isReplaced) name.textContent = "The text that was here before";
      node.setAttribute("aria-label", name.textContent);
      node.querySelector("[data-kept-text]").textContent = words(copy.answer);
      return node;
    }));
    if (kept.length > 0) say("status", "Some text from this device isn't part of your answer. It's below the answer.");
  }

  // What stands in the field changes places with it: nothing is lost by putting anything in.
  function put(key) {
    const copy = read(key);
    if (!copy) return;
    const replaced = { ...draft.copy(), base: null, isSent: !draft.isDirty, isReplaced: true };
    if (!write(key, replaced) && draft.isDirty) {
      return say("alert", "This device has no room to keep what you've just written. Insert it once that's saved.");
    }
    draft.put(copy);
    say("status", "Inserted. The text that was here before is below your answer.");
  }

  const acts = {
    put,
    ask: (key, node) => sure(node, true),
    keep: (key, node) => sure(node, false),
    discard: (key) => {
      const copy = read(key);
      if (copy?.isSent) remove(key);
      else write(key, { ...copy, isDiscarded: true }); // until the server has it
      say("status", "Discarded.");
      draft.form.querySelector(".answer [name='answer']:not([type='hidden'])")?.focus();
      settle();
    },
  };

  function sure(node, isAsked) {
    node.querySelector("[data-kept-sure]").hidden = !isAsked;
    node.querySelector("[data-kept-ways]").hidden = isAsked;
    node.querySelector(`[data-kept-action='${isAsked ? "keep" : "ask"}']`).focus();
  }

  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-kept-action]");
    const node = button?.closest("[data-key]");
    if (!node || !draft) return;
    acts[button.dataset.keptAction](node.dataset.key, node);
    show();
  });
  // The network is back, or perhaps a log-in in another tab: not to be waited for.
  for (const name of ["online", "focus"]) window.addEventListener(name, () => settle());

  window.holdoutCopies = { LARGEST_REV_STEP, all, checksum, keyOf, read, remove, send, settle, write };
  if (!document.getElementById("interview-panel")) settle(); // the results hand in what came too late
})();
