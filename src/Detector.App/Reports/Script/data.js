"use strict";
// What the page holds of the alerts. Everything that comes from the trail goes into textContent: nothing of it is ever read as HTML.
const LEVELS = ["informational", "low", "medium", "high", "critical"];
const $ = id => document.getElementById(id);
const make = (name, props = {}, ...inside) => { const e = Object.assign(document.createElement(name), props); e.append(...inside); return e; };
const data = id => JSON.parse($("data-" + id).textContent);
const iso = t => t ? new Date(t).toISOString().replace("T", " ").replace(".000Z", "Z") : "no time";
// An identity without what every other one begins with: "111122223333 user/dana".
const short = arn => arn.replace(/^arn:[^:]*:(?:iam|sts)::(\d+):/, "$1 ");
// As the rest of the page shows it: what could make a text look like another is written out.
const plain = text => text.replace(/[\p{Cf}\p{Zl}\p{Zp}]/gu, c => [...Array(c.length).keys()].map(i => "\\u" + c.charCodeAt(i).toString(16).padStart(4, "0")).join(""));

// Names and rules are many alerts' own: an alert has their numbers.
const names = data("names"), rules = data("rules");
const alerts = data("alerts").map(([id, time, rule, who, what, account, region, from, on, kept, more], n) => ({ n, id, time, rule: rules[rule], level: rules[rule].level,
  who: names[who], what: names[what], account: names[account], region: names[region], from: names[from], on: names[on], kept, more }));

// Records lie packed behind this script, some alerts' together in the order in which these were found, and are unpacked when somebody wants to see one.
const whole = new Promise(done => addEventListener("DOMContentLoaded", done));
const TOGETHER = 100;
const unpacked = new Map();
let packs = null;
async function recordsOf(alert) {
  await whole;
  const at = Math.floor(alert.kept / TOGETHER);
  if (!unpacked.has(at)) unpacked.set(at, unpack((packs ??= data("records"))[at]));
  const records = (await unpacked.get(at))[alert.kept % TOGETHER];
  return records ? records.split("\u001f").map(record => plain(JSON.stringify(JSON.parse(record, asWritten), null, 2))) : [];
}
async function unpack(base64) {
  const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
  return (await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text()).split("\u001e");
}
// Numbers keep their digits, where the browser can say which they are.
const asWritten = (_, value, context) => typeof value === "number" && context?.source && JSON.rawJSON ? JSON.rawJSON(context.source) : value;
