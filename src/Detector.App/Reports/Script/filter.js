// Which alerts are wanted.
const ALL = () => ({ text: "", levels: new Set([0, 1, 2, 3, 4]), rule: "", who: "", from: null, to: null });
let wanted = ALL(), found = alerts;

const search = make("input", { type: "search", id: "q", size: 24 });
const choice = key => {
  const counts = new Map();
  for (const a of alerts) counts.set(key(a), (counts.get(key(a)) || 0) + 1);
  return make("select", {}, make("option", { value: "", textContent: "all" }), ...[...counts].sort((x, y) => y[1] - x[1]).slice(0, 500)
    .map(([value, n]) => make("option", { value, textContent: `${short(value) || "nobody named"} (${n})` })));
};
const rule = choice(a => a.rule.name), who = choice(a => a.who);
const from = make("input", { size: 20, placeholder: "2026-03-01 12:00" }), to = make("input", { size: 20, placeholder: "2026-03-02" });
const levels = make("fieldset", {}, ...LEVELS.map((word, level) => {
  const box = make("input", { type: "checkbox", checked: true });
  box.addEventListener("change", () => { box.checked ? wanted.levels.add(level) : wanted.levels.delete(level); apply(); });
  return make("label", { className: word }, box, word);
}).reverse());
levels.setAttribute("aria-label", "Severity");
const clear = make("button", { type: "button", textContent: "Clear" });
const labelled = (name, input) => make("label", {}, name, input);
$("filter").append(labelled("Search", search), levels, labelled("Rule", rule), labelled("Principal", who), labelled("From (UTC)", from), labelled("To (UTC)", to), clear);
$("filter").hidden = alerts.length === 0;
$("filter").addEventListener("submit", e => e.preventDefault());
search.addEventListener("input", () => { wanted.text = search.value.toLowerCase(); apply(); });
rule.addEventListener("change", () => { wanted.rule = rule.value; apply(); });
who.addEventListener("change", () => { wanted.who = who.value; apply(); });
from.addEventListener("change", () => { wanted.from = instant(from, "T00:00:00.000"); apply(); });
to.addEventListener("change", () => { wanted.to = instant(to, "T23:59:59.999"); apply(); });
clear.addEventListener("click", () => { all(); apply(); search.focus(); });

// A date alone is the whole day, as for replay's --from and --to. What is no time is marked, and asks for nothing.
function instant(input, alone) {
  const text = input.value.trim().replace(" ", "T").replace(/^\d{4}-\d\d-\d\d$/, day => day + alone);
  const time = Date.parse(text.replace(/Z?$/, "Z")), isWrong = text !== "" && Number.isNaN(time);
  input.setAttribute("aria-invalid", isWrong);
  return text === "" || isWrong ? null : time;
}
function between(first, last) {
  [wanted.from, wanted.to] = [first, last];
  [from.value, to.value] = [first, last].map(t => t === null ? "" : iso(t).replace("Z", ""));
  for (const input of [from, to]) input.setAttribute("aria-invalid", false);
  apply();
}
function all() {
  search.value = rule.value = who.value = from.value = to.value = "";
  for (const input of [from, to]) input.setAttribute("aria-invalid", false);
  for (const box of levels.querySelectorAll("input")) box.checked = true;
  wanted = ALL();
}

// What is searched is put together when somebody first does.
const searched = a => a.searched ??= [a.rule.name, a.rule.title, a.who, a.what, a.account, a.region, a.from, a.on, a.id].join("\n").toLowerCase();
const matches = a => wanted.levels.has(a.level) && (!wanted.rule || a.rule.name === wanted.rule) && (!wanted.who || a.who === wanted.who)
  && (wanted.from === null || a.time >= wanted.from) && (wanted.to === null || a.time <= wanted.to) && (!wanted.text || searched(a).includes(wanted.text));
function apply() { found = alerts.filter(matches); list(0); draw(); }
