// Live events: one stream per browser. The tab that holds the lock listens and tells the others; when it closes, the
// next takes over. Each event is dispatched on the document as qc:live and as qc:live:<kind>; the page fetches what it
// shows, since events carry ids and no content: the counts of the shell, and the part marked data-live (with the id of
// its row where it shows one, to be drawn anew only for that row's events).
// What a page watches besides, such as values of sensors, its parts say: data-watch="name:key,key". The tab that listens
// asks for what all open tabs watch, and each message comes to every tab as qc:watch:<name> with its keys.
import { clock, word } from "./words.js";

const CHANNEL = "qc-live";
const LOCK = "qc-live-stream";
const QUIET_MS = 4000;
const GATHER_MS = 300;
const PAUSE_MS = 3000;
// The server beats every 15 s: whoever hears nothing for so long is cut off, though no connection was closed.
const SILENT_MS = 40000;
const LOOK_MS = 5000;
const ASK_MS = 150;
// Keys of a channel that are asked for at most, as the server refuses more.
const MOST = 500;
const me = crypto.randomUUID?.() ?? String(Math.random());

let lostTimer = 0;
let lostAt = null;
let drawTimer = 0;
let drawnAt = 0;
let isStale = false;

// What somebody is in the middle of is not taken from under his hands. What is ticked in a closed menu, as a list's own
// columns are, nobody is in the middle of.
function isBusy(part) {
  const isTicked = [...part.querySelectorAll("input:checked")].some((one) => !one.closest("details:not([open])"));
  return isTicked || part.querySelector("details[open], #qc-panel") || (part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea"));
}

async function draw() {
  drawTimer = 0;
  if (document.hidden) return;
  drawnAt = Date.now();
  const headers = { "HX-Live": "1" };
  const counts = document.querySelector('meta[name="qc-counts"]')?.content;
  const part = document.querySelector("[data-live]");
  try {
    if (counts) await window.htmx.ajax("GET", counts, { swap: "none", headers });
    if (part && isStale && !isBusy(part)) {
      isStale = false;
      await window.htmx.ajax("GET", location.pathname + location.search, { target: `#${part.id}`, swap: "outerHTML", headers });
    }
  } catch {
    // The next event asks again.
  }
}

function later() {
  if (drawTimer || document.hidden) return;
  drawTimer = setTimeout(draw, Math.max(GATHER_MS, drawnAt + PAUSE_MS - Date.now()));
}

function hear(event) {
  const row = document.querySelector("[data-live]")?.dataset.live;
  if (row !== undefined && (!row || !event.subject_id || row === event.subject_id)) isStale = true;
  later();
}

function tell(event) {
  document.dispatchEvent(new CustomEvent("qc:live", { detail: event }));
  if (event.kind) document.body.dispatchEvent(new CustomEvent(`qc:live:${event.kind}`, { detail: event, bubbles: true }));
}

function state(isUp) {
  const bar = document.getElementById("qc-offline");
  if (!bar) return;
  if (isUp) {
    clearTimeout(lostTimer);
    lostTimer = 0;
    if (lostAt) document.dispatchEvent(new CustomEvent("qc:live:again"));
    lostAt = null;
    bar.hidden = true;
  } else if (!lostTimer) {
    const since = new Date();
    lostTimer = setTimeout(() => {
      lostAt = since;
      bar.textContent = word("offline", { time: clock(since) });
      bar.hidden = false;
    }, QUIET_MS);
  }
}

// What this page watches now, by channel; a page that nobody looks at watches nothing.
function watches() {
  const found = {};
  if (document.hidden) return found;
  for (const part of document.querySelectorAll("[data-watch]")) {
    const [name, keys = ""] = part.dataset.watch.split(":");
    if (keys) found[name] = [...(found[name] ?? []), ...keys.split(",")];
  }
  return found;
}

function query(pages, seen) {
  const all = {};
  for (const page of pages.values()) {
    for (const [name, keys] of Object.entries(page)) {
      all[name] ??= new Set();
      for (const key of keys) if (all[name].size < MOST) all[name].add(key);
    }
  }
  const given = Object.entries(all).map(([name, keys]) => `watch=${encodeURIComponent(name)}:${[...keys].sort().join()}`);
  return { watched: given.sort().join("&"), whole: [...given, ...(seen ? [`seen=${seen}`] : [])].join("&") };
}

function listen(address, channel) {
  const pages = new Map([[me, watches()]]);
  let source;
  let seen = "";
  let watched = null;
  let heardAt = 0;
  let asking = 0;
  let isOver = false;
  const say = (message) => {
    channel.postMessage(message);
    receive(message);
  };
  const hearing = (act) => (event) => {
    heardAt = Date.now();
    act(event);
  };
  const open = () => {
    const asked = query(pages, seen);
    watched = asked.watched;
    source?.close();
    heardAt = Date.now();
    source = new EventSource(asked.whole ? `${address}?${asked.whole}` : address);
    source.addEventListener("open", hearing(() => say({ up: true })));
    source.addEventListener("error", () => say({ up: false }));
    source.addEventListener("beat", hearing(() => {}));
    source.addEventListener("message", hearing((event) => {
      seen = event.lastEventId || seen;
      try {
        const told = JSON.parse(event.data);
        isOver ||= told.kind === "stream.signed_out";
        say({ event: told });
      } catch {
        // A line we do not know is no event.
      }
    }));
    for (const name of new Set([...pages.values()].flatMap(Object.keys))) {
      source.addEventListener(name, hearing((event) => say({ watch: name, told: JSON.parse(event.data) })));
    }
  };
  const change = () => {
    asking ||= setTimeout(() => {
      asking = 0;
      if (query(pages, "").watched !== watched) open();
    }, ASK_MS);
  };
  channel.addEventListener("message", ({ data }) => {
    if (!data.page) return;
    if (data.watches) pages.set(data.page, data.watches);
    else pages.delete(data.page);
    change();
  });
  document.addEventListener("qc:watches", () => {
    pages.set(me, watches());
    change();
  });
  setInterval(() => {
    if (isOver || Date.now() - heardAt < SILENT_MS) return;
    say({ up: false });
    open();
  }, LOOK_MS);
  open();
  // Whoever is open already tells what it watches.
  channel.postMessage({ ask: true });
  return new Promise(() => window.addEventListener("pagehide", () => source.close()));
}

function receive(message) {
  if ("up" in message) state(message.up);
  if (message.event) tell(message.event);
  if (message.watch) document.dispatchEvent(new CustomEvent(`qc:watch:${message.watch}`, { detail: message.told }));
}

export function start() {
  document.addEventListener("qc:live", (event) => hear(event.detail));
  document.addEventListener("qc:live:again", () => hear({}));
  document.addEventListener("visibilitychange", later);
  const address = document.querySelector('meta[name="qc-stream"]')?.content;
  if (!address || !("BroadcastChannel" in window) || !navigator.locks) return;
  const channel = new BroadcastChannel(CHANNEL);
  let told = "";
  const tellWatches = (isAsked) => {
    const mine = watches();
    const text = JSON.stringify(mine);
    if (isAsked !== true && text === told) return;
    told = text;
    channel.postMessage({ page: me, watches: mine });
    document.dispatchEvent(new CustomEvent("qc:watches"));
  };
  channel.addEventListener("message", ({ data }) => {
    if (data.ask) tellWatches(true);
    receive(data);
  });
  document.addEventListener("visibilitychange", tellWatches);
  document.addEventListener("htmx:after:swap", tellWatches);
  window.addEventListener("pagehide", () => channel.postMessage({ page: me }));
  tellWatches();
  navigator.locks.request(LOCK, () => listen(address, channel));
}
