// The list of alerts, a page at a time; what stands behind one is made when it is unfolded.
const PAGE = 100;
let page = 0;

const before = make("button", { type: "button", textContent: "Previous" }), after = make("button", { type: "button", textContent: "Next" }), at = make("span");
$("pages").append(before, at, after);
before.addEventListener("click", () => list(page - 1));
after.addEventListener("click", () => list(page + 1));
function list(number) {
  const last = Math.max(0, Math.ceil(found.length / PAGE) - 1);
  page = Math.min(Math.max(0, number), last);
  $("list").replaceChildren(...found.slice(page * PAGE, (page + 1) * PAGE).map(row));
  $("count").textContent = `${found.length.toLocaleString("en")} of ${alerts.length.toLocaleString("en")} alerts`;
  $("pages").hidden = last === 0;
  before.disabled = page === 0;
  after.disabled = page === last;
  at.textContent = `page ${page + 1} of ${last + 1}`;
}
function row(a) {
  const details = make("details", { className: "alert", id: "alert-" + a.id }, make("summary", {}, make("time", { textContent: iso(a.time) }),
    make("span", { className: "level " + LEVELS[a.level], textContent: LEVELS[a.level] }), make("span", { textContent: a.rule.title }),
    make("span", { className: "soft", textContent: short(a.who) }), make("span", { className: "soft", textContent: [a.what, a.on, place(a)].filter(Boolean).join(", ") })));
  details.addEventListener("toggle", () => details.open && unfold(details, a));
  return details;
}
// Of an account that is not the principal's own it is told.
const place = a => [a.who.includes(a.account) ? "" : a.account, a.region].filter(Boolean).join(" ");

function facts(a, withRule = true) {
  const [actor, behind, key, mfa, agent, source, error, group, events, ...places] = a.more;
  const rows = [["Actor", names[actor]], ["Behind", names[behind]], ["Key", names[key]], ["MFA", names[mfa]], ["From", a.from], ["Agent", names[agent]],
    ["Call", `${a.what} of ${names[source]}`], ["Error", names[error]], ["On", a.on], ["Where", [a.account, a.region].filter(Boolean).join(" ")], ["Group", names[group]],
    ...(withRule ? [["Why it matters", a.rule.description], ["First step", a.rule.firstStep], ["Tags", a.rule.tags]] : []), ["Events", events > 1 ? events.toLocaleString("en") : ""],
    ...places.map(([time, call, id, file, index]) => ["Record", `${iso(time)} ${names[call]} ${id} in ${names[file]}#${index}`])];
  return make("dl", {}, ...rows.filter(([, value]) => value).flatMap(([name, value]) => [make("dt", { textContent: name }), make("dd", { textContent: value })]),
    make("dt", { textContent: "Alert" }), make("dd", {}, make("a", { href: "#alert-" + a.id, textContent: a.id })));
}
async function unfold(details, a) {
  if (details.dataset.full) return;
  details.dataset.full = "yes";
  const body = make("div", { className: "body" }, facts(a));
  details.append(body);
  const records = await recordsOf(a);
  body.append(...records.map((text, i) => make("details", { open: i === 0 }, make("summary", { textContent: i === 0 ? "The record" : `The record before it, ${i}` }),
    make("pre", { tabIndex: 0, textContent: text }))));
  if (records.length === 0) body.append(make("p", { className: "soft", textContent: "The record is too large for this page: it is in the file that is named above." }));
}

// A link to one alert
function linked() {
  const id = location.hash.replace(/^#alert-/, "");
  if (id === location.hash || !alerts.some(a => a.id === id)) return;
  if (!found.some(a => a.id === id)) { all(); apply(); }
  list(Math.floor(found.findIndex(a => a.id === id) / PAGE));
  const details = $("alert-" + id);
  details.open = true;
  details.querySelector("summary").focus();
  details.scrollIntoView();
}
addEventListener("hashchange", linked);
