// The right side for one node: what it is, what was found in it, and a drawing of all that it is joined to.

const LEFT = [
  ["needs", "Needed by"], ["depends on", "Waited for by"], ["source", "Read as source by"],
  ["makes", "Made by"], ["applies", "Applied by"],
];
const RIGHT = [
  ["needs", "Needs"], ["depends on", "Depends on"], ["source", "Source"], ["makes", "Makes"], ["applies", "Applies"],
];
const ROLES = {
  entry: "where Flux starts",
  folder: "a folder that no Flux Kustomization of this tree applies",
  kustomization: "Flux Kustomization",
  resource: "applied by Flux",
  made: "made by another object; no file holds it",
  outside: "needed, and not made in this tree",
  missing: "needed, and nothing makes it",
  unapplied: "written in a file, and not applied",
};
const STATE_RANK = { unmet: 0, undecided: 1, met: 2 };
const SHOWN = 12;
const SHOWN_USES = 4;
const SHOWN_FINDINGS = 5;

/** The whole right side for a node. */
function nodeView(node) {
  const drawing = make("section", { class: "drawing", "aria-label": "What it is joined to" });
  const lines = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  lines.setAttribute("class", "lines");
  lines.setAttribute("aria-hidden", "true");
  const redraw = () => drawLines(drawing, lines);
  drawing.append(
    lines,
    column("left", LEFT, node.into, (edge) => edge.source, redraw),
    make("div", { class: "center" }, centerBox(node)),
    column("right", RIGHT, node.out, (edge) => edge.target, redraw),
  );
  new ResizeObserver(redraw).observe(drawing);
  return [head(node), ...facts(node), drawing];
}

function head(node) {
  const place = node.path === null ? null : `${node.path}:${node.line}`;
  return make("header", { class: "head" },
    make("p", { class: "crumb" }, node.kind, node.group ? make("span", { class: "dim" }, ` ${node.group}`) : ""),
    make("h1", {}, node.place),
    make("p", { class: "role" }, make("span", { class: `mark ${node.role}`, "aria-hidden": "true" }),
      make("span", {}, ROLES[node.role], node.cluster && node.role !== "unapplied" ? ` in ${node.cluster}` : "",
        node.folder !== null && node.role === "kustomization" ? [", builds ", make("code", {}, `./${node.folder}`)] : "")),
    node.reason ? make("p", { class: "reason" }, ...marked(node.reason)) : "",
    place ? make("p", { class: "where" }, sourceLink(node.path, node.line, true), " ", copyButton(place)) : "",
  );
}

/** Findings and keys. */
function facts(node) {
  const parts = [];
  if (node.notes.length > 0) {
    const title = `Findings (${node.notes.length})`;
    parts.push(make("section", { "aria-label": title }, make("h2", {}, title),
      capped(node.notes.map((note) => finding(note)), SHOWN_FINDINGS, make("ul", { class: "findings" }))));
  }
  if (node.keys) {
    const missing = new Set(node.into.filter((edge) => edge.state === "unmet" && edge.key !== null).map((edge) => edge.key));
    const chips = [
      ...node.keys.names.map((name) => make("li", { class: "chip" }, name)),
      ...[...missing].map((name) => make("li", { class: "chip unmet" }, `${name} is missing`)),
      ...(node.keys.isOpen ? [make("li", { class: "chip undecided" }, node.keys.names.length ? "and maybe more" : "not known")] : []),
    ];
    if (chips.length > 0) {
      parts.push(make("section", { "aria-label": "Keys" }, make("h2", {}, "Keys"), capped(chips, 40, make("ul", { class: "chips" }))));
    }
  }
  return parts;
}

function centerBox(node) {
  return make("div", { class: `box center-box ${node.role}` },
    make("span", { class: "box-kind" }, node.kind), make("span", { class: "box-name" }, node.name),
    node.namespace ? make("span", { class: "dim" }, node.namespace) : "", make("span", { class: "box-badges" }, ...badges(node.notes)));
}

/** One side of the drawing: a group for each relation. */
function column(side, groups, found, other, redraw) {
  const element = make("div", { class: `column ${side}` });
  for (const [relation, title] of groups) {
    const byNode = new Map();
    for (const edge of found) {
      if (edge.relation !== relation) continue;
      const node = other(edge);
      byNode.set(node, [...(byNode.get(node) ?? []), edge]);
    }
    if (byNode.size === 0) continue;
    const boxes = [...byNode].map(([node, uses]) => [node, uses, Math.min(...uses.map((edge) => STATE_RANK[edge.state]))])
      .sort((one, two) => one[2] - two[2] || order(one[0], two[0]))
      .map(([node, uses]) => neighbour(node, uses, relation));
    const name = `${title} (${boxes.length.toLocaleString("en")})`;
    element.append(make("section", { class: "group", "data-relation": relation, "aria-label": name },
      make("h2", {}, make("span", { class: "swatch", "aria-hidden": "true" }), name),
      capped(boxes, SHOWN, make("div", { class: "boxes" }), redraw)));
  }
  if (!element.hasChildNodes()) element.append(make("p", { class: "none" }, side === "left" ? "Nothing leads here." : "It refers to nothing."));
  return element;
}

