// Live events: one stream per browser. The tab that holds the lock listens and tells the others; when it closes, the
// next takes over. Each event is dispatched on the document as qc:live and as qc:live:<kind>; the page fetches what it
// shows, since events carry ids and no content.
import { clock, word } from "./words.js";

const CHANNEL = "qc-live";
const LOCK = "qc-live-stream";
const QUIET_MS = 4000;

let lostTimer = 0;
let lostAt = null;

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
  const address = document.querySelector('meta[name="qc-stream"]')?.content;
  if (!address || !("BroadcastChannel" in window) || !navigator.locks) return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener("message", (event) => receive(event.data));
  navigator.locks.request(LOCK, () => listen(address, channel));
}
