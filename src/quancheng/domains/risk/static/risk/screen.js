// Draws the screen at a gate anew every half minute; where the line is lost it says since when, and keeps the picture.
const EVERY_MS = 30_000;
const lost = document.getElementById("lost");
let seen = new Date();

async function draw() {
  const address = new URL(location.href);
  address.searchParams.set("part", "1");
  try {
    const answer = await fetch(address, { cache: "no-store", credentials: "omit" });
    if (answer.status === 404) { location.reload(); return; }
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.getElementById("screen");
    if (next) document.getElementById("screen").replaceWith(next);
    seen = new Date();
    lost.hidden = true;
  } catch {
    lost.textContent = `${lost.dataset.text} ${seen.toTimeString().slice(0, 5)}`;
    lost.hidden = false;
  }
}

setInterval(draw, EVERY_MS);