/** A node next to the chosen one, with the keys and the places by which they are joined. */
function neighbour(node, uses, relation) {
  const bad = uses.some((edge) => edge.state === "unmet") ? "unmet" : uses.some((edge) => edge.state === "undecided") ? "undecided" : "met";
  const element = make("div", { class: `box ${node.role} ${bad}`, "data-state": bad },
    make("a", { class: "box-title", href: nodeAddress(node), title: `${node.kind} ${node.place}` },
      make("span", { class: "box-kind" }, node.kind), make("span", { class: "box-name" }, node.place)),
    make("span", { class: "box-badges" }, ...badges(node.notes)));
  if (relation === "applies") {
    element.classList.add("slim");
    return element;
  }
  const reasons = [...new Set(uses.map((edge) => edge.reason).filter(Boolean))];
  const lines = uses.map((edge) => make("li", { class: edge.state }, ...useWords(edge, relation), sourceLink(edge.path, edge.line)));
  element.append(capped(lines, SHOWN_USES, make("ul", { class: "uses" })));
  element.append(...reasons.map((reason) => make("p", { class: "reason" }, ...marked(reason))));
  return element;
}

function useWords(edge, relation) {
  const parts = [];
  if (edge.key !== null) parts.push(make("span", { class: `chip ${edge.state}` }, edge.key));
  if (edge.state === "unmet") parts.push(make("strong", { class: "unmet" }, "missing"));
  if (edge.isOptional) parts.push(make("span", { class: "dim" }, "optional"));
  if (edge.purpose) parts.push(make("span", { class: "dim" }, edge.purpose));
  if (relation === "makes" && edge.keys) {
    const names = edge.keys.names.slice(0, 4).map((name) => make("span", { class: "chip" }, name));
    const rest = edge.keys.names.length - names.length;
    parts.push(...names, rest > 0 ? make("span", { class: "dim" }, `and ${rest} more`) : "",
      edge.keys.isOpen ? make("span", { class: "dim" }, names.length ? "and maybe others" : "keys not known") : "");
  }
  return parts;
}

/** Lines from the box in the middle to every box in view: along a trunk for each group, with round corners. */
function drawLines(drawing, lines) {
  const frame = drawing.getBoundingClientRect();
  const center = drawing.querySelector(".center-box").getBoundingClientRect();
  const paths = [];
  for (const side of ["left", "right"]) {
    const groups = [...drawing.querySelectorAll(`.${side} .group`)];
    groups.forEach((group, index) => {
      const [inner, sign] = side === "left" ? [center.left, -1] : [center.right, 1];
      const startX = inner - frame.left;
      const startY = center.top - frame.top + 18 + index * 9;
      const trunk = startX + sign * (34 - Math.min(index, 4) * 6);
      for (const box of group.querySelectorAll(".box")) {
        const rect = box.getBoundingClientRect();
        const endX = (side === "left" ? rect.right : rect.left) - frame.left;
        if (Math.abs(endX - startX) < 12) continue;
        const endY = rect.top - frame.top + 16;
        const isLevel = Math.abs(endY - startY) < 8;
        const path = isLevel ? `M${startX},${endY} H${endX}` : `M${startX},${startY} H${trunk - sign * 5}${bend(sign, startY, endY, trunk)} H${endX}`;
        paths.push(line(path, group.dataset.relation, box.dataset.state));
        const tip = side === "left" && !isLevel ? startY : endY;
        paths.push(arrow(side === "left" ? startX : endX, tip, group.dataset.relation, box.dataset.state));
      }
    });
  }
  lines.replaceChildren(...paths);
}

/** From the start of a trunk around two corners to the height of a box. */
function bend(sign, from, to, trunk) {
  const way = Math.sign(to - from);
  const round = Math.min(5, Math.abs(to - from) / 2);
  return ` Q${trunk},${from} ${trunk},${from + way * round} V${to - way * round} Q${trunk},${to} ${trunk + sign * round},${to}`;
}

function shape(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

const line = (path, relation, how) => shape("path", { d: path, class: `line ${how}`, "data-relation": relation });
const arrow = (x, y, relation, how) => shape("path", {
  d: `M${x - 7},${y - 4} L${x},${y} L${x - 7},${y + 4} Z`, class: `arrow ${how}`, "data-relation": relation,
});
