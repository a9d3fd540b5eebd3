// The sketch board of a design: boxes, texts, arrows and freehand lines. What is drawn stands as JSON in a hidden field
// of the answer, so it is saved, kept on this device and offered like any text (answer.js); questions/sketch.py says what
// it may hold, and draws the same. All that can be drawn by a pointer can be done by the fields below the board, too.
(() => {
  const WIDTH = 560;
  const HEIGHT = 420;
  const STEP = 10;
  const MOST_SHAPES = 200;
  const MOST_CHARACTERS = 20_000;
  const MOST_POINTS = 200;
  const MOST_UNDONE = 100;
  const SMALLEST = { w: 40, h: 20 };
  const NEW = { box: { w: 120, h: 50 }, text: { w: 120, h: 30 } };
  const LINE_HEIGHT = 18;
  const LETTER_WIDTH = 8;
  const PADDING = 8;
  const [HEAD_LENGTH, HEAD_WIDTH] = [10, 5];
  const UNFIT = /[\p{Cc}\p{Cs}\ufffe\uffff]/gu; // as in questions/sketch.py

  const between = (number, least, most) => Math.max(least, Math.min(most, Math.round(number)));
  const isNode = (shape) => shape?.x !== undefined;
  const middle = ({ x, y, w, h }) => [x + w / 2, y + h / 2];

  // --- drawing ------------------------------------------------------------------------------------

  function element(name, attributes, text = "") {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.textContent = text;
    return node;
  }

  function wrapped(text, width, height) {
    const letters = Math.max(1, Math.floor((width - PADDING) / LETTER_WIDTH));
    const lines = [];
    for (const word of text.split(/\s+/).filter(Boolean)) {
      const signs = [...word];
      for (let start = 0; start < signs.length; start += letters) {
        const piece = signs.slice(start, start + letters);
        const last = lines.at(-1);
        if (last && start === 0 && last.length + 1 + piece.length <= letters) last.push(" ", ...piece);
        else lines.push(piece);
      }
    }
    return lines.slice(0, Math.max(1, Math.floor(height / LINE_HEIGHT))).map((line) => line.join(""));
  }

  const label = (text, x, y) =>
    element("text", { class: "sketch-text", x, y, "text-anchor": "middle", "dominant-baseline": "central" }, text);

  function border(node, towards) {
    const [x, y] = middle(node);
    const [otherX, otherY] = middle(towards);
    const ways = [[node.w / 2, otherX - x], [node.h / 2, otherY - y]].filter(([, way]) => way);
    const part = Math.min(...ways.map(([half, way]) => half / Math.abs(way)));
    return ways.length ? [x + part * (otherX - x), y + part * (otherY - y)] : [x, y];
  }

  function drawnArrow(arrow, nodes) {
    const [x1, y1] = border(nodes.get(arrow.from), nodes.get(arrow.to));
    const [x2, y2] = border(nodes.get(arrow.to), nodes.get(arrow.from));
    const length = Math.hypot(x2 - x1, y2 - y1);
    if (!length) return [];
    const [alongX, alongY] = [(x2 - x1) / length, (y2 - y1) / length];
    const [backX, backY] = [x2 - HEAD_LENGTH * alongX, y2 - HEAD_LENGTH * alongY];
    const [sideX, sideY] = [HEAD_WIDTH * alongY, -HEAD_WIDTH * alongX];
    const head = [x2, y2, backX + sideX, backY + sideY, backX - sideX, backY - sideY];
    const parts = [
      element("polyline", { class: "sketch-line", points: [x1, y1, x2, y2] }),
      element("polygon", { class: "sketch-head", points: head }),
    ];
    return arrow.text ? [...parts, label(arrow.text, (x1 + x2) / 2, (y1 + y2) / 2 - 10)] : parts;
  }

  function drawnNode(node) {
    const parts = [element("rect", { class: node.kind === "box" ? "sketch-box" : "sketch-area", x: node.x, y: node.y, width: node.w, height: node.h, rx: 6 })];
    const lines = wrapped(node.text, node.w, node.h);
    const first = node.y + node.h / 2 - ((lines.length - 1) * LINE_HEIGHT) / 2;
    return [...parts, ...lines.map((line, place) => label(line, node.x + node.w / 2, first + place * LINE_HEIGHT))];
  }

  function drawn(shape, nodes) {
    if (shape.kind === "arrow") return drawnArrow(shape, nodes);
    if (shape.kind === "stroke") return [element("polyline", { class: "sketch-line", points: shape.points })];
    return drawnNode(shape);
  }

  // --- one board ----------------------------------------------------------------------------------

  class Board {
    constructor(node) {
      this.node = node;
      this.field = node.querySelector("[data-sketch-field]");
      this.canvas = node.querySelector("[data-sketch-canvas]");
      this.choice = node.querySelector("[data-sketch-chosen]");
      this.target = node.querySelector("[data-sketch-target]");
      this.label = node.querySelector("[data-sketch-label]");
      this.note = node.querySelector("[data-sketch-note]");
      this.undone = [];
      this.mode = null;
      this.chosen = null;
      this.read();
      this.listen();
    }

    get isFrozen() { return this.field.inert; } // after the end: static/js/sitting/answer.js
    shape(id) { return this.shapes.find((one) => one.id === id); }
    nodes() { return new Map(this.shapes.filter(isNode).map((one) => [one.id, one])); }

    read() {
      try { this.shapes = JSON.parse(this.field.value || "[]"); } catch { this.shapes = []; }
      this.show();
    }

    json() { return this.shapes.length ? JSON.stringify(this.shapes) : ""; }

    // What `act` does to the shapes is one step that can be undone; too much is refused, and nothing changes.
    change(act, says = "") {
      if (this.isFrozen) return;
      const before = this.field.value;
      act();
      const after = this.json();
      if (this.shapes.length > MOST_SHAPES || after.length > MOST_CHARACTERS) {
        this.read();
        return this.say("The sketch is full. Delete something first.");
      }
      if (after === before) return;
      this.undone = [...this.undone.slice(1 - MOST_UNDONE), before];
      this.write(after);
      this.say(says);
    }

    write(json) {
      this.field.value = json;
      this.field.dispatchEvent(new Event("input", { bubbles: true }));
      this.show();
    }

    undo() {
      if (this.isFrozen || !this.undone.length) return;
      const before = this.undone.pop();
      this.shapes = JSON.parse(before || "[]");
      this.write(before);
      this.say("Undone.");
    }

    say(text) { this.note.textContent = text; }

    // --- showing --------------------------------------------------------------------------------

    show() {
      if (!this.shape(this.chosen)) this.chosen = this.shapes.at(-1)?.id ?? null;
      const nodes = this.nodes();
      const arrowsFirst = [...this.shapes].sort((one, other) => (other.kind === "arrow") - (one.kind === "arrow"));
      this.canvas.replaceChildren(...arrowsFirst.map((shape) => { // which so go behind the boxes
        const group = element("g", { class: shape.id === this.chosen ? "is-chosen" : "", "data-id": shape.id });
        group.append(...drawn(shape, nodes));
        return group;
      }));
      this.canvas.dataset.mode = this.mode ?? "";
      this.showFields(nodes);
    }

    showFields(nodes) {
      const chosen = this.shape(this.chosen);
      const others = [...nodes.values()].filter(({ id }) => id !== this.chosen);
      fillChoice(this.choice, this.shapes.map((one) => [one.id, this.nameOf(one)]), this.chosen);
      fillChoice(this.target, others.map((one) => [one.id, this.nameOf(one)]), Number(this.target.value));
      if (document.activeElement !== this.label) this.label.value = chosen?.text ?? "";
      this.choice.disabled = !chosen;
      this.label.disabled = chosen?.text === undefined;
      this.target.disabled = this.button("arrow").disabled = !isNode(chosen) || !others.length;
      this.button("remove").disabled = !chosen;
      this.button("undo").disabled = !this.undone.length;
      for (const button of this.node.querySelectorAll("[data-sketch-mode]")) {
        button.setAttribute("aria-pressed", button.dataset.sketchMode === this.mode);
      }
    }

    button(act) { return this.node.querySelector(`[data-sketch-do='${act}']`); }

    nameOf(shape) {
      if (shape.kind === "stroke") return `Freehand ${shape.id}`;
      if (shape.kind === "arrow") return `Arrow from ${this.titleOf(shape.from)} to ${this.titleOf(shape.to)}`;
      return `${shape.kind === "box" ? "Box" : "Text"} ${shape.text || shape.id}`;
    }

    titleOf(id) { return this.shape(id)?.text || id; }

    choose(id) {
      this.chosen = id;
      this.label.blur();
      this.show();
    }

    // --- acts -----------------------------------------------------------------------------------

    add(shape) {
      const id = Math.max(0, ...this.shapes.map((one) => one.id)) + 1;
      this.shapes.push({ id, ...shape });
      this.chosen = id;
    }

    addNode(kind) {
      const { w, h } = NEW[kind];
      this.change(() => this.add({ kind, ...this.freePlace(w, h), w, h, text: "" }), kind === "box" ? "Box added. Give it a label." : "Text added. Write it into the label.");
      this.label.value = "";
      this.label.focus();
    }

    freePlace(w, h) {
      const isFree = (x, y) => this.shapes.filter(isNode).every((one) =>
        x + w + STEP <= one.x || one.x + one.w + STEP <= x || y + h + STEP <= one.y || one.y + one.h + STEP <= y);
      for (let y = 20; y + h <= HEIGHT; y += 70) for (let x = 10; x + w <= WIDTH; x += 140) if (isFree(x, y)) return { x, y };
      return { x: 20, y: 20 };
    }

    addArrow(from, to) {
      if (from === to || !isNode(this.shape(from)) || !isNode(this.shape(to))) return;
      if (this.shapes.some((one) => one.from === from && one.to === to)) return this.say("That arrow is there already.");
      this.change(() => {
        this.add({ kind: "arrow", from, to, text: "" });
        this.chosen = from; // the next arrow often begins there, too
      }, `Arrow from ${this.titleOf(from)} to ${this.titleOf(to)} added.`);
    }

    remove() {
      const gone = this.chosen;
      this.change(() => {
        this.shapes = this.shapes.filter((one) => ![one.id, one.from, one.to].includes(gone));
      }, "Deleted.");
    }

    relabel(text) {
      const chosen = this.shape(this.chosen);
      if (chosen?.text === undefined) return;
      this.change(() => { chosen.text = [...text.replace(/\s+/g, " ").replace(UNFIT, "")].slice(0, 80).join(""); });
    }

    moveBy(shape, dx, dy) {
      if (isNode(shape)) {
        shape.x = between(shape.x + dx, 0, WIDTH - shape.w);
        shape.y = between(shape.y + dy, 0, HEIGHT - shape.h);
      } else if (shape.kind === "stroke") {
        shape.points = shape.points.map((value, place) => (place % 2 ? between(value + dy, 0, HEIGHT) : between(value + dx, 0, WIDTH)));
      }
    }

    resizeBy(shape, dw, dh) {
      if (!isNode(shape)) return;
      shape.w = between(shape.w + dw, SMALLEST.w, WIDTH - shape.x);
      shape.h = between(shape.h + dh, SMALLEST.h, HEIGHT - shape.y);
    }

    setMode(mode) {
      this.mode = this.mode === mode ? null : mode;
      this.show();
      this.say({ arrow: "Drag from one box to another.", stroke: "Draw with the pointer." }[this.mode] ?? "");
    }

    act(name) {
      const acts = {
        box: () => this.addNode("box"),
        words: () => this.addNode("text"),
        arrow: () => this.addArrow(this.chosen, Number(this.target.value)),
        remove: () => this.remove(),
        undo: () => this.undo(),
      };
      acts[name]();
    }

    // --- listening ------------------------------------------------------------------------------

    listen() {
      this.field.addEventListener("holdout:filled", () => this.read());
      this.node.addEventListener("click", ({ target }) => {
        const button = target.closest("[data-sketch-do], [data-sketch-mode]");
        if (button?.dataset.sketchMode) this.setMode(button.dataset.sketchMode);
        else if (button) this.act(button.dataset.sketchDo);
      });
      this.choice.addEventListener("change", () => this.choose(Number(this.choice.value)));
      this.label.addEventListener("input", () => this.relabel(this.label.value));
      this.label.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) event.preventDefault(); // it would hand in the answer
      });
      this.canvas.addEventListener("keydown", (event) => this.pressed(event));
      this.canvas.addEventListener("pointerdown", (event) => this.down(event));
      this.canvas.addEventListener("pointermove", (event) => this.moved(event));
      this.canvas.addEventListener("pointerup", (event) => this.up(event));
      this.canvas.addEventListener("pointercancel", () => this.letGo());
    }

    pressed(event) {
      const ways = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
      const shape = this.shape(this.chosen);
      if (event.key.length === 1 && isPlain) event.stopPropagation(); // no shortcut of the page
      if (!shape || !isPlain) return;
      if (event.key === "Delete" || event.key === "Backspace") this.remove();
      else if (ways[event.key] && event.shiftKey) this.change(() => this.resizeBy(shape, ...ways[event.key]));
      else if (ways[event.key]) this.change(() => this.moveBy(shape, ...ways[event.key]));
      else return;
      event.preventDefault();
    }

    place({ clientX, clientY }) {
      const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(this.canvas.getScreenCTM().inverse());
      return [between(x, 0, WIDTH), between(y, 0, HEIGHT)];
    }

    at(event) {
      const node = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-id]");
      return node && this.canvas.contains(node) ? this.shape(Number(node.dataset.id)) : undefined;
    }

    down(event) {
      if (this.isFrozen || !event.isPrimary || event.button) return;
      const shape = this.at(event);
      const place = this.place(event);
      if (this.mode === "stroke") this.hold = { stroke: [...place] };
      else if (this.mode === "arrow") this.hold = isNode(shape) ? { from: shape.id } : null;
      else this.hold = shape ? { id: shape.id, last: place } : null;
      if (!this.hold) return;
      this.canvas.setPointerCapture(event.pointerId);
      if (shape && !this.mode) this.choose(shape.id);
      if (this.hold.stroke) this.canvas.append(this.hold.line = element("polyline", { class: "sketch-line", points: place }));
    }

    moved(event) {
      if (!this.hold) return;
      const place = this.place(event);
      if (this.hold.stroke) {
        this.hold.stroke.push(...place);
        this.hold.line.setAttribute("points", this.hold.stroke);
      } else if (this.hold.id) {
        this.moveBy(this.shape(this.hold.id), place[0] - this.hold.last[0], place[1] - this.hold.last[1]);
        this.hold.last = place;
        this.show();
      }
    }

    up(event) {
      const hold = this.hold;
      this.hold = null;
      if (!hold) return;
      if (hold.from) this.addArrow(hold.from, this.at(event)?.id);
      else if (hold.stroke) this.addStroke(hold.stroke);
      else this.change(() => {}); // the shapes have moved already
    }

    letGo() {
      this.hold = null;
      this.read();
    }

    addStroke(points) {
      const pairs = points.length / 2;
      if (pairs < 2) return this.show();
      const every = Math.ceil(pairs / MOST_POINTS);
      this.change(() => this.add({ kind: "stroke", points: points.filter((_, place) => Math.floor(place / 2) % every === 0) }));
    }
  }

  function fillChoice(select, options, value) {
    select.replaceChildren(...options.map(([id, name]) => new Option(name, id, false, id === value)));
  }

  // A design that was written with its stages hidden, in the fields of the stages, or the other way round.
  function fitting(answer, fields) {
    if (answer.length === fields.length || !fields.at(-1)?.matches("[data-sketch-field]")) return answer;
    const isDrawn = answer.length > 1 && (answer.at(-1) === "" || isSketch(answer.at(-1)));
    const texts = isDrawn ? answer.slice(0, -1) : answer;
    const places = Array(fields.length - 1).fill("");
    places[0] = texts.filter((text) => text.trim()).join("\n\n");
    return [...places, isDrawn ? answer.at(-1) : ""];
  }

  const isSketch = (text) => text.startsWith('[{"id":');

  const known = new WeakSet();
  function open() {
    for (const node of document.querySelectorAll("[data-sketch]")) {
      if (known.has(node) || !node.querySelector("[data-sketch-canvas]")) continue;
      known.add(node);
      new Board(node);
    }
  }

  window.holdoutDesign = { fitting, isSketch };
  document.addEventListener("htmx:afterSettle", open);
  open();
})();
