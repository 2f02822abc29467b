// Acts that wait: made as drafts, kept while they are written, put into the queue.
import { build, say } from "./dom.js";
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

/** The draft of this kind that was being written, that under an id where it is told, or a new one. */
export async function begun(app, kind, about = "", id = "") {
  const found = (await app.acts()).filter((act) => act.kind === kind && act.about === about && act.state === "draft");
  return found.find((act) => act.id === id) ?? found[0] ?? draft(kind, { about });
}

const permitForms = (id) => ({ "permit.measures": `#/permit-measures/${id}`, "permit.gas": `#/permit-gas/${id}`, "permit.look": `#/permit-look/${id}`, "permit.enter": `#/permit-space/${id}`, "permit.leave": `#/permit-space/${id}`, "permit.site": `#/permit-site/${id}`, "permit.stop": `#/permit-stop/${id}` });

/** Where a draft is written on, by its kind; a report that was begun is told from another by its id. */
export const written = (act) => ({ "finding.finish": `#/fix/${act.about}`, "check.record": `#/check/${encodeURIComponent(act.about)}`, "patrol.record": `#/patrol/${act.about}`, "patrol.look": `#/look/${act.about}`, ...permitForms(act.about) })[act.kind] ?? `#/report//${act.id}`;

/** Remove an act with its files, once the person said twice that he wants to; says whether. */
export async function giveUp(app, act) {
  const dialog = build("sure");
  document.body.append(dialog);
  dialog.showModal();
  const sure = await new Promise((good) => dialog.addEventListener("close", () => good(dialog.returnValue === "yes")));
  dialog.remove();
  if (!sure) return false;
  await app.store.remove(act.id);
  app.moved();
  say(word("actDropped"));
  return true;
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

/** Into the queue: on the disk first, then tried at once; then to a screen. */
export async function queue(app, act, to = "#/queue") {
  Object.assign(act, { state: "waiting", problem: null });
  // A draft keeps the moment at which the danger was seen first; what is sent again keeps its own.
  if (!(await app.save(act))) {
    act.state = "draft";
    return false;
  }
  say(word("queued"), "success");
  location.hash = to;
  app.sync();
  return true;
}
