// The data of the page, what is chosen and filtered, and the words for it. No drawing.
const data = JSON.parse(document.getElementById("data").textContent);
const { nodes, edges, ranking, about } = data;
const HAN = /[\u3400-\u9fff\uf900-\ufaff]/;

const state = {
  speech: /^zh/i.test(navigator.language || "") ? "zh" : "en",
  theme: "",
  chosen: -1,
  silent: { languages: new Set(), roles: new Set(), decisions: new Set() },
  depth: Infinity,
  from: "", to: "\uffff", undated: true,
};

const words = () => STRINGS[state.speech];
const languageClass = (node) => ["zh", "en", "zh+en", ""].includes(node.language) ? node.language : "other";

nodes.forEach((node, place) => { node.place = place; node.out = []; node.into = []; });
edges.forEach((edge, place) => {
  edge.place = place;
  nodes[edge.source].out.push(edge);
  nodes[edge.target].into.push(edge);
});

// The links that hold the picture together: from each node to its least deep neighbour. The others cross.
for (const node of nodes) {
  const ends = [...node.out.map((edge) => [edge, nodes[edge.target]]), ...node.into.map((edge) => [edge, nodes[edge.source]])]
    .filter(([, other]) => other.depth < node.depth);
  const least = ends.sort((a, b) => a[1].depth - b[1].depth || (a[1].url < b[1].url ? -1 : 1))[0];
  ends.forEach(([edge, other]) => { edge.branch = edge.branch || other === least[1]; });
}

const start = nodes.filter((node) => node.depth === 0)
  .sort((a, b) => b.out.length - a.out.length)[0] || null;

// The headline in the reader's language where there is one, and the other one.
function name(node) {
  const [first, second] = [node.headline, node.twin];
  return second && HAN.test(second) === (state.speech === "zh") && HAN.test(first) !== (state.speech === "zh")
    ? second : first;
}
function otherName(node) {
  return name(node) === node.headline ? node.twin : node.headline;
}
// Where the headline that is shown stands: an original and its translation are on two sites.
function address(node) {
  return node.twin_url && name(node) !== node.headline ? node.twin_url : node.url;
}
function siteOf(node) {
  const url = address(node);
  return url !== node.url && isAddress(url) ? new URL(url).host : node.site;
}
const isStory = (node) => !["topic", "section", "author", "home"].includes(node.type);
const tongue = (text) => HAN.test(text) ? "zh-Hans" : "en";

function isShown(node) {
  return !state.silent.languages.has(languageClass(node))
    && !state.silent.decisions.has(node.decision)
    && node.depth <= state.depth
    && (node.date ? node.date >= state.from && node.date <= state.to : state.undated);
}
function isDrawn(edge) {
  return !state.silent.roles.has(edge.role) && isShown(nodes[edge.source]) && isShown(nodes[edge.target]);
}

// The words that led here: of the link from the least deep page.
function quoteOf(node) {
  const quoted = node.into.filter((edge) => edge.quotes.length && edge.source !== node.place)
    .sort((a, b) => nodes[a.source].depth - nodes[b.source].depth);
  return quoted.length ? { text: quoted[0].quotes[0], from: nodes[quoted[0].source] } : null;
}

function matching(query) {
  const wanted = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return [];
  const all = (node) => `${node.headline}\n${node.twin}\n${node.site}\n${node.remarks}\n${node.url}\n${node.twin_url}\n${node.date}`.toLowerCase();
  return nodes.filter((node) => isShown(node) && wanted.every((word) => all(node).includes(word)))
    .sort((a, b) => b.cited - a.cited);
}

const isAddress = (url) => /^https?:\/\//i.test(url);
