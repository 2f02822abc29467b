// Keys: / search, g t today, j k rows, Enter opens, x ticks, ? help. Silent while somebody types.
let before = "";
let here = "";

function typing(target) {
  return target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
}

function rows() {
  return [...document.querySelectorAll("#qc-list tbody tr, [data-rows] > *")];
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("qc-at"));
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
  all.forEach((row) => row.classList.toggle("qc-at", row === next));
  next.scrollIntoView({ block: "nearest" });
  // Its link first, so that Enter opens the row; a box to tick stands before it.
  (next.querySelector("a") ?? next.querySelector("button, input"))?.focus({ preventScroll: true });
  here = next.dataset.url ?? "";
}

// A list that was drawn anew keeps the place where the person was.
function keep() {
  if (!here || document.querySelector(".qc-at")) return;
  const again = rows().find((row) => row.dataset.url === here);
  again?.classList.add("qc-at");
  if (document.activeElement === document.body) again?.querySelector("a")?.focus({ preventScroll: true });
}

const KEYS = {
  "/": () => document.getElementById("qc-search")?.focus(),
  "?": () => document.getElementById("qc-keys")?.showModal(),
  j: () => step(1),
  k: () => step(-1),
  x: () => document.querySelector("tr.qc-at .qc-tick input")?.click(),
};

export function start() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && event.target.id === "qc-search") event.target.blur();
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (before === "g" && event.key === "t") {
      before = "";
      const home = document.querySelector(".qc-brand");
      if (home) location.assign(home.href);
      return;
    }
    before = event.key;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("htmx:after:swap", keep);
  // The search list is walked with the arrows.
  document.getElementById("qc-search")?.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") document.querySelector("#qc-search-found a")?.focus();
  });
  document.getElementById("qc-search-found")?.addEventListener("keydown", (event) => {
    const links = [...event.currentTarget.querySelectorAll("a")];
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    (links[links.indexOf(event.target) + by] ?? document.getElementById("qc-search")).focus();
  });
}
