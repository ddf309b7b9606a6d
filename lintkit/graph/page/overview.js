// The right side when nothing is chosen.

/** Numbers, findings, unmet needs, entry points, kinds and namespaces. */
function overview(setFilter) {
  const objects = nodes.filter((node) => !isStart(node));
  const applied = objects.filter((node) => node.role === "resource" || node.role === "kustomization");
  const unmet = edges.filter((edge) => edge.state === "unmet");
  const numbers = [
    [applied.length, "object", "applied"],
    [applied.filter((node) => node.role === "kustomization").length, "Kustomization", "of Flux"],
    [notes.length, "finding", ""],
    [unmet.length, "unmet need", ""],
  ];
  return [
    make("header", { class: "head" }, make("p", { class: "crumb" }, "lintkit graph"), make("h1", {}, packed.title)),
    make("ul", { class: "numbers" }, ...numbers.map(([count, noun, more]) => make("li", {},
      make("strong", {}, count.toLocaleString("en")), ` ${plural(count, noun).replace(/^\S+ /, "")} ${more}`.trimEnd()))),
    ...findingsSection(),
    ...unmetSection(unmet),
    section("Where Flux starts", make("ul", { class: "links" }, ...nodes.filter(isStart).map((node) => make("li", {},
      make("a", { href: nodeAddress(node) }, node.place), node.cluster ? make("span", { class: "dim" }, ` ${node.cluster}`) : "",
      " ", sourceLink(node.path, node.line) ?? "")))),
    section("Kinds", filterChips(objects.map((node) => node.kind), "kind", setFilter)),
    section("Namespaces", filterChips(objects.map((node) => node.namespace).filter(isNamespace), "namespace", setFilter)),
  ];
}

const section = (title, ...content) => make("section", { "aria-label": title }, make("h2", {}, title), ...content);

function findingsSection() {
  if (notes.length === 0) return [];
  const holder = new Map();
  for (const node of nodes) for (const note of node.notes) if (!holder.has(note)) holder.set(note, node);
  const sorted = [...notes].sort((one, other) => RANK[one.severity] - RANK[other.severity]);
  return [section(`Findings (${notes.length.toLocaleString("en")})`,
    capped(sorted.map((note) => finding(note, holder.get(note) ?? null)), 50, make("ul", { class: "findings" })))];
}

function unmetSection(unmet) {
  if (unmet.length === 0) return [];
  const rows = unmet.map((edge) => make("li", { class: "finding error" },
    make("a", { href: nodeAddress(edge.source) }, `${edge.source.kind} ${edge.source.place}`), " needs ",
    make("a", { href: nodeAddress(edge.target) }, `${edge.target.kind} ${edge.target.place}`),
    edge.key === null ? "" : make("span", {}, " key ", make("code", {}, edge.key)), make("span", { class: "where" }, sourceLink(edge.path, edge.line))));
  return [section(`Unmet needs (${unmet.length.toLocaleString("en")})`, capped(rows, 50, make("ul", { class: "findings" })))];
}

function filterChips(values, name, setFilter) {
  return capped(counted(values).map(([value, count]) => make("li", {},
    make("button", { type: "button", class: "chip", onclick: () => setFilter(name, value) }, value, make("span", { class: "dim" }, ` ${count}`)))),
  24, make("ul", { class: "chips" }));
}
