// What the page does when somebody does something.
const TABS = ["related", "chosen", "story"];
const isNarrow = matchMedia("(max-width: 899px)");
let tab = "related";

function choose(node, look) {
  state.chosen = node ? node.place : -1;
  redraw();
  showChosen();
  markRows();
  if (!node) return;
  if (look) reveal(node);
  byId("said").textContent = words().selected(name(node));
}
// On a phone the picture is above, out of sight: there the article itself is shown.
function pickFromList(node) {
  choose(node, true);
  if (!isNarrow.matches) return;
  openTab("chosen");
  byId("panel").scrollIntoView();
}
function markRows() {
  document.querySelectorAll(".row[aria-current]").forEach((button) => button.removeAttribute("aria-current"));
  document.querySelectorAll(`.row[data-place="${state.chosen}"]`).forEach((button) => button.setAttribute("aria-current", "true"));
}
function openTab(wanted) {
  tab = wanted;
  for (const id of TABS) {
    const button = byId(`tab-${id}`);
    button.setAttribute("aria-selected", String(id === wanted));
    button.tabIndex = id === wanted ? 0 : -1;
    byId(id).hidden = id !== wanted;
  }
  if (wanted === "story") showStory();
  markRows();
}

// After a filter: picture, lists and counts.
function refresh() {
  redraw();
  showTime();
  showChosen();
  if (!ranking.length) showRelated();
  if (tab === "story") showStory();
  byId("depth-said").textContent = state.depth === Infinity ? "" : String(state.depth);
  byId("said").textContent = words().shown(nodes.filter(isShown).length);
  markRows();
}

// After a change of language: every word.
function speak() {
  const said = words();
  document.documentElement.lang = said.locale;
  document.querySelectorAll("[data-text]").forEach((element) => { element.textContent = said[element.dataset.text]; });
  for (const [key, attribute] of [["title", "title"], ["label", "aria-label"], ["placeholder", "placeholder"]]) {
    document.querySelectorAll(`[data-${key}]`).forEach((element) => {
      element.setAttribute(attribute, said[element.dataset[key]]);
      if (key === "title") element.setAttribute("aria-label", said[element.dataset[key]]);
    });
  }
  byId("picture").setAttribute("aria-label", said.picture);
  byId("language").textContent = said.other;
  byId("language").title = said.otherTitle;
  byId("language").lang = state.speech === "zh" ? "en" : "zh-Hans";
  heading();
  legend();
  showRelated();
  dress();
  refresh();
}
function heading() {
  const said = words(), title = start ? name(start) : document.title;
  byId("headline").textContent = title;
  byId("headline").lang = tongue(title);
  byId("sample").hidden = !about.sample;
  byId("kicker").hidden = !start;
  byId("facts").textContent = [start && otherName(start), said.facts(nodes.length, edges.length, about.made_on),
    about.total > nodes.length && said.part(nodes.length, about.total)].filter(Boolean).join(" · ");
}

function legend() {
  const said = words();
  const count = (things, key) => things.reduce((counts, thing) => counts.set(key(thing), (counts.get(key(thing)) || 0) + 1), new Map());
  const boxes = (counts, silent, label, swatch) => [...counts].sort((a, b) => b[1] - a[1]).map(([key, number]) => {
    const box = make("input", { type: "checkbox", onchange: () => {
      if (box.checked) silent.delete(key); else silent.add(key);
      refresh();
    } });
    box.checked = !silent.has(key);
    return make("label", {}, box, swatch(key), make("span", { text: label[key] || key }), make("span", { class: "count", text: String(number) }));
  });
  byId("languages").replaceChildren(...boxes(count(nodes, languageClass), state.silent.languages, said.language,
    (key) => make("span", { class: `dot lang-${key.replace("+", "-") || "none"}`, "aria-hidden": "true" })));
  const decisions = count(nodes, (node) => node.decision);
  byId("judged").hidden = decisions.size < 2;
  byId("decisions").replaceChildren(...boxes(decisions, state.silent.decisions, said.decision,
    () => make("span", { "aria-hidden": "true" })));
  byId("roles").replaceChildren(...boxes(count(edges, (edge) => edge.role), state.silent.roles, said.role,
    (key) => make("span", { class: `stroke ${LINES[key] || "dotted"}`, "aria-hidden": "true" })));
}

function setUpDepth() {
  const deepest = Math.max(...nodes.map((node) => node.depth), 0), slider = byId("depth");
  slider.max = deepest;
  slider.value = deepest;
  slider.parentElement.hidden = deepest < 1;
  slider.addEventListener("input", () => {
    state.depth = Number(slider.value) === deepest ? Infinity : Number(slider.value);
    refresh();
  });
}

