// Typing / in a field of feedback offers the snippets that the page brought along, narrowed by what follows.
(() => {
  const snippets = [...document.querySelectorAll("#snippets > li")].map((item) => item.textContent);
  const MOST_SHOWN = 8;
  const TAKES = "textarea[name^='comment-'], textarea[name='public_notes'], textarea[name='next_action']";
  if (!snippets.length) return;

  const list = document.createElement("ul");
  list.id = "snippet-list";
  list.className = "snippet-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Snippets");
  let field = null;
  let chosen = 0;

  // The slash begins a word, so that "and/or" and "1/2" offer nothing.
  const typed = () => /(?:^|\s)\/([^\s/]*)$/.exec(field.value.slice(0, field.selectionStart));

  function hide() {
    list.remove();
    field?.removeAttribute("aria-activedescendant");
    field?.removeAttribute("aria-controls");
    field = null;
  }

  function offer(target) {
    field = target;
    const found = typed();
    const words = found?.[1].toLowerCase();
    const fitting = found ? snippets.filter((text) => text.toLowerCase().includes(words)).slice(0, MOST_SHOWN) : [];
    if (!fitting.length) return hide();
    chosen = 0;
    list.replaceChildren(...fitting.map((text, place) => {
      const item = document.createElement("li");
      item.id = `snippet-${place}`;
      item.setAttribute("role", "option");
      item.textContent = text;
      return item;
    }));
    field.after(list);
    field.setAttribute("aria-controls", list.id);
    choose(0);
  }

  function choose(place) {
    chosen = (place + list.children.length) % list.children.length;
    for (const [index, item] of [...list.children].entries()) item.setAttribute("aria-selected", String(index === chosen));
    field.setAttribute("aria-activedescendant", `snippet-${chosen}`);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  }

  function insert() {
    const text = list.children[chosen].textContent;
    const end = field.selectionStart;
    field.setRangeText(text, end - typed()[1].length - 1, end, "end");
    const target = field;
    hide();
    target.dispatchEvent(new Event("input", { bubbles: true }));
    target.focus();
  }

  document.addEventListener("input", ({ target }) => {
    if (target.matches(TAKES)) offer(target);
  });
  document.addEventListener("keydown", (event) => {
    if (!field || event.target !== field || event.isComposing) return;
    const act = {
      ArrowDown: () => choose(chosen + 1),
      ArrowUp: () => choose(chosen - 1),
      Enter: insert,
      Tab: insert,
      Escape: hide,
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  }, { capture: true });
  list.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("[role='option']");
    if (!item) return;
    event.preventDefault(); // the field keeps the focus
    chosen = [...list.children].indexOf(item);
    insert();
  });
  document.addEventListener("focusout", ({ target }) => {
    if (target === field) hide();
  });
})();
