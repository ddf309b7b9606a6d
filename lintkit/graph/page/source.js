// The panel with lines of source around a place.

const sourcePanel = document.getElementById("source");
const CODE = /^(\s*(?:- +)*)("[^"]*"|'[^']*'|[^\s:#"'][^:#]*?)(:)(?=\s|$)/;
const CODE_COMMENT = /(^|\s)#.*$/;
const FRAME = 16;

let excerpts = null;
let focusBefore = null;

/** The run of lines that holds a line of a file. */
function runAt(path, line) {
  excerpts ??= JSON.parse(document.getElementById("excerpts").textContent);
  return excerpts[path]?.find(([first, lines]) => first <= line && line < first + lines.length) ?? null;
}

/** Show a line of source; false when the page does not hold it. */
function showSource(path, line) {
  const run = runAt(path, line);
  if (run === null) return false;
  const [first, lines] = run;
  const from = Math.max(first, line - 3);
  const shown = lines.slice(from - first, from - first + FRAME);
  const found = notes.filter((note) => note.path === path);
  const rows = shown.flatMap((text, index) => {
    const number = from + index;
    const here = found.filter((note) => note.line === number);
    return [
      make("div", { class: `code-line${number === line ? " at" : ""}` },
        make("span", { class: "number", "aria-hidden": "true" }, String(number)), make("code", {}, ...coloured(text))),
      ...here.map((note) => make("div", { class: `code-note ${note.severity}` },
        make("span", { class: `severity ${note.severity}` }, note.severity), ...marked(note.message), " ", make("span", { class: "rule" }, note.rule))),
    ];
  });
  const place = `${path}:${line}`;
  sourcePanel.replaceChildren(
    make("header", {}, make("strong", { class: "place" }, place), copyButton(place),
      make("a", { class: "open", href: address(path, line), target: "_blank", rel: "noopener noreferrer" }, "Open the file"),
      make("button", { type: "button", class: "close", title: "Close (Esc)", "aria-label": "Close", onclick: hideSource }, "✕")),
    make("div", { class: "frame", tabindex: "0", role: "group", "aria-label": `Lines of ${path}` }, ...rows),
  );
  if (sourcePanel.hidden) focusBefore = document.activeElement;
  sourcePanel.hidden = false;
  sourcePanel.querySelector(".frame").focus({ preventScroll: true });
  return true;
}

/** Close the panel; the focus goes back to where it came from. */
function hideSource() {
  if (sourcePanel.contains(document.activeElement)) focusBefore?.focus({ preventScroll: true });
  sourcePanel.hidden = true;
}

/** A line of YAML: its key and its comment stand out. */
function coloured(text) {
  const key = CODE.exec(text);
  const rest = key ? text.slice(key[0].length) : text;
  const comment = CODE_COMMENT.exec(rest);
  const value = comment ? rest.slice(0, comment.index) : rest;
  return [
    ...(key ? [key[1], make("span", { class: "code-key" }, key[2]), key[3]] : []),
    value, comment ? make("span", { class: "code-comment" }, comment[0]) : "",
  ];
}
