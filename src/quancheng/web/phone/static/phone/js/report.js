// A danger in half a minute: photo first, then a word, then where.
import { begun, DEVICE, filesOf, keepTyped, putBack, queue, typedIn } from "./acts.js";
import { build, faults, fill, on, options, say, slot } from "./dom.js";
import { Photos } from "./photos.js";
import { locate } from "./place.js";
import { canScan, find, scan } from "./scan.js";
import { named, word } from "./words.js";

/** @param given number of a checklist's item and its enterprise; @param id the draft that is written on */
export async function show(app, given = "", id = "") {
  if (!app.store || !app.pack) return { node: fill(build("nothing"), { why: word(app.store ? "packNone" : "lockedOffline") }) };
  const { hazards } = app.pack;
  if (!hazards.files.length) return { node: fill(build("nothing"), { why: word("noReport") }) };
  const node = build("report");
  const form = node.querySelector("form");
  const act = await begun(app, "finding.report", "", id);
  const photos = new Photos(app, act, { hasVoice: true });
  slot(node, "photos").replaceWith(photos.node);
  const file = form.elements.file;
  const unit = form.elements.unit;
  options(file, [...(hazards.files.length > 1 ? [["", word("chooseFile")]] : []), ...hazards.files.map((each) => [each.id, each.name])]);
  const drawUnits = () => options(unit, [["", "—"], ...hazards.units.filter((each) => each.file === file.value).map((each) => [each.id, `${each.code} ${each.name}`])]);
  file.addEventListener("change", drawUnits);
  for (const name of ["source", "type"]) options(form.elements[name], hazards.codes[name].map((each) => [each.code, each.name]), name === "type" ? "other" : "daily");
  if (act.typed.file) file.value = act.typed.file;
  drawUnits();
  putBack(form, act.typed);
  narrow(form, hazards, drawUnits);
  item(app, form, act, given);
  const keep = keepTyped(app, act, form, slot(node, "draft"));
  place(node, act, photos, app);
  scanning(node, form, hazards, drawUnits);
  on(node, "drop", async () => {
    await app.store.remove(act.id);
    app.moved();
    location.hash = "#/";
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await photos.queue;
    if (await finish(app, form, act, hazards)) act.state = "waiting";
  });
  return { node, leave: keep };
}

/** Many enterprises: a field that narrows the list by a part of the name. */
function narrow(form, hazards, drawUnits) {
  const search = form.elements.search;
  search.closest("[data-field]").hidden = hazards.files.length < 12;
  search.addEventListener("input", () => {
    const chosen = form.elements.file.value;
    const found = hazards.files.filter((each) => each.name.includes(search.value.trim()) || each.id === chosen);
    options(form.elements.file, [["", word("chooseFile")], ...found.map((each) => [each.id, each.name])], found.length === 1 ? found[0].id : chosen);
    drawUnits();
  });
}

/** From a checklist: what failed is the name, and its enterprise. */
function item(app, form, act, given) {
  const [code, fileId] = given.split("~");
  if (!code) return;
  const found = app.pack.hazards.checklists.flatMap((list) => list.items).find((each) => each.code === code);
  if (!found) return;
  act.typed.item = code;
  if (!form.elements.name.value) form.elements.name.value = named(found, "text");
  if (fileId) {
    form.elements.file.value = fileId;
    form.elements.file.dispatchEvent(new Event("change"));
  }
  form.elements.item.value = code;
}

async function place(node, act, photos, app) {
  const told = (found) => fill(node, { place: found ? word("placeFound", { lat: found.latitude.toFixed(5), lon: found.longitude.toFixed(5) }) : word("placeNone") });
  if (act.point) {
    photos.place = act.point;
    told(act.point);
    return;
  }
  const found = await locate();
  if (found) act.point = found;
  photos.place = found;
  told(found);
  if (found && act.files.length) await app.save(act);
}

function scanning(node, form, hazards, drawUnits) {
  const box = slot(node, "scan");
  const take = (text) => {
    const found = find({ hazards }, text);
    if (!found) return say(word("codeUnknown", { code: text.slice(0, 40) }), "warning");
    form.elements.file.value = found.file;
    drawUnits();
    form.elements.unit.value = found.unit;
    form.dispatchEvent(new Event("input"));
    box.hidden = true;
    return say(word("codeFound"), "success");
  };
  on(node, "scan", async () => {
    box.hidden = !box.hidden;
    const video = box.querySelector("video");
    video.hidden = !canScan();
    if (box.hidden || !canScan()) return;
    const text = await scan(video, () => box.hidden || !box.isConnected).catch(() => null);
    if (text) take(text);
  });
  on(node, "code", () => take(box.querySelector("input").value));
}

async function finish(app, form, act, hazards) {
  const typed = typedIn(form);
  const found = {};
  if (!typed.name) found.name = word("nameMissing");
  if (!typed.file) found.file = word("fileMissing");
  if (!faults(form, found)) return false;
  const body = { name: typed.name, place: typed.place, description: typed.description, source: typed.source, type: typed.type, is_major: typed.is_major, photo_ids: filesOf(act), device: DEVICE };
  if (typed.unit) body.unit_id = typed.unit;
  if (typed.item) Object.assign(body, { checklist_item: typed.item });
  if (act.point) Object.assign(body, { lat: act.point.latitude, lon: act.point.longitude });
  Object.assign(act, {
    typed, body, title: typed.name, path: `/hazards/enterprises/${typed.file}/findings`,
    where: hazards.files.find((each) => each.id === typed.file)?.name ?? "",
  });
  return queue(app, act);
}
