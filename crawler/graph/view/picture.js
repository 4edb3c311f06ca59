// The picture: drawn by Cytoscape.js, positions from the file.
const FONT = getComputedStyle(document.body).fontFamily;
const MANY = 700;
const SHAPES = { zh: "ellipse", en: "round-rectangle", "zh+en": "round-diamond", "": "ellipse", other: "round-hexagon" };
const LINES = { citation: "solid", related: "dashed" };
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const colour = (variable) => getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
const idOf = (node) => `n${node.place}`;

// Cytoscape adds a style element unless it finds one by its id, and the page's policy forbids that: ours has it.
const picture = cytoscape({
  container: document.getElementById("picture"),
  elements: [
    ...nodes.map((node) => ({
      group: "nodes",
      data: { id: idOf(node), place: node.place, size: sizeOf(node), letters: 12, across: "center", down: "bottom" },
      classes: [`lang-${languageClass(node).replace("+", "-") || "none"}`,
        node.held ? "" : "hollow", node === start ? "start" : ""].join(" "),
      position: { x: node.x, y: node.y },
    })),
    ...edges.filter((edge) => edge.source !== edge.target).map((edge) => ({
      group: "edges",
      data: {
        id: `e${edge.place}`, place: edge.place, source: `n${edge.source}`, target: `n${edge.target}`,
        width: 1 + Math.min(edge.weight - 1, 4) * 0.7, line: LINES[edge.role] || "dotted",
      },
      classes: edges.length > MANY && !edge.branch ? "across" : "",
    })),
  ],
  layout: { name: "preset", fit: false },
  minZoom: 0.03,
  maxZoom: 5,
  boxSelectionEnabled: false,
  selectionType: "single",
  hideEdgesOnViewport: edges.length > 4 * MANY,
  textureOnViewport: nodes.length > 2 * MANY,
});

function sizeOf(node) {
  return node === start ? 40 : 11 + 5 * Math.log2(1 + node.cited);
}
function dress() {
  const ink = colour("--ink"), ground = colour("--ground"), line = colour("--line");
  const rules = [
    { selector: "node", style: {
      width: "data(size)", height: "data(size)", "background-color": colour("--none"), "border-width": 1.5,
      "border-color": ground, "overlay-opacity": 0,
    } },
    { selector: ".said", style: {
      label: (element) => brief(nodes[element.data("place")]), "font-family": FONT, "font-size": "data(letters)", color: ink,
      "text-wrap": "wrap", "text-max-width": (element) => LINE * element.data("letters"),
      "text-halign": "data(across)", "text-valign": "data(down)", "line-height": 1.2,
      "text-margin-x": (element) => ({ left: -0.3, right: 0.3 }[element.data("across")] || 0) * element.data("letters"),
      "text-margin-y": (element) => ({ top: -0.25, bottom: 0.25 }[element.data("down")] || 0) * element.data("letters"),
      "text-outline-color": ground, "text-outline-width": (element) => 0.2 * element.data("letters"),
    } },
    ...Object.keys(SHAPES).map((language) => ({
      selector: `.lang-${language.replace("+", "-") || "none"}`,
      style: { shape: SHAPES[language], "background-color": colour(`--${language.replace("+", "-") || "none"}`) },
    })),
    { selector: ".hollow", style: { "background-opacity": 0.22, "border-width": 1.5, "border-color": hollow } },
    { selector: ".start", style: { "border-width": 5, "border-color": colour("--accent"), "font-weight": 700, "z-index": 9 } },
    { selector: "edge", style: {
      width: "data(width)", "line-color": line, "line-style": "data(line)", "line-dash-pattern": [6, 4],
      "curve-style": edges.length > 2 * MANY ? "straight" : "bezier", "target-arrow-shape": "triangle",
      "target-arrow-color": line, "arrow-scale": 0.8, opacity: 0.75, "overlay-opacity": 0,
    } },
    { selector: ".across", style: { display: "none" } },
    { selector: "edge.lit", style: {
      display: "element", "line-color": colour("--accent"), "target-arrow-color": colour("--accent"), opacity: 1, "z-index": 7,
    } },
    { selector: ".gone", style: { display: "none" } },
    { selector: ".dim", style: { opacity: 0.2 } },
    { selector: "node.near", style: { "z-index": 8 } },
    { selector: "node.chosen", style: {
      "border-width": 5, "border-color": colour("--accent"), "font-weight": 700, "z-index": 10,
    } },
    { selector: "node.hit", style: { "border-width": 4, "border-color": colour("--hit") } },
  ];
  picture.style(rules);
}
function hollow(element) {
  const node = nodes[element.data("place")];
  return colour(`--${languageClass(node).replace("+", "-") || "none"}`);
}
// Filters and choice, as classes.
function redraw() {
  picture.batch(() => {
    picture.nodes().forEach((element) => element.toggleClass("gone", !isShown(nodes[element.data("place")])));
    picture.edges().forEach((element) => element.toggleClass("gone", !isDrawn(edges[element.data("place")])));
    picture.elements().removeClass("dim near lit chosen");
    if (state.chosen < 0) return;
    const chosen = picture.getElementById(`n${state.chosen}`), around = chosen.closedNeighborhood().not(".gone");
    picture.elements().difference(around).not(".across").addClass("dim");
    around.nodes().addClass("near");
    around.edges().addClass("lit");
    chosen.addClass("chosen");
  });
  labelSoon();
}
function mark(found) {
  picture.batch(() => {
    picture.nodes().removeClass("hit");
    found.forEach((node) => picture.getElementById(idOf(node)).addClass("hit"));
  });
}

