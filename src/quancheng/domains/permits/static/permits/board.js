// Draws the permit board anew: on a screen every four seconds, where the line is lost it says since when and keeps the
// picture; in the shell, where events draw it, once in half a minute so that ages go on.
const SCREEN_MS = 4_000;
const SHELL_MS = 30_000;
const WAIT_MS = 3_000;
const lost = document.getElementById("lost");
let seen = new Date();

async function draw() {
  try {
    const answer = await fetch(location.href, {
      cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(WAIT_MS),
    });
    if (answer.status === 404) { location.reload(); return; }
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.getElementById("permit-board");
    if (next) document.getElementById("permit-board").replaceWith(next);
    seen = new Date();
    lost.hidden = true;
  } catch {
    lost.textContent = `${lost.dataset.text} ${seen.toTimeString().slice(0, 8)}`;
    lost.hidden = false;
  }
}

if (lost) setInterval(draw, SCREEN_MS);
else setInterval(() => document.dispatchEvent(new CustomEvent("qc:live", { detail: {} })), SHELL_MS);
