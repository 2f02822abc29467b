// Live events: one stream per browser. The tab that holds the lock listens and tells the others; when it closes, the
// next takes over. Each event is dispatched on the document as qc:live and as qc:live:<kind>; the page fetches what it
// shows, since events carry ids and no content: the counts of the shell, and the part marked data-live (with the id of
// its row where it shows one, to be drawn anew only for that row's events).
import { clock, word } from "./words.js";

const CHANNEL = "qc-live";
const LOCK = "qc-live-stream";
const QUIET_MS = 4000;
const GATHER_MS = 300;
const PAUSE_MS = 3000;

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

function listen(address, channel) {
  return new Promise(() => {
    const source = new EventSource(address);
    const say = (message) => {
      channel.postMessage(message);
      receive(message);
    };
    source.addEventListener("open", () => say({ up: true }));
    source.addEventListener("error", () => say({ up: false }));
    source.addEventListener("message", (event) => {
      try {
        say({ event: JSON.parse(event.data) });
      } catch {
        // A comment or a line we do not know is no event.
      }
    });
    window.addEventListener("pagehide", () => source.close());
  });
}

function receive(message) {
  if ("up" in message) state(message.up);
  if (message.event) tell(message.event);
}

export function start() {
  document.addEventListener("qc:live", (event) => hear(event.detail));
  document.addEventListener("qc:live:again", () => hear({}));
  document.addEventListener("visibilitychange", later);
  const address = document.querySelector('meta[name="qc-stream"]')?.content;
  if (!address || !("BroadcastChannel" in window) || !navigator.locks) return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener("message", (event) => receive(event.data));
  navigator.locks.request(LOCK, () => listen(address, channel));
}