function move(options) {
  picture.stop();
  if (calm.matches) picture.viewport({ zoom: options.zoom, pan: options.pan });
  else picture.animate({ ...options, duration: 260, easing: "ease-out" });
}
// Where the picture has to stand to show these whole, beside the open legend.
function fitting(elements) {
  const legend = document.getElementById("filters"), pad = 56, box = elements.boundingBox({ includeLabels: false });
  const left = legend.open && picture.width() > 800 ? legend.offsetWidth : 0;
  const wide = picture.width() - left - 2 * pad, high = picture.height() - 2 * pad;
  const zoom = Math.max(0.03, Math.min(wide / (box.w || 1), high / (box.h || 1), 1.4));
  return { zoom, pan: {
    x: left + pad + (wide - box.w * zoom) / 2 - box.x1 * zoom,
    y: pad + (high - box.h * zoom) / 2 - box.y1 * zoom,
  } };
}
function showAll() {
  move(fitting(picture.nodes().not(".gone")));
}
// Opens on all of a small graph, on the start and what it links to of a large one.
function showStart() {
  const near = picture.nodes().filter((element) => nodes[element.data("place")].depth <= 1);
  picture.viewport(fitting(nodes.length > 150 && start && near.length > 4 ? near : picture.nodes()));
}
function zoomBy(factor) {
  const zoom = Math.max(picture.minZoom(), Math.min(picture.zoom() * factor, picture.maxZoom())), by = zoom / picture.zoom();
  const x = picture.width() / 2, y = picture.height() / 2, pan = picture.pan();
  move({ zoom, pan: { x: x - (x - pan.x) * by, y: y - (y - pan.y) * by } });
}
// Brings an article into view where it is out of it or too small to see.
function reveal(node) {
  const element = picture.getElementById(idOf(node)), at = element.renderedPosition(), edge = 90;
  const inside = at.x > edge && at.y > edge && at.x < picture.width() - edge && at.y < picture.height() - edge;
  if (inside && picture.zoom() >= 0.35) return;
  const zoom = Math.max(picture.zoom(), 0.7), { x, y } = element.position();
  move({ zoom, pan: { x: picture.width() / 2 - x * zoom, y: picture.height() / 2 - y * zoom } });
}

// The nearest article in one direction; linked ones come first.
function towards(dx, dy) {
  const from = state.chosen >= 0 ? nodes[state.chosen] : start || nodes[0];
  if (!from) return null;
  if (state.chosen < 0) return from;
  const here = picture.getElementById(idOf(from)).position();
  const linked = new Set([...from.out.map((edge) => edge.target), ...from.into.map((edge) => edge.source)]);
  let best = null, least = Infinity;
  for (const node of nodes) {
    if (node === from || !isShown(node)) continue;
    const there = picture.getElementById(idOf(node)).position();
    const x = there.x - here.x, y = there.y - here.y, along = x * dx + y * dy, aside = Math.abs(x * dy - y * dx);
    if (along <= 0 || aside > along * 1.2) continue;
    const cost = (along + 2 * aside) * (linked.has(node.place) ? 1 : 3);
    if (cost < least) [best, least] = [node, cost];
  }
  return best;
}
