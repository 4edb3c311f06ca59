// Lists beside the picture. Text reaches the page as text only: no markup is ever parsed.
function make(tag, values = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(values)) {
    if (key === "text") element.textContent = value;
    else if (key === "class") element.className = value;
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter(Boolean));
  return element;
}
const byId = (id) => document.getElementById(id);
const written = (tag, text, values = {}) => make(tag, { text, lang: tongue(text), dir: "auto", ...values });

function facts(node) {
  const said = words();
  return [node.date, siteOf(node), said.language[languageClass(node)], said.hops(node.depth), node.held ? "" : said.stub,
    node.decision && said.verdict[node.decision]]
    .filter(Boolean).join(" · ");
}
function link(node, text) {
  if (!isAddress(address(node))) return written("span", text);
  return written("a", text, { href: address(node), target: "_blank", rel: "noopener noreferrer" });
}
function row(node, ...more) {
  const other = otherName(node);
  return make("button", { type: "button", class: "row", onclick: () => pickFromList(node), "data-place": node.place },
    make("span", { class: `dot ${dotClass(node)}`, "aria-hidden": "true" }),
    make("span", { class: "row-text" },
      written("span", name(node), { class: "name" }),
      other && written("span", other, { class: "twin" }),
      make("span", { class: "facts", text: facts(node) }),
      ...more));
}
function dotClass(node) {
  return `lang-${languageClass(node).replace("+", "-") || "none"}${node.held ? "" : " hollow"}`;
}

function showRelated() {
  const said = words(), panel = byId("related");
  panel.replaceChildren();
  if (!ranking.length) {
    const near = nodes.filter((node) => node !== start && isShown(node) && (start ? node.depth >= 0 : isStory(node)))
      .sort((a, b) => a.depth - b.depth || b.cited - a.cited).slice(0, 40);
    panel.append(make("p", { class: "note", text: start ? said.unranked : said.startless }), make("ol", { class: "rows" },
      ...near.map((node) => make("li", {}, row(node, quotation(node))))));
    return;
  }
  const most = Math.max(...ranking.map((entry) => entry.score), 1e-9);
  for (const group of [...new Set(ranking.map((entry) => entry.group))]) {
    const entries = ranking.filter((entry) => entry.group === group);
    panel.append(make("h2", { text: said.group[group] || group }),
      make("ol", { class: "rows" }, ...entries.map((entry) => make("li", {}, ranked(entry, most)))));
  }
}
function ranked(entry, most) {
  const node = entry.place >= 0 ? nodes[entry.place] : null;
  const bar = make("meter", { min: 0, max: most, value: entry.score, "aria-label": words().score });
  const reasons = make("ul", { class: "reasons" }, ...reasonsOf(entry).map((reason) => written("li", reason)));
  if (node) return make("div", { class: "entry" }, row(node, bar), reasons);
  const apart = { ...entry, language: "", depth: -1, held: true };
  return make("div", { class: "entry apart" }, make("p", { class: "name" }, link(apart, name(apart))),
    make("p", { class: "facts", text: [entry.date, siteOf(apart)].filter(Boolean).join(" · ") }), bar, reasons);
}
function reasonsOf(entry) {
  return state.speech === "zh" && entry.reasons_zh.length ? entry.reasons_zh : entry.reasons;
}
function quotation(node) {
  const quote = quoteOf(node);
  return quote && written("q", quote.text);
}

function showChosen() {
  const said = words(), panel = byId("chosen"), node = nodes[state.chosen];
  panel.replaceChildren();
  if (!node) {
    panel.append(make("p", { class: "note", text: said.none }));
    return;
  }
  const other = otherName(node);
  panel.append(...[
    written("h2", name(node), { class: "title" }),
    other && written("p", other, { class: "twin" }),
    make("p", { class: "facts", text: `${facts(node)} · ${said.citedBy(node.cited)}` }),
    node.remarks && written("p", node.remarks, { class: "note" }),
    isAddress(address(node)) && make("p", {}, make("a", {
      class: "open", href: address(node), target: "_blank", rel: "noopener noreferrer", text: `${said.open} ↗`, title: said.opens,
    })),
    make("p", { class: "address", text: address(node), dir: "ltr" }),
    ...neighbours(said.out, node.out, (edge) => nodes[edge.target]),
    ...neighbours(said.in, node.into, (edge) => nodes[edge.source]),
    !node.out.length && !node.into.length && make("p", { class: "note", text: said.lonely })].filter(Boolean));
}

function neighbours(title, links, end) {
  const shown = links.filter((edge) => isDrawn(edge)).sort((a, b) => a.paragraph - b.paragraph);
  if (!shown.length) return [];
  return [make("h3", { text: title(shown.length) }), make("ul", { class: "rows" }, ...shown.map((edge) => {
    const said = words();
    const how = [said.role[edge.role] || edge.role, edge.paragraph > 0 ? said.paragraph(edge.paragraph) : "",
      edge.weight > 1 ? `×${edge.weight}` : ""].filter(Boolean).join(" · ");
    return make("li", {}, row(end(edge), make("span", { class: "chip", text: how })),
      ...edge.quotes.map((quote) => written("blockquote", quote)));
  }))];
}

function hintAt(title, lines, at) {
  const hint = byId("hint");
  hint.replaceChildren(written("strong", title), ...lines.filter(Boolean));
  hint.hidden = false;
  const stage = byId("stage").getBoundingClientRect(), box = hint.getBoundingClientRect();
  hint.style.left = `${Math.max(8, Math.min(at.x + 14, stage.width - box.width - 8))}px`;
  hint.style.top = `${at.y + 18 + box.height > stage.height ? Math.max(8, at.y - box.height - 12) : at.y + 18}px`;
}
function hintNode(node, at) {
  const other = otherName(node);
  hintAt(name(node), [other && written("span", other, { class: "twin" }),
    make("span", { class: "facts", text: facts(node) }),
    node.remarks && written("span", node.remarks, { class: "facts" }), quotation(node)], at);
}
function hintEdge(edge, at) {
  const said = words();
  hintAt(`${name(nodes[edge.source])} → ${name(nodes[edge.target])}`, [
    make("span", { class: "facts", text: said.role[edge.role] || edge.role }),
    edge.quotes[0] && written("q", edge.quotes[0])], at);
}
