// On paper there are no pages to turn and nothing to unfold: the list goes on to the end of what a person reads, and the gravest alerts come with what stands behind them.
const PRINTED = 1000, WHOLE = 50, PRINCIPALS = 25;
let listed = [], closed = [];

addEventListener("beforeprint", () => {
  listed = [...$("list").children];
  const open = new Map(listed.filter(d => d.open).map(d => [d.id, d]));
  document.documentElement.classList.add("paper");
  redraw(700);
  const most = found.length > PRINTED;
  const printed = most ? new Set(found.slice().sort((a, b) => b.level - a.level || a.n - b.n).slice(0, PRINTED)) : null;
  const rows = most ? found.filter(a => printed.has(a)) : found;
  const grave = new Set(rows.filter(a => a.level >= 3).sort((a, b) => b.level - a.level || a.n - b.n).slice(0, WHOLE));
  const explained = new Set(); // a rule's own words are told once
  $("list").replaceChildren(...rows.map(a => {
    // What a reader has unfolded is printed as it stands there, with its record.
    if (open.has("alert-" + a.id)) return open.get("alert-" + a.id);
    const one = row(a);
    if (grave.has(a)) {
      one.dataset.full = "yes";
      one.append(make("div", { className: "body" }, facts(a, !explained.has(a.rule))));
      one.open = true;
      explained.add(a.rule);
    }
    return one;
  }));
  const some = n => n === 1 ? "the gravest" : `the ${n.toLocaleString("en")} gravest`;
  $("printed").textContent = (most ? `; printed are ${some(rows.length)}, the table above counts all` : "") + (grave.size ? `; unfolded are ${some(grave.size)}` : "")
    + ". The page itself holds all of them with their records; what is filtered or unfolded there is printed so.";
  closed = [...document.querySelectorAll("#principals > details:not([open])")].slice(0, PRINCIPALS);
  for (const d of closed) d.open = true;
});
addEventListener("afterprint", () => {
  document.documentElement.classList.remove("paper");
  for (const d of closed) d.open = false;
  $("list").replaceChildren(...listed);
  redraw();
});

apply();
linked();
performance.mark("usable");
