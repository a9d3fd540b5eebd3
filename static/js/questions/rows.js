// Adds, moves and removes rows of a form on the page; without this the same buttons send the form (questions/admin/rows.py).
(() => {
  const blank = "__row__";

  function numbered(list) {
    [...list.children].forEach((row, place) => {
      for (const button of row.querySelectorAll(":scope > .row-moves button")) {
        button.setAttribute("aria-label", button.getAttribute("aria-label").replace(/ \d*( up| down|)$/, ` ${place + 1}$1`));
      }
    });
  }

  function added(rows, list) {
    const taken = new Set([...list.children].map((row) => row.dataset.row));
    let row = 0;
    while (taken.has(String(row))) row += 1;
    const name = rows.dataset.rows;
    const template = document.createElement("template");
    // Of its own blank alone: lists inside the new row keep theirs.
    template.innerHTML = rows.querySelector(":scope > template").innerHTML
      .replaceAll(`${name}-${blank}`, `${name}-${row}`)
      .replaceAll(`:${name}:${blank}"`, `:${name}:${row}"`)
      .replace(`data-row="${blank}"`, `data-row="${row}"`)
      .replace(`value="${blank}"`, `value="${row}"`);
    list.append(template.content);
    list.lastElementChild.querySelector("textarea, input:not([type=hidden]), select")?.focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=_rows]");
    if (!button) return;
    event.preventDefault();
    const rows = button.closest("fieldset.rows");
    const list = rows.querySelector(":scope > ol");
    const row = button.closest("li[data-row]");
    const action = button.value.split(":")[0];
    if (action === "add") added(rows, list);
    if (action === "up" && row.previousElementSibling) row.previousElementSibling.before(row);
    if (action === "down" && row.nextElementSibling) row.nextElementSibling.after(row);
    if (action === "remove") {
      row.remove();
      rows.querySelector(":scope > button").focus();
    } else if (action !== "add") {
      button.focus();
    }
    numbered(list);
  });
})();
