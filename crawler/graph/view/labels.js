// Which headlines are written beside their dots: the most telling that find room, always at a readable size.
const MOST_LABELS = 150;
const SPOTS = [["center", "bottom"], ["center", "top"], ["right", "center"], ["left", "center"]];
let swelling = 1, waiting = 0;

// Letters in pixels on the screen, whatever the zoom.
function lettersOf(node) {
  if (node === start) return 16;
  return node.place === state.chosen ? 15 : node.depth <= 1 || node.cited > 9 ? 13 : 12;
}
const LINE = 9.5;
const WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60";
const BREAK = "\u200b";
// A line may end after any Chinese letter and before one, but no mark that closes begins a line.
const BREAKS = new RegExp(`(?<=[${WIDE}])(?![，。、？！：；”’）》」』…])|(?<=[^\\s“‘（《「『])(?=[${WIDE}])(?![，。、？！：；”’）》」』…])`, "gu");
const ems = (text) => [...text].reduce((sum, letter) => sum + (
  letter === BREAK ? 0 : letter === " " ? 0.3 : letter > "\u2e7f" ? 1 : 0.6), 0);

function brief(node) {
  const text = name(node), most = node === start ? 40 : HAN.test(text) ? 22 : 42;
  return (text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text).replace(BREAKS, BREAK);
}
// Its lines as the picture breaks them: how wide and how many, in ems.
function extent(text) {
  let lines = 1, line = 0, wide = 0;
  for (const piece of text.split(/(?<=[ \u200b])/u)) {
    const length = ems(piece);
    if (line && line + ems(piece.trimEnd()) > LINE) [lines, line] = [lines + 1, 0];
    line += length;
    wide = Math.max(wide, line);
  }
  return { wide, high: lines };
}

function labelSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(label, 90);
}
function label() {
  swell();
  const zoom = picture.zoom(), width = picture.width(), height = picture.height();
  const near = state.chosen < 0 ? null : new Set([state.chosen,
    ...nodes[state.chosen].out.filter(isDrawn).map((edge) => edge.target),
    ...nodes[state.chosen].into.filter(isDrawn).map((edge) => edge.source)]);
  const dots = nodes.filter(isShown).map((node) => {
    const element = picture.getElementById(idOf(node)), at = element.renderedPosition();
    return { node, element, x: at.x, y: at.y, r: (element.data("size") / 2) * zoom };
  }).filter((dot) => dot.x > 0 && dot.y > 0 && dot.x < width && dot.y < height);
  const weight = ({ node }) => (node.place === state.chosen ? 4e6 : 0) + (node === start ? 2e6 : 0)
    + (near && near.has(node.place) ? 1e6 : 0) - 1e4 * Math.max(node.depth, 0) + node.cited + 3 * node.out.length;
  const wanted = dots.filter(({ node }) => !near || near.has(node.place)).sort((a, b) => weight(b) - weight(a));
  const stage = { width, height };
  picture.batch(() => {
    picture.nodes(".said").removeClass("said");
    let left = MOST_LABELS;
    const taken = covered();
    for (const dot of wanted) {
      const spot = room(dot, wanted, taken, stage);
      if (!spot) continue;
      dot.element.data({ letters: lettersOf(dot.node) / zoom, across: spot[0], down: spot[1] }).addClass("said");
      if (--left === 0) break;
    }
  });
}
// What lies over the picture, in its pixels.
function covered() {
  const at = picture.container().getBoundingClientRect();
  return [...document.querySelectorAll("#stage > .search, #stage > .zoom, #filters")].map((element) => {
    const box = element.getBoundingClientRect();
    return { x1: box.left - at.left, y1: box.top - at.top, x2: box.right - at.left, y2: box.bottom - at.top };
  });
}
// The first side of the dot where its words cover no other dot and no other words.
function room(dot, dots, taken, stage) {
  const letters = lettersOf(dot.node), { wide, high } = extent(brief(dot.node));
  const w = wide * letters + 6, h = high * letters * 1.22 + 2, gap = dot.r + 3;
  const always = dot.node === start || dot.node.place === state.chosen;
  for (const spot of SPOTS) {
    const x = spot[0] === "center" ? dot.x - w / 2 : spot[0] === "right" ? dot.x + gap : dot.x - gap - w;
    const y = spot[1] === "center" ? dot.y - h / 2 : spot[1] === "bottom" ? dot.y + gap : dot.y - gap - h;
    const box = { x1: x, y1: y, x2: x + w, y2: y + h };
    if (x < 0 || y < 0 || box.x2 > stage.width || box.y2 > stage.height) continue;
    if (taken.some((other) => box.x1 < other.x2 && other.x1 < box.x2 && box.y1 < other.y2 && other.y1 < box.y2)) continue;
    const covers = (other) => other !== dot && other.x + other.r > box.x1 && other.x - other.r < box.x2
      && other.y + other.r > box.y1 && other.y - other.r < box.y2;
    if (dots.some(covers)) continue;
    taken.push(box);
    return spot;
  }
  if (!always) return null;
  taken.push({ x1: dot.x - w / 2, y1: dot.y + gap, x2: dot.x + w / 2, y2: dot.y + gap + h });
  return SPOTS[0];
}
// Seen from afar, dots grow a little: in steps, as each costs a look at all of them.
function swell() {
  const step = Math.max(0, Math.round(Math.log2(0.8 / picture.zoom()) * 2)), factor = 2 ** (step * 0.3);
  if (factor === swelling) return;
  swelling = factor;
  picture.batch(() => picture.nodes().forEach((element) => {
    element.data("size", sizeOf(nodes[element.data("place")]) * factor);
  }));
}
