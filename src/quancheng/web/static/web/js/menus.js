// Menus made of <details>: one open at a time, closed by a click elsewhere or Escape. Dialogs opened by a button.
import { word } from "./words.js";

function closeAll(except) {
  document.querySelectorAll("details.qc-menu[open]").forEach((menu) => {
    if (menu !== except && !menu.contains(except)) menu.open = false;
  });
}

function ask(sentence) {
  return new Promise((answer) => {
    const box = document.createElement("dialog");
    box.className = "qc-dialog";
    const text = document.createElement("p");
    text.textContent = sentence;
    const form = document.createElement("form");
    form.method = "dialog";
    form.className = "qc-form-actions";
    for (const [value, key, look] of [["yes", "agree", "btn-primary"], ["", "cancel", "btn-plain"]]) {
      const button = document.createElement("button");
      button.className = `btn ${look}`;
      button.value = value;
      button.textContent = word(key);
      form.append(button);
    }
    box.append(text, form);
    box.addEventListener("close", () => {
      box.remove();
      answer(box.returnValue === "yes");
    });
    document.body.append(box);
    box.showModal();
  });
}

export function start() {
  document.addEventListener("click", (event) => {
    closeAll(event.target.closest("details.qc-menu"));
    const opener = event.target.closest("[data-open]");
    if (opener) document.querySelector(opener.dataset.open)?.showModal();
    if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.qc-menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  // Captured before htmx sees the submit; the agreed form is submitted again.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!form.dataset?.confirm || form.dataset.agreed) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const button = event.submitter;
      ask(form.dataset.confirm).then((agreed) => {
        if (!agreed) return;
        form.dataset.agreed = "1";
        form.requestSubmit(button);
        delete form.dataset.agreed;
      });
    },
    true,
  );
}
