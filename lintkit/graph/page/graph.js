// Reads the graph out of the page. Columns are those of `html.py`.

const packed = JSON.parse(document.getElementById("graph").textContent);
const word = (number) => (number < 0 ? null : packed.words[number]);
const keysOf = (keys) => (keys ? { names: keys[0], isOpen: keys[1] === 1 } : null);

const notes = packed.notes.map(([rule, severity, message, path, line, column]) => (
  { rule: word(rule), severity, message, path: word(path), line, column }
));

const nodes = packed.nodes.map((row, index) => {
  const [id, name, role, kind, group, namespace, cluster, path, line, folder, reason, keys, found] = row;
  const node = {
    index, id, name,
    role: word(role), kind: word(kind), group: word(group), namespace: word(namespace), cluster: word(cluster),
    path: word(path), line, folder: word(folder), reason: word(reason),
    keys: keysOf(keys), notes: found.map((number) => notes[number]), out: [], into: [],
  };
  node.place = node.namespace ? `${node.namespace}/${node.name}` : node.name;
  return node;
});

const edges = packed.edges.map((row) => {
  const [source, target, relation, state, path, line, key, purpose, reason, optional, keys] = row;
  const edge = {
    source: nodes[source], target: nodes[target], relation: word(relation), state: word(state),
    path: word(path), line, key: word(key), purpose: word(purpose), reason: word(reason),
    isOptional: optional === 1, keys: keysOf(keys),
  };
  edge.source.out.push(edge);
  edge.target.into.push(edge);
  return edge;
});

const elsewhere = packed.elsewhere.map((number) => notes[number]);
const byId = new Map(nodes.map((node) => [node.id, node]));

const RANK = { error: 0, warning: 1, info: 2 };
const isNamespace = (name) => name !== "" && name !== "*";
const isStart = (node) => node.role === "entry" || node.role === "folder";

/** The worst severity among notes, or an empty text. */
const worst = (found) => found.reduce(
  (bad, note) => (bad === "" || RANK[note.severity] < RANK[bad] ? note.severity : bad), "",
);

/** The text that a search looks through, in lower case. */
const hay = nodes.map((node) => [
  `${node.kind}/${node.place}`, node.path ? `${node.path}:${node.line}` : "", node.cluster,
  node.keys ? node.keys.names.join(" ") : "", node.notes.map((note) => note.rule).join(" "),
].join("\n").toLowerCase());

const lowerNames = nodes.map((node) => node.name.toLowerCase());

/** Nodes that hold every word of a query and pass the filters: names that start with it first, or the worst findings. */
function search(query, filters) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [[], [], [], []];
  for (const node of nodes) {
    if (filters.namespace !== "" && node.namespace !== filters.namespace) continue;
    if (filters.kind !== "" && node.kind !== filters.kind) continue;
    if (filters.cluster !== "" && node.cluster !== filters.cluster) continue;
    if (filters.onlyFound && node.notes.length === 0) continue;
    if (!words.every((one) => hay[node.index].includes(one))) continue;
    const name = lowerNames[node.index];
    const first = words[0] ?? "";
    found[name === first ? 0 : name.startsWith(first) ? 1 : name.includes(first) ? 2 : 3].push(node);
  }
  const all = found.flat();
  const rank = (node) => RANK[worst(node.notes)];
  return filters.onlyFound ? all.sort((one, other) => rank(one) - rank(other)) : all;
}

/** The address of a line of source. */
function address(path, line) {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return packed.template.replace("{path}", () => encoded).replace("{line}", String(line));
}

/** How often each value occurs, most frequent first. */
function counted(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1));
}

const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 || noun === "info" ? "" : "s"}`;
