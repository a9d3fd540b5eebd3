// Recordings on their way to the server ("takes"): every piece is kept on this device until the server has the whole,
// and what was interrupted goes on from where the server says it is. static/js/speech/voice.js makes and shows them.
(() => {
  const PIECE_BYTES = 64 * 1024;
  const WAITING_BYTES = 6000; // while recording: a piece every two seconds
  const TIMEOUT_MS = 20_000;
  const RETRY_MS = [1500, 3000, 6000, 12_000, 30_000];

  const csrfToken = () => /(?:^|; )(?:__Host-)?csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? "";
  const lease = () => (document.querySelector("[name='lease']")?.value ?? document.querySelector("[data-lease]")?.dataset.lease ?? "");

  // Two stores: what is known of a take, and its pieces in order. Where it is forbidden or full, memory must do.
  const device = {
    opened: null,
    open() {
      this.opened ??= new Promise((resolve, reject) => {
        const request = indexedDB.open("holdout", 1);
        request.onupgradeneeded = () => {
          request.result.createObjectStore("takes", { keyPath: "id" });
          request.result.createObjectStore("pieces", { keyPath: ["id", "number"] });
        };
        request.onsuccess = () => {
          request.result.onversionchange = () => request.result.close(); // logging out deletes it
          resolve(request.result);
        };
        request.onerror = () => reject(request.error);
      });
      return this.opened;
    },
    async run(mode, work) {
      try {
        const transaction = (await this.open()).transaction(["takes", "pieces"], mode);
        const request = work(transaction.objectStore("takes"), transaction.objectStore("pieces"));
        return await new Promise((resolve, reject) => {
          transaction.oncomplete = () => resolve(request.result);
          transaction.onerror = transaction.onabort = () => reject(transaction.error);
        });
      } catch { return undefined; }
    },
    takes() { return this.run("readonly", (takes) => takes.getAll()); },
    pieces(id) { return this.run("readonly", (_, pieces) => pieces.getAll(all(id))); },
    keep(known) { return this.run("readwrite", (takes) => takes.put(known)); },
    keepPiece(id, number, content) { return this.run("readwrite", (_, pieces) => pieces.put({ id, number, content })); },
    forget(id) {
      return this.run("readwrite", (takes, pieces) => {
        takes.delete(id);
        return pieces.delete(all(id));
      });
    },
  };
  const all = (id) => IDBKeyRange.bound([id, 0], [id, Infinity]);

  class Problem extends Error {
    constructor(status, text = "", retryAfter = 0) {
      super(text);
      Object.assign(this, { status, retryAfter });
    }
  }

  async function post(url, body, contentType) {
    const headers = { "X-CSRFToken": csrfToken(), "HX-Request": "true", ...(contentType && { "Content-Type": contentType }) };
    const reply = await fetch(url, { method: "POST", body, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const said = await reply.json().catch(() => ({}));
    if (reply.ok || (reply.status === 409 && "held" in said)) return said;
    throw new Problem(reply.status, said.error, Number(reply.headers.get("Retry-After")) || 0);
  }

  // Those of this window that are not settled.
  const underWay = new Map();

  class Take {
    // `known`: id, interview, position, url, type, at (when it began), ms (how long it is); `pieces` where it is read
    // back from the device, and then whoever recorded it is gone.
    constructor(known, pieces = []) {
      Object.assign(this, known, { known, pieces, held: 0, failures: 0 });
      this.isStopped = pieces.length > 0;
      this.isSettled = false; // the server has it, or never will
      underWay.set(this.id, this);
    }

    get content() { return new Blob(this.pieces, { type: this.type }); }

    async add(piece, ms) {
      this.ms = this.known.ms = ms;
      const number = this.pieces.push(piece);
      device.keep(this.known);
      if (this.content.size - this.held > WAITING_BYTES) this.send();
      // As bytes: some browsers cannot keep blobs.
      await device.keepPiece(this.id, number, await piece.arrayBuffer());
      if (this.isSettled) device.forget(this.id);
    }

    stop() {
      this.isStopped = true;
      this.send();
    }

    async send() {
      clearTimeout(this.retry);
      if (this.isSending || this.isSettled) return;
      this.isSending = true;
      try {
        while (!this.isSettled) {
          const content = this.content;
          if (this.held < content.size) await this.sendPiece(content.slice(this.held, this.held + PIECE_BYTES));
          else if (this.isStopped) await this.finish(content.size);
          else break;
          if (this.failures) this.report("going-on");
          this.failures = 0;
        }
      } catch (error) {
        if (!this.isSettled) this.failed(error instanceof Problem ? error : new Problem(0));
      }
      this.isSending = false;
    }

    async sendPiece(piece) {
      const reply = await post(`${this.url}part/?offset=${this.held}`, piece, "application/octet-stream");
      if (reply.held === this.held) throw new Problem(0); // no way on: not at once, at least
      this.held = reply.held;
    }

    async finish(size) {
      const reply = await post(`${this.url}finish/`, new URLSearchParams({ size, lease: lease(), milliseconds: Math.round(this.ms) }));
      if (this.isSettled) return;
      if (reply.kind) return this.settle("finished", reply);
      if (reply.held === size) throw new Problem(0);
      this.held = reply.held;
    }

    failed({ status, message, retryAfter }) {
      if ([413, 422].includes(status)) return this.settle("refused", { text: message });
      this.failures += 1;
      const wait = retryAfter * 1000 || RETRY_MS[Math.min(this.failures, RETRY_MS.length) - 1];
      this.retry = setTimeout(() => this.send(), wait);
      this.report("failed", { status });
    }

    // How it ended; null where nobody need be told.
    settle(outcome, said) {
      this.isSettled = true;
      clearTimeout(this.retry);
      underWay.delete(this.id);
      device.forget(this.id);
      this.letGo?.();
      if (outcome) this.report(outcome, said);
    }

    // What the server already has of it goes at once, or with its nightly search.
    async discard() {
      this.settle(null);
      await post(`${this.url}delete/`, new URLSearchParams({ lease: lease() })).catch(() => {});
    }

    report(outcome, said = {}) {
      document.dispatchEvent(new CustomEvent("holdout:take", { detail: { take: this, outcome, ...said } }));
    }

    // One window sends a take: its lock ends with the window, and another one may go on. False: another has it.
    hold() {
      if (!navigator.locks) return Promise.resolve(true);
      return new Promise((resolve) => {
        navigator.locks.request(`holdout-take-${this.id}`, { ifAvailable: true }, (lock) => {
          resolve(lock !== null);
          return lock && new Promise((letGo) => { this.letGo = letGo; });
        });
      });
    }
  }

  // What earlier pages of this interview did not get to send, the oldest first.
  async function leftovers(interview) {
    const found = [];
    const kept = ((await device.takes()) ?? []).filter((known) => known.interview === interview);
    for (const known of kept.sort((one, other) => one.at - other.at)) {
      if (underWay.has(known.id)) continue;
      const pieces = (await device.pieces(known.id)) ?? [];
      if (pieces.length === 0 || underWay.has(known.id)) continue;
      const take = new Take(known, pieces.map(({ content }) => content));
      if (await take.hold()) found.push(take);
      else underWay.delete(known.id);
    }
    return found;
  }

  for (const name of ["online", "focus"]) {
    window.addEventListener(name, () => { for (const take of underWay.values()) take.send(); });
  }

  window.holdoutTakes = { Take, leftovers, lease, post };
})();
