// Acts that wait: made as drafts, kept while they are written, put into the queue.
import { say } from "./dom.js";
import { word } from "./words.js";

const KEEP_MS = 600;

/** The clock of this device, for the server to hold against its own; see sync.js. */
export const DEVICE = { made_at: "$made_at", sent_at: "$sent_at" };

/** What stands for an act's photos and recordings in its body, or for those of one part of it; a file with a role of its
 * own is no photo. */
export const filesOf = (act, part = "") => act.files.filter((file) => !file.role && (file.part ?? "") === part).map((file) => ({ $file: file.id }));

/** A new draft. @param about the record that it is about. */
export function draft(kind, more = {}) {
  return {
    id: crypto.randomUUID(), kind, about: "", title: "", path: "", body: {}, files: [], typed: {},
    state: "draft", tried: false, problem: null, made_at: new Date().toISOString(), ...more,
  };
}

/** The draft of this kind that was being written, or a new one. */
export async function begun(app, kind, about = "") {
  const found = (await app.acts()).find((act) => act.kind === kind && act.about === about && act.state === "draft");
  return found ?? draft(kind, { about });
}

/** What stands in a form, by name. */
export function typedIn(form, read = (text) => text.trim()) {
  const found = {};
  for (const field of form.elements) {
    if (!field.name) continue;
    if (field.type === "radio") {
      if (field.checked) found[field.name] = field.value;
    } else found[field.name] = field.type === "checkbox" ? field.checked : read(field.value);
  }
  return found;
}

/** Keep what is typed as it is typed; answers a function that keeps it now, for who leaves the page. */
export function keepTyped(app, act, form, status) {
  let timer = 0;
  let isOpen = false;
  const now = async () => {
    clearTimeout(timer);
    if (!isOpen || act.state !== "draft") return;
    isOpen = false;
    act.typed = typedIn(form, (text) => text);
    if (await app.save(act)) status.textContent = word("draftKept");
  };
  form.addEventListener("input", () => {
    isOpen = true;
    clearTimeout(timer);
    timer = setTimeout(now, KEEP_MS);
  });
  return now;
}

/** Put typed values back into a form. */
export function putBack(form, typed) {
  for (const field of form.elements) {
    if (!field.name || !(field.name in typed)) continue;
    if (field.type === "checkbox") field.checked = typed[field.name];
    else if (field.type === "radio") field.checked = typed[field.name] === field.value;
    else field.value = typed[field.name];
  }
}

/** Into the queue: on the disk first, then tried at once. */
export async function queue(app, act) {
  Object.assign(act, { state: "waiting", problem: null });
  // A draft keeps the moment at which the danger was seen first; what is sent again keeps its own.
  if (!(await app.save(act))) {
    act.state = "draft";
    return false;
  }
  say(word("queued"), "success");
  location.hash = "#/queue";
  app.sync();
  return true;
}
