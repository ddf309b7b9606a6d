// The list on the left: a tree to walk through, or the flat answer to a search. Only what is in view is in the page.

const ROW = 30;
const MARGIN = 10;

const list = document.getElementById("list");
const rowsElement = document.getElementById("rows");

const GROUPS = [
  ["missing", "Needed, and nothing makes it"],
  ["outside", "Needed, and not made here"],
  ["unapplied", "Written, and not applied"],
];

const state = { rows: [], active: -1, chosen: null, open: new Set(), isFlat: false };

const order = (one, other) => (other.role === "kustomization") - (one.role === "kustomization") || one.index - other.index;

/** What stands below a node in the tree: what it applies, and what it makes. */
function childrenOf(node) {
  const below = node.out
    .filter((edge) => edge.relation === "applies" || (edge.relation === "makes" && edge.target.role === "made"))
    .map((edge) => edge.target);
  return [...new Set(below)].sort(order);
}

/** Open the way down to where the tree first branches. */
function openStart() {
  for (const start of nodes.filter(isStart)) {
    let node = start;
    const seen = new Set();
    while (node && !seen.has(node)) {
      seen.add(node);
      state.open.add(node.id);
      const inner = childrenOf(node).filter((child) => child.role === "kustomization");
      node = inner.length === 1 ? inner[0] : null;
    }
  }
}

/** The rows of the tree, as far as it is open: each knows its place among its siblings. */
function treeRows() {
  const rows = [];
  const path = new Set();
  const add = (node, level, at, size) => {
    const children = path.has(node) ? [] : childrenOf(node);
    const isOpen = state.open.has(node.id);
    rows.push({ key: node.id, node, level, at, size, isFolder: children.length > 0, isOpen });
    if (!isOpen) return;
    path.add(node);
    children.forEach((child, index) => add(child, level + 1, index + 1, children.length));
    path.delete(node);
  };
  const starts = nodes.filter(isStart);
  const groups = GROUPS.map(([role, title]) => [role, title, nodes.filter((node) => node.role === role)])
    .filter(([, , members]) => members.length > 0);
  const size = starts.length + groups.length;
  starts.forEach((node, index) => add(node, 1, index + 1, size));
  groups.forEach(([role, title, members], index) => {
    const key = `group ${role}`;
    const isOpen = state.open.has(key);
    rows.push({ key, title: `${title} (${members.length})`, level: 1, at: starts.length + index + 1, size, isFolder: true, isOpen });
    if (!isOpen) return;
    members.forEach((node, at) => rows.push({ key: `${key} ${node.id}`, node, level: 2, at: at + 1, size: members.length }));
  });
  return rows;
}

/** Show rows; the chosen node stays the active one where it is among them. */
function showRows(rows, isFlat) {
  const before = state.rows[state.active]?.key;
  state.rows = rows;
  state.isFlat = isFlat;
  const wanted = isFlat ? rows.findIndex((row) => row.node === state.chosen) : rows.findIndex((row) => row.key === before);
  state.active = rows.length === 0 ? -1 : Math.max(0, wanted);
  rowsElement.style.height = `${rows.length * ROW}px`;
  drawRows();
}

/** Put the rows in view into the page. */
function drawRows() {
  const from = Math.max(0, Math.floor(list.scrollTop / ROW) - MARGIN);
  const to = Math.min(state.rows.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + MARGIN);
  const shown = [];
  for (let at = from; at < to; at += 1) shown.push(rowElement(state.rows[at], at));
  if (state.rows.length === 0) shown.push(make("p", { class: "empty" }, "Nothing matches."));
  rowsElement.replaceChildren(...shown);
  if (state.active >= from && state.active < to) list.setAttribute("aria-activedescendant", `row-${state.active}`);
  else list.removeAttribute("aria-activedescendant");
}

