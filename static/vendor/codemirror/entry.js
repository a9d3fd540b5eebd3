// What static/js/editor.js uses of CodeMirror 6.
export { EditorState, Compartment } from "@codemirror/state";
export { EditorView, keymap, lineNumbers, highlightActiveLine } from "@codemirror/view";
export { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
export { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
export { sql, SQLite } from "@codemirror/lang-sql";
export { python } from "@codemirror/lang-python";
export { tags } from "@lezer/highlight";