function setUpSearch() {
  const box = byId("search"), list = byId("found");
  let found = [], active = -1;
  const close = () => { list.hidden = true; box.setAttribute("aria-expanded", "false"); box.removeAttribute("aria-activedescendant"); active = -1; };
  const take = (node) => { close(); choose(node, true); openTab("chosen"); };
  const light = () => [...list.children].forEach((item, place) => {
    item.setAttribute("aria-selected", String(place === active));
    if (place === active) { box.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); }
  });
  box.addEventListener("input", () => {
    found = matching(box.value);
    mark(found);
    active = -1;
    const rows = found.slice(0, 30).map((node, place) => make("li", { role: "option", id: `found-${place}`, "aria-selected": "false", onpointerdown: (event) => { event.preventDefault(); take(node); } },
      make("span", { class: `dot ${dotClass(node)}`, "aria-hidden": "true" }), written("span", name(node), { class: "name" }), make("span", { class: "facts", text: node.date })));
    list.replaceChildren(...(rows.length ? rows : [make("li", { class: "note", text: words().nothing })]));
    list.hidden = !box.value.trim();
    box.setAttribute("aria-expanded", String(!list.hidden));
  });
  box.addEventListener("keydown", (event) => {
    const last = Math.min(found.length, 30) - 1;
    if (event.key === "ArrowDown") active = Math.min(active + 1, last);
    else if (event.key === "ArrowUp") active = Math.max(active - 1, 0);
    else if (event.key === "Enter" && found.length) { take(found[Math.max(active, 0)]); return; }
    else if (event.key === "Escape") { box.value = ""; mark([]); close(); return; }
    else return;
    event.preventDefault();
    light();
  });
  box.addEventListener("blur", close);
}

function setUpPicture() {
  const hide = () => { byId("hint").hidden = true; };
  const pick = (node) => { choose(node, false); openTab("chosen"); };
  picture.on("tap", "node", (event) => pick(nodes[event.target.data("place")]));
  picture.on("dbltap", "node", (event) => visit(nodes[event.target.data("place")]));
  picture.on("tap", "edge", (event) => pick(nodes[edges[event.target.data("place")].target]));
  picture.on("tap", (event) => { if (event.target === picture) choose(null); });
  picture.on("mouseover", "node", (event) => hintNode(nodes[event.target.data("place")], event.renderedPosition));
  picture.on("mouseover", "edge", (event) => hintEdge(edges[event.target.data("place")], event.renderedPosition));
  picture.on("mouseout", "node, edge", hide);
  picture.on("viewport drag", hide);
  picture.on("viewport resize dragfree", labelSoon);
  document.getElementById("filters").addEventListener("toggle", labelSoon);
  byId("picture").addEventListener("mouseleave", hide);
  byId("picture").addEventListener("keydown", byKey);
  byId("nearer").addEventListener("click", () => zoomBy(1.4));
  byId("farther").addEventListener("click", () => zoomBy(1 / 1.4));
  byId("whole").addEventListener("click", showAll);
}
function visit(node) {
  if (node && isAddress(address(node))) window.open(address(node), "_blank", "noopener,noreferrer");
}
function byKey(event) {
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (ways[event.key]) {
    const next = towards(...ways[event.key]);
    if (next) { choose(next, true); openTab("chosen"); }
  } else if (event.key === "Enter") visit(nodes[state.chosen]);
  else if (event.key === "+" || event.key === "=") zoomBy(1.4);
  else if (event.key === "-") zoomBy(1 / 1.4);
  else if (event.key === "0") showAll();
  else if (event.key === "Escape") choose(null);
  else return;
  event.preventDefault();
}

function setUpSwitches() {
  byId("language").addEventListener("click", () => { state.speech = state.speech === "zh" ? "en" : "zh"; speak(); });
  const system = matchMedia("(prefers-color-scheme: dark)");
  byId("theme").addEventListener("click", () => {
    const dark = (state.theme || (system.matches ? "dark" : "light")) === "dark";
    state.theme = dark ? "light" : "dark";
    document.documentElement.dataset.theme = state.theme;
    dress();
  });
  system.addEventListener("change", dress);
  for (const id of TABS) {
    byId(`tab-${id}`).addEventListener("click", () => openTab(id));
    byId(`tab-${id}`).addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: TABS.length - 1 }[event.key];
      if (!by) return;
      const next = TABS[(TABS.indexOf(id) + by) % TABS.length];
      openTab(next);
      byId(`tab-${next}`).focus();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      byId("search").focus();
    }
  });
}

byId("across").hidden = edges.length <= MANY;
byId("filters").open = !isNarrow.matches;
setUpSwitches();
setUpDepth();
setUpTime();
setUpSearch();
setUpPicture();
speak();
openTab("related");
showStart();
label();
document.documentElement.dataset.ready = "true";
