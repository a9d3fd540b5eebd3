// Formulas: `.math` holds TeX source between $ or $$; KaTeX draws it in place.
// katex.render() builds DOM nodes, which the content security policy allows; renderToString() would not pass it.
(() => {
  const delimiters = /^\s*(\$\$?|\\\[|\\\()([^]*?)(\$\$?|\\\]|\\\))\s*$/;

  function drawMaths(root) {
    for (const formula of root.querySelectorAll(".math:not(.is-drawn)")) {
      const written = formula.textContent;
      const [, , source = written] = delimiters.exec(written) ?? [];
      katex.render(source, formula, {
        displayMode: formula.matches("div, .math-display"),
        throwOnError: false,
        errorColor: "currentColor",
      });
      formula.classList.add("is-drawn");
    }
    document.dispatchEvent(new CustomEvent("holdout:drawn"));
  }

  drawMaths(document);
  for (const event of ["htmx:afterSwap", "holdout:swapped"]) {
    document.addEventListener(event, () => drawMaths(document));
  }
})();
