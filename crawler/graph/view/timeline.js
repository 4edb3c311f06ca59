// Dates: bars with two sliders under the picture, and the list by month.
const BINS = 60;
const dated = nodes.filter((node) => node.date).sort((a, b) => a.date < b.date ? -1 : a.date > b.date ? 1 : a.place - b.place);
const bins = binned();

// Months where they are few, else quarters, else years; each with its first and last day as text.
function binned() {
  if (!dated.length) return [];
  const month = (date) => 12 * Number(date.slice(0, 4)) + Number(date.slice(5, 7)) - 1;
  const first = month(dated[0].date), last = month(dated[dated.length - 1].date);
  const step = last - first < BINS ? 1 : last - first < 3 * BINS ? 3 : 12;
  const begin = first - first % step;
  const text = (count) => `${String(Math.floor(count / 12)).padStart(4, "0")}-${String(count % 12 + 1).padStart(2, "0")}`;
  const made = [];
  for (let at = begin; at <= last; at += step) {
    made.push({ from: text(at), to: `${text(at + step - 1)}-31`, year: Math.floor(at / 12), label: step === 12 ? text(at).slice(0, 4) : text(at), last: step === 12 ? text(at).slice(0, 4) : text(at + step - 1), nodes: [] });
  }
  for (const node of dated) made[Math.floor((month(node.date) - begin) / step)].nodes.push(node);
  return made;
}

function setUpTime() {
  byId("time").hidden = bins.length < 2;
  for (const id of ["from", "to"]) {
    byId(id).max = bins.length - 1;
    byId(id).value = id === "from" ? 0 : bins.length - 1;
    byId(id).addEventListener("input", () => narrow(id));
  }
  byId("undated").addEventListener("change", (event) => { state.undated = event.target.checked; refresh(); });
  const most = Math.max(...bins.map((bin) => bin.nodes.length), 1);
  byId("bars").replaceChildren(...bins.map((bin) => {
    const bar = make("span", { title: `${bin.label}: ${bin.nodes.length}` });
    bar.style.height = bin.nodes.length ? `${8 + 92 * Math.sqrt(bin.nodes.length / most)}%` : "0";
    return bar;
  }));
}
// The ends never pass each other.
function narrow(moved) {
  const from = byId("from"), to = byId("to");
  if (Number(from.value) > Number(to.value)) byId(moved).value = moved === "from" ? to.value : from.value;
  const [low, high] = [Number(from.value), Number(to.value)];
  state.from = low === 0 ? "" : bins[low].from;
  state.to = high === bins.length - 1 ? "\uffff" : bins[high].to;
  refresh();
}
function showTime() {
  if (bins.length < 2) return;
  const [low, high] = [Number(byId("from").value), Number(byId("to").value)];
  [...byId("bars").children].forEach((bar, place) => bar.classList.toggle("off", place < low || place > high));
  byId("span").textContent = words().span(bins[low].label, bins[high].last);
  byId("from").setAttribute("aria-valuetext", bins[low].label);
  byId("to").setAttribute("aria-valuetext", bins[high].last);
}

function showStory() {
  const panel = byId("story"), months = new Map();
  for (const node of [...dated, ...nodes.filter((other) => !other.date)]) {
    if (!isShown(node)) continue;
    const month = node.date.slice(0, 7);
    if (!months.has(month)) months.set(month, []);
    months.get(month).push(node);
  }
  panel.replaceChildren(...[...months].flatMap(([month, inIt]) => [
    make("h3", { text: month || words().noDate, class: "month" }),
    make("ol", { class: "rows line" }, ...inIt.map((node) => make("li", { class: node === start ? "is-start" : "" }, row(node)))),
  ]));
}
