// Joins the parts: search and filters, the address of the page, and the keyboard.

const searchInput = document.getElementById("search");
const selects = { namespace: document.getElementById("namespace"), kind: document.getElementById("kind"), cluster: document.getElementById("cluster") };
const onlyFound = document.getElementById("found");
const detail = document.getElementById("detail");

function fillSelect(select, title, values) {
  select.append(make("option", { value: "" }, title));
  const sorted = counted(values).sort((one, other) => (one[0].toLowerCase() < other[0].toLowerCase() ? -1 : 1));
  select.append(...sorted.map(([value, count]) => make("option", { value }, `${value} (${count})`)));
}

/** Show the tree, or what the search and the filters leave. */
function refresh() {
  const filters = { namespace: selects.namespace.value, kind: selects.kind.value, cluster: selects.cluster.value, onlyFound: onlyFound.checked };
  const query = searchInput.value.trim();
  const isFlat = query !== "" || onlyFound.checked || Object.values(selects).some((select) => select.value !== "");
  const count = document.getElementById("count");
  list.scrollTop = 0;
  if (isFlat) {
    const found = search(query, filters);
    count.textContent = `${found.length.toLocaleString("en")} of ${nodes.length.toLocaleString("en")}`;
    showRows(found.map((node, at) => ({ key: node.id, node, level: 1, at: at + 1, size: found.length })), true);
  } else {
    count.textContent = plural(nodes.length, "node");
    showRows(treeRows(), false);
  }
}

/** Go to a node: the address says which, so that the browser's back button works. */
function choose(node) {
  const wanted = nodeAddress(node);
  if (location.hash === wanted) showChosen();
  else location.hash = wanted;
}

function chosenNode() {
  try {
    return byId.get(decodeURIComponent(location.hash.slice(1))) ?? null;
  } catch {
    return null;
  }
}

/** Show the node that the address names, or the overview. */
function showChosen() {
  const node = chosenNode();
  state.chosen = node;
  hideSource();
  detail.scrollTop = 0;
  detail.replaceChildren(...(node ? nodeView(node) : overview(setFilter)));
  document.title = `${node ? `${node.kind} ${node.place} · ` : ""}${packed.title} · lintkit graph`;
  if (node && !state.isFlat) {
    reveal(node);
    showRows(treeRows(), false);
    const at = state.rows.findIndex((row) => row.node === node);
    if (at >= 0) activate(at, true);
  } else drawRows();
}

function setFilter(name, value) {
  selects[name].value = value;
  refresh();
  list.focus();
}

function clearSearch() {
  searchInput.value = "";
  onlyFound.checked = false;
  for (const select of Object.values(selects)) select.value = "";
  refresh();
}

fillSelect(selects.namespace, "All namespaces", nodes.map((node) => node.namespace).filter(isNamespace));
fillSelect(selects.kind, "All kinds", nodes.filter((node) => !isStart(node)).map((node) => node.kind));
const clusters = nodes.map((node) => node.cluster).filter(Boolean);
fillSelect(selects.cluster, "All clusters", clusters);
selects.cluster.hidden = new Set(clusters).size < 2;

searchInput.addEventListener("input", refresh);
onlyFound.addEventListener("change", refresh);
for (const select of Object.values(selects)) select.addEventListener("change", refresh);
list.addEventListener("scroll", drawRows, { passive: true });
list.addEventListener("keydown", (event) => onListKey(event, choose));
list.addEventListener("click", (event) => onListClick(event, choose));
new ResizeObserver(drawRows).observe(list);
addEventListener("hashchange", showChosen);
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  detail.focus();
});
document.getElementById("home").addEventListener("click", (event) => {
  event.preventDefault();
  history.pushState(null, "", location.pathname + location.search);
  clearSearch();
  showChosen();
});
searchInput.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") {
    list.focus();
    activate(0);
  } else if (event.key === "Enter") {
    const row = state.rows[Math.max(state.active, 0)];
    if (hasNode(row)) choose(row.node);
  } else if (event.key === "Escape") clearSearch();
  else return;
  event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input:not([type=checkbox]), select, textarea");
  if (event.key === "Escape") hideSource();
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    searchInput.focus();
    searchInput.select();
  }
});

openStart();
refresh();
if (packed.chosen >= 0 && !location.hash) history.replaceState(null, "", nodeAddress(nodes[packed.chosen]));
showChosen();
requestAnimationFrame(() => setTimeout(() => performance.mark("drawn")));
