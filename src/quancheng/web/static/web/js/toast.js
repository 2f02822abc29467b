// Short notices. The server sends them as the htmx event qc:toast; islands call toast().
const STAY_MS = 8000;

export function toast(text, kind = "info") {
  const stack = document.getElementById("qc-toasts");
  const mould = document.getElementById("qc-toast-template");
  if (!stack || !mould || !text) return;
  const box = mould.content.firstElementChild.cloneNode(true);
  box.className = `qc-toast qc-toast-${kind}`;
  box.querySelector("p").textContent = text;
  stack.append(box);
  leave(box, kind);
}

// What went wrong stays until it is closed: nobody should miss it by looking away.
function leave(box, kind) {
  if (kind !== "error" && kind !== "warning") setTimeout(() => box.remove(), STAY_MS);
}

export function start() {
  document.querySelectorAll("#qc-toasts .qc-toast").forEach((box) => {
    leave(box, /qc-toast-(error|warning)/.exec(box.className)?.[1]);
  });
  document.addEventListener("qc:toast", (event) => toast(event.detail?.text, event.detail?.kind));
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".qc-toast [data-close]");
    if (button) button.closest(".qc-toast").remove();
  });
}
