// A textarea with data-editor becomes a code editor. The textarea stays the form's field: the editor writes every
// change into it and fires its events, so that what saves an answer need not know.
// CodeMirror lives in a shadow root, where its styles are constructed sheets, which the content security policy allows.
(() => {
  const { codemirror } = document.currentScript.dataset;
  let loading = null;

  async function upgrade(field) {
    field.dataset.editorState = "loading";
    loading ??= import(codemirror);
    const cm = await loading.catch(() => { loading = null; });
    if (!cm || !field.isConnected) return; // the textarea works by itself
    mount(cm, field);
  }

  function mount(cm, field) {
    const { EditorView, EditorState, keymap } = cm;
    const host = document.createElement("div");
    host.className = "code-editor";
    host.style.setProperty("--least", `${field.offsetHeight - 2}px`); // as high as the field: nothing moves
    const root = host.attachShadow({ mode: "open" });
    const readOnly = new cm.Compartment();
    const isReadOnly = () => EditorState.readOnly.of(field.readOnly);
    const languages = { sql: () => cm.sql({ dialect: cm.SQLite }), python: () => cm.python() };
    const labels = {
      "aria-label": field.labels[0]?.textContent ?? "",
      "aria-description": document.getElementById(field.id.replace("answer", "editor-hint"))?.textContent ?? "",
    };
    if (field.getAttribute("aria-invalid")) labels["aria-invalid"] = "true";
    // Ctrl + Enter runs what is written (static/js/running/page.js).
    const keys = cm.defaultKeymap.filter(({ key }) => key !== "Mod-Enter");
    const view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: field.value,
        extensions: [
          cm.lineNumbers(),
          cm.history(),
          cm.indentOnInput(),
          cm.bracketMatching(),
          cm.highlightActiveLine(),
          cm.indentUnit.of("    "),
          EditorState.tabSize.of(4),
          EditorView.lineWrapping,
          keymap.of([...keys, ...cm.historyKeymap, cm.indentWithTab]),
          languages[field.dataset.editor](),
          cm.syntaxHighlighting(colours(cm)),
          theme(EditorView),
          readOnly.of(isReadOnly()),
          EditorView.contentAttributes.of(labels),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            field.value = update.state.doc.toString();
            field.dispatchEvent(new InputEvent("input", { bubbles: true }));
          }),
          EditorView.domEventHandlers({
            blur: () => { field.dispatchEvent(new FocusEvent("focusout", { bubbles: true })); },
            beforeinput: (event, view) => typedOverSelection(event, view),
          }),
        ],
      }),
    });
    field.before(host);
    // Whoever focuses the field (its label, a shortcut, the page after a mistake) lands in the editor.
    field.classList.add("visually-hidden");
    field.tabIndex = -1;
    field.setAttribute("aria-hidden", "true");
    field.addEventListener("focus", () => view.focus());
    field.addEventListener("holdout:filled", () => {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: field.value } });
    });
    if (document.activeElement === field) view.focus();
    new MutationObserver(() => view.dispatch({ effects: readOnly.reconfigure(isReadOnly()) }))
      .observe(field, { attributes: true, attributeFilter: ["readonly"] });
    document.getElementById(field.id.replace("answer", "editor-hint"))?.classList.add("is-true");
    field.dataset.editorState = "ready";
  }

  // Chrome keeps the colours of text that is typed over in a style attribute, which the policy refuses.
  function typedOverSelection(event, view) {
    const { selection, readOnly } = view.state;
    if (event.inputType !== "insertText" || !event.data || selection.main.empty || readOnly || view.composing) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    return true;
  }

  const colours = ({ HighlightStyle, tags }) => HighlightStyle.define([
    { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--code-keyword)" },
    { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
    { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
    { tag: [tags.comment], color: "var(--code-comment)", fontStyle: "italic" },
    { tag: [tags.function(tags.variableName), tags.definition(tags.variableName), tags.className, tags.typeName], color: "var(--code-name)" },
  ]);

  const theme = (EditorView) => EditorView.theme({
    "&": { color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: ".9rem", minHeight: "var(--least)" },
    "&.cm-focused": { outline: "none" }, // the host shows it
    ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", minHeight: "var(--least)", maxHeight: "70vh" },
    ".cm-content, .cm-gutter": { minHeight: "var(--least)" },
    ".cm-content": { caretColor: "var(--ink)", padding: ".5rem 0" },
    ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--muted)", border: "0", paddingInline: ".25rem" },
    ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent-soft) 50%, transparent)" },
    "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent)" },
  });

  function open() {
    for (const field of document.querySelectorAll("textarea[data-editor]:not([data-editor-state])")) upgrade(field);
  }

  document.addEventListener("htmx:afterSettle", open);
  open();
})();
