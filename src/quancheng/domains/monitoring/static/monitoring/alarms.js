// The list of alarms: a dialog to acknowledge from the keyboard, and what tells of new ones and of colleagues' acts.
// Without it the buttons of the page do the same.
const SOUND = "mon-sound";
const list = () => document.getElementById("qc-list");
const dialog = document.getElementById("mon-ack");
const said = document.getElementById("mon-new");
const button = document.getElementById("mon-sound");
const title = document.title;
let audio;
let known = states();
// What this page acknowledged itself need not be told to who did it.
const mine = new Set();

function states() {
  const found = new Map();
  document.querySelectorAll("#qc-list [data-alarm]").forEach((one) => found.set(one.dataset.alarm, { ...one.dataset }));
  return found;
}

function rowOf(key) {
  return document.querySelector(`#qc-list [data-alarm="${key}"]`)?.closest("tr");
}

// Acknowledging -------------------------------------------------------------------------------------------------------

function chosen() {
  const ticked = [...document.querySelectorAll("#qc-list .qc-tick input[name=ids]:checked")].map((one) => one.value);
  if (ticked.length) return ticked;
  const here = document.querySelector("#qc-list tr.qc-at [data-alarm]");
  return here ? [here.dataset.alarm] : [];
}

function ask(keys) {
  const all = states();
  const open = keys.filter((key) => all.get(key)?.waits && rowOf(key)?.querySelector("[data-ack]"));
  if (!dialog || !open.length) return;
  const ids = document.getElementById("mon-ack-ids");
  ids.replaceChildren(...open.map((key) => {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "ids", value: key });
    return field;
  }));
  document.getElementById("mon-ack-what").textContent = open.map((key) => all.get(key).title).join("；");
  dialog.querySelector("form").reset();
  dialog.showModal();
  dialog.querySelector("input[type=radio]")?.focus();
}

function draw() {
  document.querySelectorAll("#qc-list .qc-tick input:checked").forEach((one) => { one.checked = false; });
  window.htmx.ajax("GET", location.pathname + location.search, {
    target: "#qc-list", swap: "outerHTML", headers: { "HX-Live": "1" },
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "a" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.querySelector("dialog[open]") || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const keys = chosen();
  if (!keys.length) return;
  event.preventDefault();
  ask(keys);
});
document.addEventListener("keydown", (event) => {
  const key = { ArrowDown: "j", ArrowUp: "k" }[event.key];
  if (!key || !event.target.closest("#qc-list tr") || event.target.closest("select")) return;
  event.preventDefault();
  event.target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-ack]");
  if (link && dialog) {
    event.preventDefault();
    ask([link.dataset.ack]);
  }
  if (event.target.closest("#mon-ack [data-close]")) dialog.close();
});
dialog?.querySelector("form").addEventListener("submit", () => {
  dialog.querySelectorAll("[name=ids]").forEach((one) => mine.add(one.value));
});
document.addEventListener("mon:acknowledged", () => {
  dialog?.close();
  draw();
});

// New ones, and what colleagues did -----------------------------------------------------------------------------------

function tell(text, kind) {
  document.dispatchEvent(new CustomEvent("qc:toast", { detail: { text, kind } }));
}

function compare() {
  const now = states();
  const fresh = [];
  for (const [key, one] of now) {
    const before = known.get(key);
    if (one.waits && !before?.waits) fresh.push(one);
    if (before?.waits && !one.waits && one.told && !mine.has(key)) tell(one.told, "info");
  }
  known = now;
  fresh.forEach((one) => mine.delete(one.alarm));
  return fresh;
}

function mark() {
  const waiting = [...known.values()].filter((one) => one.waits).length;
  document.title = waiting ? `(${waiting}) ${title}` : title;
}

document.addEventListener("htmx:after:swap", () => {
  if (!list()) return;
  const isOther = `${location.pathname}${location.search}` !== address;
  address = `${location.pathname}${location.search}`;
  if (isOther) {
    // Another view: what it shows is not news.
    known = states();
    mark();
    return;
  }
  const fresh = compare();
  mark();
  if (!fresh.length) return;
  fresh.forEach((one) => {
    const row = rowOf(one.alarm);
    row?.classList.add("mon-fresh");
    row?.querySelector("[data-alarm]").setAttribute("data-new", said.dataset.new);
  });
  const grave = fresh.filter((one) => one.priority <= 2);
  said.setAttribute("aria-live", grave.length ? "assertive" : "polite");
  said.textContent = said.dataset.say + fresh.map((one) => one.title).join("；");
  tell(said.textContent, grave.length ? "warning" : "info");
  sound(Math.min(...fresh.map((one) => Number(one.priority))));
});
let address = `${location.pathname}${location.search}`;
mark();

// Sound: browsers let a page sound only after the person touched it -----------------------------------------------------

function isOn() {
  return localStorage.getItem(SOUND) === "1";
}

function show() {
  if (!button) return;
  const state = !isOn() ? "off" : audio?.state === "running" ? "on" : "wait";
  button.hidden = false;
  button.setAttribute("aria-pressed", String(state === "on"));
  button.querySelector("span").textContent = button.dataset[state];
}

async function wake() {
  audio ??= new AudioContext();
  if (audio.state !== "running") await audio.resume();
  show();
}

// The graver, the more often and the higher.
function sound(priority) {
  if (!isOn() || audio?.state !== "running") return;
  const times = { 1: 3, 2: 2 }[priority] ?? 1;
  for (let place = 0; place < times; place += 1) {
    const at = audio.currentTime + place * 0.3;
    const tone = audio.createOscillator();
    const level = audio.createGain();
    tone.frequency.value = { 1: 880, 2: 740 }[priority] ?? 520;
    level.gain.setValueAtTime(0.2, at);
    level.gain.exponentialRampToValueAtTime(0.001, at + 0.2);
    tone.connect(level).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.22);
  }
}

button?.addEventListener("click", async () => {
  const turnsOff = isOn() && audio?.state === "running";
  localStorage.setItem(SOUND, turnsOff ? "0" : "1");
  if (turnsOff) return show();
  await wake();
  sound(1);
  return undefined;
});
for (const kind of ["pointerdown", "keydown"]) {
  document.addEventListener(kind, () => { if (isOn() && audio?.state !== "running") wake(); });
}
show();
