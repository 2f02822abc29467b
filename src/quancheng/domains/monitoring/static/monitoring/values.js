// Values of tags on a page: each [data-tag] shows what the channel "values" tells of its number. Nothing is added to the
// page, so that one left open for days stays as it is. Told again of the same look, an element is not touched.
const words = JSON.parse(document.getElementById("mon-words")?.textContent ?? "{}");
const LIMITS = ["", "LL", "L", "H", "HH"];
const LOOK_MS = 5000;
const elements = new Map();
// Clocks of desks are wrong: ages are told by the server's, as far as the newest value is not ahead of it.
const pageAt = Date.now();
const servedAt = Number(document.querySelector("[data-served]")?.dataset.served ?? pageAt);

function now() {
  return servedAt + (Date.now() - pageAt);
}

function written(value, unit) {
  if (typeof value !== "number") return "—";
  if (unit === "bool") return value ? words.yes : words.no;
  const size = Math.abs(value);
  const places = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 3;
  const text = value.toFixed(places);
  const short = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  return short === "-0" ? "0" : short;
}

function age(ms) {
  const minutes = Math.max(1, Math.floor(ms / 60000));
  if (minutes < 60) return words.minutes.replace("{n}", minutes);
  if (minutes < 48 * 60) return words.hours.replace("{n}", Math.floor(minutes / 60));
  return words.days.replace("{n}", Math.floor(minutes / 1440));
}

function put(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function set(element, name, value) {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}

function isUsable(quality) {
  return (quality & 0xc0) >= 0x40 && (quality & 0xfc) !== 68;
}

// What is said of one: the limit that stands, and why its value is not to be trusted.
function say(one) {
  const { state, limit, at } = one.dataset;
  const said = state === "live" ? "" : (words[state] ?? "").replace("{age}", age(now() - Number(at)));
  put(one.querySelector("[data-said]"), [words[limit], said].filter(Boolean).join(" · "));
}

function look() {
  for (const all of elements.values()) {
    for (const one of all) {
      const { state, at, stale } = one.dataset;
      if (state === "live" && now() - Number(at) > Number(stale) * 1000) set(one, "state", "stale");
      if (one.dataset.state === "stale") say(one);
    }
  }
  document.dispatchEvent(new CustomEvent("mon:looked"));
}

function hear(told) {
  for (const [key, [at, value, quality, level]] of Object.entries(told)) {
    for (const one of elements.get(key) ?? []) {
      if (at < Number(one.dataset.at)) continue;
      one.dataset.at = at;
      if (one.dataset.state !== "service") {
        const isOld = now() - at > Number(one.dataset.stale) * 1000;
        set(one, "state", !isUsable(quality) ? "bad" : isOld ? "stale" : "live");
      }
      set(one, "limit", LIMITS[level] ?? "");
      put(one.querySelector("[data-number]"), written(value, one.dataset.unit));
      say(one);
    }
  }
  document.dispatchEvent(new CustomEvent("mon:told", { detail: told }));
}

function find() {
  elements.clear();
  for (const one of document.querySelectorAll("[data-tag]")) {
    if (!elements.has(one.dataset.tag)) elements.set(one.dataset.tag, []);
    elements.get(one.dataset.tag).push(one);
  }
}

find();
document.addEventListener("htmx:after:swap", find);
document.addEventListener("qc:watch:values", (event) => hear(event.detail));
setInterval(look, LOOK_MS);
