// The wall: levels of tanks, counts at the top, the clock, and the whole screen.
import { clock } from "../web/js/words.js";

const INSIDE = 100;
const TOP = 10;
const drawings = new Map();
for (const one of document.querySelectorAll("[data-level]")) drawings.set(one.dataset.level, one);

function draw(told) {
  for (const [key, [, value]] of Object.entries(told)) {
    const one = drawings.get(key);
    if (!one || typeof value !== "number") continue;
    const share = Math.min(1, Math.max(0, (value - Number(one.dataset.low)) / Number(one.dataset.span)));
    const height = (share * INSIDE).toFixed(1);
    const fill = one.querySelector("[data-fill]");
    if (fill.getAttribute("height") === height) continue;
    fill.setAttribute("height", height);
    fill.setAttribute("y", (TOP + INSIDE - height).toFixed(1));
    one.querySelector("[data-share]").textContent = `${Math.round(share * 100)}%`;
  }
}

function count() {
  const of = (selector) => String(document.querySelectorAll(selector).length);
  const counts = {
    second: of('[data-tag]:is([data-limit="HH"], [data-limit="LL"])'),
    first: of('[data-tag]:is([data-limit="H"], [data-limit="L"])'),
    silent: of('[data-tag]:not([data-state="live"], [data-state="service"])'),
  };
  for (const [name, text] of Object.entries(counts)) {
    const one = document.querySelector(`[data-count="${name}"]`);
    if (one.textContent !== text) one.textContent = text;
  }
  const time = document.querySelector("[data-clock]");
  if (time.textContent !== clock()) time.textContent = clock();
}

// The bar that tells of a lost connection stands above the page: it goes along.
function whole(button) {
  const page = document.querySelector(".qc-main");
  if (!page?.requestFullscreen) return;
  const enter = button.textContent;
  button.hidden = false;
  button.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : page.requestFullscreen()));
  document.addEventListener("fullscreenchange", () => {
    const isWhole = document.fullscreenElement === page;
    button.textContent = isWhole ? button.dataset.leave : enter;
    page.classList.toggle("mon-whole", isWhole);
    if (isWhole) page.dataset.bsTheme = "dark";
    else delete page.dataset.bsTheme;
    document.querySelector("[data-clock]").hidden = !isWhole;
  });
}

document.addEventListener("mon:told", (event) => {
  draw(event.detail);
  count();
});
document.addEventListener("mon:looked", count);
count();
whole(document.querySelector("[data-full]"));
