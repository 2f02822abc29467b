// A danger put right: what was done, with photos of after.
import { begun, DEVICE, filesOf, keepTyped, putBack, queue, typedIn } from "./acts.js";
import { build, faults, fill, on, slot } from "./dom.js";
import { Photos } from "./photos.js";
import { day, word } from "./words.js";

export async function show(app, id) {
  const row = app.pack?.hazards.findings.find((each) => each.id === id);
  if (!app.store || !row) return { node: fill(build("nothing"), { why: word("findingGone") }) };
  const node = build("fix");
  const form = node.querySelector("form");
  const act = await begun(app, "finding.finish", id);
  act.seen ??= row;
  const found = new Date(row.found_at);
  const note = (file) => (file.taken_at && new Date(file.taken_at) < found ? word("photoBefore", { day: day(file.taken_at) }) : "");
  const photos = new Photos(app, act, { note });
  slot(node, "photos").replaceWith(photos.node);
  fill(node, {
    name: row.name, code: row.code, where: [row.file, row.place || row.unit].filter(Boolean).join(" · "), description: row.description || null,
    due: row.deadline ? word("dueOn", { day: row.deadline }) : null,
  });
  slot(node, "lesson").hidden = !row.serious;
  putBack(form, act.typed);
  const keep = keepTyped(app, act, form, slot(node, "draft"));
  on(node, "drop", async () => {
    await app.store.remove(act.id);
    app.moved();
    location.hash = "#/";
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await photos.queue;
    const { result, ...lesson } = typedIn(form);
    const wrong = {};
    if (!result) wrong.result = word("resultMissing");
    if (row.serious && !lesson.whys) wrong.whys = word("whysMissing");
    if (row.serious && !lesson.places) wrong.places = word("placesMissing");
    if (row.serious && !(lesson.rule || lesson.procedure || lesson.training)) wrong.rule = word("ruleMissing");
    if (!act.files.length) wrong.photos = word("photoMissing");
    else if (act.files.some((file) => note(file))) wrong.photos = word("photoBeforeRefused");
    if (!faults(form, wrong)) return;
    Object.assign(act, {
      typed: { result, ...lesson },
      body: { result, based_on: act.seen.version, photo_ids: filesOf(act), device: DEVICE, ...(row.serious ? { lesson } : {}) }, title: row.name, where: row.file, path: `/hazards/findings/${id}/finish`,
    });
    await queue(app, act);
  });
  return { node, leave: keep };
}
