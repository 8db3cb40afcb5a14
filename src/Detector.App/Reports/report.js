"use strict";
// Everything here that comes from the trail goes into textContent: nothing of it is ever read as HTML.
(() => {
  const LEVELS = ["informational", "low", "medium", "high", "critical"];
  const PAGE = 100, PRINTED = 2000;
  const lines = id => document.getElementById(id).textContent.trim();
  const text = lines("data-alerts");
  const alerts = text ? JSON.parse("[" + text.split("\n").join(",") + "]").map((a, n) => ({ n, id: a[0], time: a[1], level: a[2], rule: a[3], title: a[4], who: a[5],
    what: a[6], account: a[7], region: a[8], from: a[9], on: a[10], all: a.slice(3).join("\n").toLowerCase() + "\n" + a[0] })) : [];
  let evidence = null; // read when the first alert is unfolded
  const $ = id => document.getElementById(id);
  const make = (name, props = {}, ...inside) => { const e = Object.assign(document.createElement(name), props); e.append(...inside); return e; };
  const iso = t => t ? new Date(t).toISOString().replace("T", " ").replace(".000Z", "Z") : "no time";
  const state = { text: "", levels: new Set([0, 1, 2, 3, 4]), rule: "", who: "", from: null, to: null, page: 0 };
  let found = alerts, plot = null;

  // The filter
  const form = $("filter");
  const search = make("input", { type: "search", id: "q", size: 24 });
  const choice = values => { const s = make("select", {}, make("option", { value: "", textContent: "all" })); for (const [v, n] of values) s.append(make("option", { value: v, textContent: `${v} (${n})` })); return s; };
  const tally = key => { const m = new Map(); for (const a of alerts) m.set(a[key], (m.get(a[key]) || 0) + 1); return [...m].sort((x, y) => y[1] - x[1]).slice(0, 1000); };
  const rule = choice(tally("rule")), who = choice(tally("who"));
  const from = make("input", { size: 20, placeholder: "2026-03-01 12:00" }), to = make("input", { size: 20, placeholder: "2026-03-02" });
  const levels = make("fieldset", {}, ...LEVELS.map((word, level) => {
    const box = make("input", { type: "checkbox", checked: true });
    box.addEventListener("change", () => { box.checked ? state.levels.add(level) : state.levels.delete(level); apply(); });
    return make("label", { className: word }, box, word);
  }).reverse());
  levels.setAttribute("aria-label", "Severity");
  const labelled = (name, input) => make("label", {}, name, input);
  const clear = make("button", { type: "button", textContent: "Clear" });
  form.append(labelled("Search", search), levels, labelled("Rule", rule), labelled("Principal", who), labelled("From (UTC)", from), labelled("To (UTC)", to), clear);
  form.hidden = false;
  form.addEventListener("submit", e => e.preventDefault());
  search.addEventListener("input", () => { state.text = search.value.toLowerCase(); apply(); });
  rule.addEventListener("change", () => { state.rule = rule.value; apply(); });
  who.addEventListener("change", () => { state.who = who.value; apply(); });
  const instant = s => { const t = Date.parse(s.trim().replace(" ", "T").replace(/^(\d{4}-\d\d-\d\d)$/, "$1T00:00").replace(/Z?$/, "Z")); return Number.isNaN(t) ? null : t; };
  const typed = () => { state.from = instant(from.value); state.to = instant(to.value); apply(); };
  from.addEventListener("change", typed);
  to.addEventListener("change", typed);
  clear.addEventListener("click", () => {
    search.value = rule.value = who.value = from.value = to.value = "";
    for (const box of levels.querySelectorAll("input")) box.checked = true;
    Object.assign(state, { text: "", rule: "", who: "", from: null, to: null, levels: new Set([0, 1, 2, 3, 4]) });
    apply();
    search.focus();
  });

  const matches = a => state.levels.has(a.level) && (!state.text || a.all.includes(state.text)) && (!state.rule || a.rule === state.rule)
    && (!state.who || a.who === state.who) && (state.from === null || a.time >= state.from) && (state.to === null || a.time <= state.to);
  function apply(page = 0) { found = alerts.filter(matches); state.page = page; show(); }

  // The list
  function unfold(details, a) {
    if (details.dataset.full) return;
    details.dataset.full = "1";
    evidence ??= lines("data-evidence").split("\n");
    const more = JSON.parse(evidence[a.n]);
    const body = make("div", { className: "body" });
    const list = make("dl");
    for (const [name, value] of more.rows) list.append(make("dt", { textContent: name }), make("dd", { textContent: value }));
    const link = make("a", { href: "#alert-" + a.id, textContent: a.id });
    list.append(make("dt", { textContent: "Alert" }), make("dd", {}, link));
    for (const place of more.places) list.append(make("dt", { textContent: "Record" }), make("dd", { textContent: place }));
    body.append(list);
    more.records.forEach((record, i) => body.append(make("details", { open: i === 0 }, make("summary", { textContent: i === 0 ? "The record" : `The record before it, ${i}` }),
      make("pre", { tabIndex: 0, textContent: JSON.stringify(record, null, 2) }))));
    details.append(body);
  }
  function row(a) {
    const details = make("details", { className: "alert", id: "alert-" + a.id }, make("summary", {},
      make("time", { textContent: iso(a.time) }), make("span", { className: "level " + LEVELS[a.level], textContent: LEVELS[a.level] }),
      make("span", { textContent: a.title }), make("span", { className: "soft", textContent: [a.who, a.what, a.account, a.region].filter(Boolean).join(", ") })));
    details.addEventListener("toggle", () => details.open && unfold(details, a));
    return details;
  }
  const pages = $("pages"), before = make("button", { type: "button", textContent: "Previous" }), after = make("button", { type: "button", textContent: "Next" }), at = make("span");
  pages.append(before, at, after);
  before.addEventListener("click", () => { state.page--; show(); });
  after.addEventListener("click", () => { state.page++; show(); });
  function show() {
    const last = Math.max(0, Math.ceil(found.length / PAGE) - 1);
    state.page = Math.min(Math.max(0, state.page), last);
    $("list").replaceChildren(...found.slice(state.page * PAGE, (state.page + 1) * PAGE).map(row));
    $("count").textContent = `${found.length.toLocaleString("en")} of ${alerts.length.toLocaleString("en")} alerts`;
    pages.hidden = last === 0;
    before.disabled = state.page === 0;
    after.disabled = state.page === last;
    at.textContent = `page ${state.page + 1} of ${last + 1}`;
    draw();
  }

  // A link to one alert
  function open() {
    const id = location.hash.replace(/^#alert-/, "");
    if (id === location.hash) return;
    let place = found.findIndex(a => a.id === id);
    if (place < 0 && alerts.some(a => a.id === id)) { clear.click(); place = found.findIndex(a => a.id === id); }
    if (place < 0) return;
    state.page = Math.floor(place / PAGE);
    show();
    const details = $("alert-" + id);
    details.open = true;
    unfold(details, found[place]);
    details.querySelector("summary").focus();
    details.scrollIntoView();
  }

  // The picture: severities stacked, the most severe at the bottom
  const timed = alerts.filter(a => a.time);
  const first = Math.min(...[timed.length ? timed[0].time : 0]), end = timed.length ? timed[timed.length - 1].time : 0;
  const steps = [60, 300, 900, 3600, 10800, 21600, 43200, 86400, 604800, 2592000];
  const step = steps.find(s => (end - first) / 1000 / s <= 160) || 31536000;
  const ORDER = [4, 3, 2, 1, 0];
  function columns() {
    const start = Math.floor(first / 1000 / step) * step, size = Math.floor(end / 1000 / step) - Math.floor(first / 1000 / step) + 1;
    const x = Array.from({ length: size + 2 }, (_, i) => start + (i - 1) * step);
    const counts = ORDER.map(() => new Array(size + 2).fill(0));
    for (const a of found) if (a.time) counts[ORDER.indexOf(a.level)][Math.floor(a.time / 1000 / step) - start / step + 1]++;
    const stacked = counts.map((_, s) => x.map((_, i) => { let sum = 0; for (let k = 0; k <= s; k++) sum += counts[k][i]; return sum; }));
    // The highest stack is drawn first, so that those below stand before it.
    return { data: [x, ...stacked.slice().reverse()], counts: counts.slice().reverse() };
  }
  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  let shown = null;
  function draw(anew = false) {
    if (timed.length === 0) return;
    shown = columns();
    if (plot && !anew) { plot.setData(shown.data); return; }
    plot?.destroy();
    $("time").hidden = false;
    const axis = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line") } };
    plot = new uPlot({
      width: Math.max(300, $("plot").clientWidth), height: 200, tzDate: t => uPlot.tzDate(new Date(t * 1e3), "Etc/UTC"),
      cursor: { drag: { x: true, y: false, setScale: false }, points: { show: false } },
      scales: { y: { range: (_, __, max) => [0, Math.max(1, max)] } },
      axes: [{ ...axis, values: (_, at) => at.map(t => step < 86400 ? iso(t * 1000).slice(5, 16) : iso(t * 1000).slice(0, 10)), space: 90 }, { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] }],
      series: [{ label: "From", value: (_, v) => v == null ? "–" : iso(v * 1000) }, ...ORDER.slice().reverse().map((level, s) => ({
        label: LEVELS[level], stroke: css("--" + LEVELS[level]), fill: css("--" + LEVELS[level]), width: 0, points: { show: false },
        paths: uPlot.paths.bars({ size: [0.9, 60], align: 1 }), value: (_, __, ___, i) => i == null ? "–" : shown.counts[s][i] }))],
      hooks: {
        setSelect: [u => {
          if (u.select.width < 2) return;
          state.from = Math.round(u.posToVal(u.select.left, "x") * 1000);
          state.to = Math.round(u.posToVal(u.select.left + u.select.width, "x") * 1000);
          from.value = iso(state.from).slice(0, 16); to.value = iso(state.to).slice(0, 16);
          apply();
        }],
        ready: [u => u.over.addEventListener("dblclick", () => { state.from = state.to = null; from.value = to.value = ""; u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false); apply(); })],
      },
    }, shown.data, $("plot"));
  }
  addEventListener("resize", () => plot?.setSize({ width: Math.max(300, $("plot").clientWidth), height: 200 }));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(true));

  // On paper there are no pages to turn: every alert that is found, and who did what unfolded.
  let closed = [];
  addEventListener("beforeprint", () => {
    $("list").replaceChildren(...found.slice(0, PRINTED).map(row));
    if (found.length > PRINTED) $("count").textContent += `; the first ${PRINTED} are printed`;
    closed = [...document.querySelectorAll("main > section > details:not([open])")];
    for (const d of closed) d.open = true;
  });
  addEventListener("afterprint", () => { for (const d of closed) d.open = false; show(); });
  addEventListener("hashchange", open);
  apply();
  open();
  performance.mark("usable");
})();
