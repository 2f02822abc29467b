// Drafts of long forms: <form data-draft="duty.report.42"> is kept on this device while it is typed, and says so.
// Secrets and files are never kept. A sent form's draft goes when the answer is a success.
import { clock, word } from "./words.js";

const PREFIX = "qc-draft:";
const WAIT_MS = 800;
const KEEP_MS = 14 * 86400 * 1000;

function fields(form) {
  return [...form.elements].filter(
    (field) => field.name && field.name !== "csrfmiddlewaretoken" && field.name !== "client_id"
      && !["password", "file", "submit", "button", "hidden"].includes(field.type),
  );
}

function read(form) {
  return fields(form).map((field) => [field.name, /checkbox|radio/.test(field.type) ? [field.value, field.checked] : field.value]);
}

function write(form, values) {
  const left = new Map();
  for (const [name, value] of values) left.set(name, [...(left.get(name) ?? []), value]);
  for (const field of fields(form)) {
    const value = left.get(field.name)?.shift();
    if (value === undefined) continue;
    if (/checkbox|radio/.test(field.type)) field.checked = value[0] === field.value && value[1];
    else field.value = value;
  }
}

function line(form) {
  let found = form.querySelector(".qc-draft");
  if (!found) {
    found = document.createElement("p");
    found.className = "qc-draft";
    found.setAttribute("role", "status");
    form.append(found);
  }
  return found;
}

function attach(form) {
  if (form.dataset.draftOn) return;
  form.dataset.draftOn = "1";
  const key = PREFIX + form.dataset.draft;
  const says = line(form);
  let timer = 0;
  const fresh = JSON.stringify(read(form));
  const kept = load(key);
  // What the server sent back after an error is newer than any draft.
  if (kept && !form.querySelector(".qc-field-wrong") && JSON.stringify(kept.values) !== fresh) {
    write(form, kept.values);
    says.textContent = word("draftFound", { time: clock(new Date(kept.at)) });
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "btn btn-bare";
    drop.textContent = word("draftDrop");
    drop.addEventListener("click", () => {
      localStorage.removeItem(key);
      write(form, JSON.parse(fresh));
      says.textContent = "";
    });
    says.append(" ", drop);
  }
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      try {
        localStorage.setItem(key, JSON.stringify({ at: Date.now(), values: read(form) }));
        says.textContent = word("draftSaved", { time: clock() });
      } catch {
        says.textContent = "";
      }
    }, WAIT_MS);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    // Gone with the next page, unless that page is the same form again with errors.
    sessionStorage.setItem(`${PREFIX}sent`, key);
  });
}

function load(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null");
    if (kept && Date.now() - kept.at < KEEP_MS) return kept;
  } catch {
    // An unreadable draft is no draft.
  }
  localStorage.removeItem(key);
  return null;
}

function settle() {
  const sent = sessionStorage.getItem(`${PREFIX}sent`);
  if (!sent) return;
  const again = [...document.querySelectorAll("form[data-draft]")].some((form) => PREFIX + form.dataset.draft === sent);
  if (!again) localStorage.removeItem(sent);
  sessionStorage.removeItem(`${PREFIX}sent`);
}

function attachAll(root) {
  root.querySelectorAll?.("form[data-draft]").forEach(attach);
}

/** Signing out leaves nothing of one person's to the next. */
function forget() {
  Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).forEach((key) => localStorage.removeItem(key));
}

export function start() {
  settle();
  attachAll(document);
  document.addEventListener("htmx:after:swap", () => {
    settle();
    attachAll(document);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-sign-out]")) forget();
  });
}