function rowElement(row, at) {
  const { node } = row;
  const element = make("div", {
    id: `row-${at}`, class: `row${at === state.active ? " active" : ""}${node && node === state.chosen ? " chosen" : ""}`,
    role: "treeitem", "aria-level": String(row.level), "aria-setsize": String(row.size),
    "aria-posinset": String(row.at), "aria-selected": String(node !== undefined && node === state.chosen),
    "aria-expanded": row.isFolder ? String(row.isOpen) : null,
    title: node ? `${node.kind} ${node.place}` : row.title,
  });
  element.style.top = `${at * ROW}px`;
  element.style.paddingLeft = `${6 + (state.isFlat ? 0 : (row.level - 1) * 14)}px`;
  if (!state.isFlat) element.append(make("span", { class: "twist", "aria-hidden": "true" }, row.isFolder ? (row.isOpen ? "▾" : "▸") : ""));
  if (node === undefined) {
    element.append(make("span", { class: "name" }, row.title));
    return element;
  }
  element.append(
    make("span", { class: `mark ${node.role}`, "aria-hidden": "true" }),
    make("span", { class: "name" }, node.name),
    node.namespace ? make("span", { class: "namespace" }, node.namespace) : "",
    make("span", { class: "kind" }, node.kind),
    ...badges(node.notes),
  );
  return element;
}

/** Make a row the active one, and bring it into view: to the middle, when the eye has not followed it there. */
function activate(at, isJump = false) {
  if (state.rows.length === 0) return;
  state.active = Math.min(Math.max(at, 0), state.rows.length - 1);
  const top = state.active * ROW;
  const isAbove = top < list.scrollTop;
  const isBelow = top + ROW > list.scrollTop + list.clientHeight;
  if (isJump && (isAbove || isBelow)) list.scrollTop = top - list.clientHeight / 2;
  else if (isAbove) list.scrollTop = top;
  else if (isBelow) list.scrollTop = top + ROW - list.clientHeight;
  drawRows();
}

function fold(row, isOpen) {
  if (isOpen) state.open.add(row.key);
  else state.open.delete(row.key);
  showRows(treeRows(), false);
  activate(state.active);
}

/** Open every folder above a node, so that the tree shows it. */
function reveal(node) {
  const seen = new Set();
  let above = node;
  while (above && !seen.has(above)) {
    seen.add(above);
    const edge = above.into.find((one) => one.relation === "applies" || one.relation === "makes");
    above = edge ? edge.source : null;
    if (above) state.open.add(above.id);
  }
  if (GROUPS.some(([role]) => role === node.role)) state.open.add(`group ${node.role}`);
}

const hasNode = (row) => row !== undefined && row.node !== undefined;

/** The keys of a tree, as https://www.w3.org/WAI/ARIA/apg/patterns/treeview/ has them. */
function onListKey(event, choose) {
  const row = state.rows[state.active];
  const page = Math.max(1, Math.floor(list.clientHeight / ROW) - 1);
  const moves = {
    ArrowDown: state.active + 1, ArrowUp: state.active - 1, Home: 0, End: state.rows.length - 1,
    PageDown: state.active + page, PageUp: state.active - page,
  };
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in moves) activate(moves[event.key]);
  else if (event.key === "ArrowRight" && row?.isFolder && !state.isFlat) {
    if (row.isOpen) activate(state.active + 1);
    else fold(row, true);
  } else if (event.key === "ArrowLeft" && row && !state.isFlat) {
    if (row.isFolder && row.isOpen) fold(row, false);
    else activate(parentOf(state.active));
  } else if (event.key === "Enter" || event.key === " ") {
    if (hasNode(row)) choose(row.node);
    else if (row) fold(row, !row.isOpen);
  } else return;
  event.preventDefault();
}

function parentOf(at) {
  const { level } = state.rows[at];
  for (let above = at - 1; above >= 0; above -= 1) if (state.rows[above].level < level) return above;
  return at;
}

function onListClick(event, choose) {
  const element = event.target.closest(".row");
  if (!element) return;
  const at = Number(element.id.slice(4));
  const row = state.rows[at];
  activate(at);
  if (row.isFolder && !state.isFlat && (event.target.closest(".twist") || !hasNode(row))) fold(row, !row.isOpen);
  else if (hasNode(row)) choose(row.node);
}
