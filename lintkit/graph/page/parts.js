// Pieces of the page that several views use.

/** An element: attributes, then children; texts are always texts, never markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== ""));
  return element;
}

let toastTimer = 0;

/** Say something for two seconds. */
function say(text) {
  const toast = document.getElementById("toast");
  toast.textContent = text;
  toast.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toast.classList.remove("shown"), 2000);
}

/** Put a text on the clipboard, also where a page has no right to the new interface. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", { class: "offscreen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say(`Copied ${text}`);
}

/** A link to a line of source: a plain click shows the line in the page, any other goes to the file. */
function sourceLink(path, line, isWhole = false) {
  if (path === null) return null;
  const place = `${path}:${line}`;
  const parts = path.split("/");
  const short = parts.length > 2 ? `…/${parts.slice(-2).join("/")}:${line}` : place;
  const link = make("a", {
    class: "source", href: address(path, line), target: "_blank", rel: "noopener noreferrer", title: place, "data-place": place,
  }, isWhole ? place : short);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !showSource(path, line)) return;
    event.preventDefault();
  });
  return link;
}

const copyButton = (text) => make("button", {
  type: "button", class: "copy", title: `Copy ${text}`, "aria-label": `Copy ${text}`, onclick: () => copy(text),
}, "copy");

const nodeAddress = (node) => `#${encodeURIComponent(node.id)}`;

/** The numbers of findings, worst first. */
function badges(found) {
  return counted(found.map((note) => note.severity))
    .sort((one, other) => RANK[one[0]] - RANK[other[0]])
    .map(([severity, count]) => make("span", {
      class: `badge ${severity}`, title: plural(count, severity), "aria-label": plural(count, severity),
    }, String(count)));
}

/** One finding in words, with the way to its line. */
function finding(note, node = null) {
  return make("li", { class: `finding ${note.severity}` },
    make("span", { class: `severity ${note.severity}` }, note.severity),
    make("span", { class: "message" }, ...marked(note.message), " ", make("span", { class: "rule" }, note.rule)),
    make("span", { class: "where" },
      node ? make("a", { href: nodeAddress(node) }, `${node.kind} ${node.place}`) : null, sourceLink(note.path, note.line)),
  );
}

/** A message with the words between backticks as code. */
function marked(text) {
  return text.split("`").map((part, index, all) => {
    if (index % 2 === 0 || index === all.length - 1) return index % 2 ? `\`${part}` : part;
    return make("code", {}, part);
  });
}

/** A list that shows its first elements, and the rest when asked. */
function capped(elements, limit, container, onMore = () => {}) {
  container.append(...elements.slice(0, limit));
  if (elements.length > limit) {
    const button = make("button", { type: "button", class: "more" }, `Show all ${elements.length.toLocaleString("en")}`);
    button.addEventListener("click", () => {
      button.replaceWith(...elements.slice(limit));
      elements[limit].querySelector("a, button")?.focus();
      onMore();
    });
    container.append(button);
  }
  return container;
}
