// The picture: alerts over time, severities stacked, the most severe at the bottom.
const ORDER = [4, 3, 2, 1, 0];
const timed = alerts.filter(a => a.time);
const [first, last] = timed.length ? [timed[0].time / 1000, timed[timed.length - 1].time / 1000] : [0, 0];
const step = [60, 300, 900, 3600, 10800, 21600, 43200, 86400, 604800, 2592000].find(s => (last - first) / s <= 160) || 31536000;
const start = Math.floor(first / step) * step, columns = Math.floor(last / step) - start / step + 1;
// One more at either end, so that the outermost are drawn whole.
const x = Array.from({ length: columns + 2 }, (_, i) => start + (i - 1) * step);
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const width = () => Math.max(300, $("plot").clientWidth);
let plot = null, counts = [];

function stacks() {
  counts = ORDER.map(() => new Array(x.length).fill(0));
  for (const a of found) if (a.time) counts[ORDER.indexOf(a.level)][Math.floor(a.time / 1000 / step) - start / step + 1]++;
  const sums = x.map(() => 0);
  const stacked = counts.map(ones => ones.map((n, i) => sums[i] += n));
  // The highest stack is drawn first, so that those below stand before it.
  return [x, ...stacked.reverse()];
}
function draw() {
  if (timed.length === 0) return;
  plot ? plot.setData(stacks()) : begin();
  const [left, right] = [wanted.from ?? x[0] * 1000, wanted.to ?? x[x.length - 1] * 1000].map(t => Math.min(plot.over.clientWidth, Math.max(0, plot.valToPos(t / 1000, "x"))));
  plot.setSelect(wanted.from === null && wanted.to === null ? { left: 0, width: 0, top: 0, height: 0 } : { left, width: right - left, top: 0, height: plot.over.clientHeight }, false);
}
function begin(size = width()) {
  $("time").hidden = false;
  const axis = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line") } };
  const stamps = (_, ticks) => ticks.map(t => step < 86400 ? iso(t * 1000).slice(5, 16) : iso(t * 1000).slice(0, 10));
  plot = new uPlot({
    width: size, height: 200, tzDate: t => uPlot.tzDate(new Date(t * 1e3), "Etc/UTC"),
    cursor: { drag: { x: true, y: false, setScale: false }, points: { show: false }, bind: { dblclick: () => () => between(null, null) } },
    scales: { y: { range: (_, __, max) => [0, Math.max(1, max)] } },
    axes: [{ ...axis, values: stamps, space: 90 }, { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] }],
    series: [{ label: "From", value: (_, v) => v == null ? "–" : iso(v * 1000) }, ...ORDER.map((_, i) => ORDER.length - 1 - i).map(s => ({
      label: LEVELS[ORDER[s]], stroke: css("--" + LEVELS[ORDER[s]]), fill: css("--" + LEVELS[ORDER[s]]), width: 0, points: { show: false },
      paths: uPlot.paths.bars({ size: [0.9, 60], align: 1 }), value: (_, __, ___, i) => i == null ? "–" : counts[s][i] }))],
    hooks: { setSelect: [u => u.select.width >= 2 && between(...[u.select.left, u.select.left + u.select.width].map(p => Math.round(u.posToVal(p, "x")) * 1000))] },
  }, stacks(), $("plot"));
}
function redraw(size) { plot?.destroy(); plot = null; if (timed.length) { begin(size); draw(); } }

// By keyboard: arrows move the chosen time by a column, with Shift they widen it, Escape lets go of it.
$("plot").addEventListener("keydown", e => {
  if (e.key === "Escape") between(null, null);
  const by = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
  if (!by) return;
  e.preventDefault();
  const column = t => Math.floor(t / step), [low, high] = [column(first), column(last)];
  const isFresh = wanted.from === null || wanted.to === null;
  let [i, j] = isFresh ? (by > 0 ? [low - 1, low - 1] : [high + 1, high + 1]) : [column(wanted.from / 1000), column(wanted.to / 1000)];
  if (!e.shiftKey || by < 0) i += by;
  if (!e.shiftKey || by > 0) j += by;
  [i, j] = [i, j].map(k => Math.min(Math.max(k, low), high));
  between(i * step * 1000, (j + 1) * step * 1000 - 1000);
});
addEventListener("resize", () => { plot?.setSize({ width: width(), height: 200 }); draw(); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw());
