// The paper of an exam: each answer goes to the server at once; without network it waits in the browser and goes later.
// The server's clock counts: what is left is told by it, and it hands the paper in where this page does not.
const RETRY_MS = 3000;
const form = document.getElementById("paper");
const said = form.dataset;
const store = `qc-exam-${said.key}`;
const state = document.getElementById("sit-state");
const clock = document.getElementById("sit-clock");
const bar = document.querySelector(".sit-bar");
const ask = document.getElementById("sit-ask");
const token = form.querySelector("input[name=csrfmiddlewaretoken]").value;

let ends = performance.now() + Number(said.left) * 1000;
let waiting = read();
let sending = false;
let handing = false;
let lost = false;
let asked = false;
const notes = [];

function read() {
  try { return JSON.parse(localStorage.getItem(store) ?? "{}"); } catch { return {}; }
}

function keep() {
  try { localStorage.setItem(store, JSON.stringify(waiting)); } catch { /* a browser that keeps nothing still sends */ }
}

function fields(name) {
  return [...form.elements].filter((one) => one.name === name);
}

function told(name) {
  const found = fields(name);
  if (found[0]?.tagName === "TEXTAREA") return found[0].value;
  return found.filter((one) => one.checked).map((one) => one.value).join("");
}

// What was typed without network and did not reach the server stands again after the page was closed.
for (const [name, text] of Object.entries(waiting)) {
  for (const one of fields(name)) {
    if (one.tagName === "TEXTAREA") one.value = text;
    else one.checked = text.includes(one.value);
  }
}

function count() {
  const names = [...form.querySelectorAll("[data-name]")].map((one) => one.dataset.name);
  const done = names.filter((name) => told(name) !== "").length;
  return { done, all: names.length };
}

function show(text) {
  const { done, all } = count();
  const progress = said.done.replace("{done}", done).replace("{all}", all);
  state.textContent = text ? `${progress} · ${text}` : progress;
  bar.classList.toggle("sit-lost", lost);
}

async function post(url, given) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", token);
  for (const [name, text] of Object.entries(given)) body.set(name, text);
  return fetch(url, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
}

function fell(kind) {
  if (kind === lost) return;
  lost = kind;
  notes.push(lost ? "offline" : "online");
}

async function flush() {
  if (sending) return;
  const batch = { ...waiting };
  if (!Object.keys(batch).length && !handing && !(lost && navigator.onLine)) { show(lost ? said.lost : ""); return; }
  sending = true;
  if (!lost) show(handing ? said.handing : said.saving);
  try {
    const answer = await post(location.pathname, { ...batch, act: handing ? "hand_in" : "save" });
    const body = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    if (body.url) {
      // What was refused in this shape would be refused again; all else waits for who is let in anew.
      if (answer.ok || answer.status === 422) localStorage.removeItem(store);
      location.href = body.url;
      return;
    }
    if (answer.redirected) { location.href = said.door; return; }
    if (!answer.ok) throw new Error(String(answer.status));
    fell(false);
    for (const [name, text] of Object.entries(batch)) if (waiting[name] === text) delete waiting[name];
    keep();
    ends = performance.now() + body.left * 1000;
    await tell();
    show(said.saved);
  } catch {
    fell(true);
    show(handing ? said.handing : said.lost);
  } finally {
    sending = false;
  }
  if (!lost && (Object.keys(waiting).length || handing)) flush();
}

async function tell() {
  while (notes.length) {
    const answer = await post(said.facts, { kind: notes[0] });
    if (answer.status >= 500) return;
    notes.shift();
  }
}

let typing = 0;
form.addEventListener("input", (event) => {
  const name = event.target.name;
  if (!name?.startsWith("a-")) return;
  waiting[name] = told(name);
  keep();
  asked = false;
  ask.hidden = true;
  clearTimeout(typing);
  typing = setTimeout(flush, event.target.tagName === "TEXTAREA" ? 800 : 0);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { done, all } = count();
  if (event.submitter?.value !== "save") {
    if (done < all && !asked) {
      asked = true;
      ask.textContent = said.sure.replace("{open}", all - done);
      ask.hidden = false;
      return;
    }
    handing = true;
  }
  flush();
});

document.addEventListener("visibilitychange", () => {
  if (handing) return;
  notes.push(document.hidden ? "left" : "back");
  tell().catch(() => {});
});
addEventListener("online", flush);
addEventListener("offline", () => { fell(true); show(said.lost); });
setInterval(flush, RETRY_MS);

function tick() {
  const left = Math.max(0, Math.round((ends - performance.now()) / 1000));
  clock.textContent = `${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`;
  if (left === 0 && !handing) { handing = true; flush(); }
}
setInterval(tick, 1000);
tick();
show("");
document.getElementById("sit-save").hidden = true;
flush();
