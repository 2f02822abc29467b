// A route walked by a grid officer, place by place; and a danger that he was sent to look at.
import { begun, DEVICE, filesOf, keepTyped, putBack, queue, typedIn } from "./acts.js";
import { build, faults, fill, on, options, slot } from "./dom.js";
import { Photos } from "./photos.js";
import { locate } from "./place.js";
import { day, word } from "./words.js";

const pairs = (codes) => codes.map((each) => [each.code, each.name]);

/** Routes with a round that is open today, also one that fell due while the phone was out, and that was not walked on
 * this device since it opened: each with the day on which that round is due. */
export function toWalk(pack, acts) {
  const today = day(Date.now());
  const walked = new Map();
  for (const act of acts.filter((each) => each.kind === "patrol.record" && each.state !== "draft")) {
    const at = day(act.made_at);
    if (at > (walked.get(act.about) ?? "")) walked.set(act.about, at);
  }
  return (pack?.patrols?.routes ?? []).flatMap((route) => {
    const open = (route.windows ?? []).find((each) => each.from <= today && each.from > (walked.get(route.id) ?? ""));
    return open && walked.get(route.id) !== today ? [{ ...route, due_date: open.due }] : [];
  });
}

/** One place of the route: its result, and what is asked besides. When and where it was told is noted at once. */
function stopOf(app, act, stop, number, codes) {
  const node = fill(build("stop"), { name: `${number}. ${stop.name}`, where: [stop.type, stop.address, stop.person].filter(Boolean).join(" · "), looks: stop.looks.join("；") || null });
  const more = slot(node, "more");
  node.dataset.field = `place-${stop.id}`;
  slot(node, "kind").closest("[data-field]").dataset.field = `kind-${stop.id}`;
  options(slot(node, "kind"), [["", "—"], ...pairs(codes.kind)]);
  slot(node, "kind").name = `kind-${stop.id}`;
  slot(node, "note").name = `note-${stop.id}`;
  slot(node, "kind-box").hidden = true;
  for (const radio of node.querySelectorAll("input[type=radio]")) {
    radio.name = `result-${stop.id}`;
    radio.addEventListener("change", () => {
      more.hidden = false;
      slot(node, "kind-box").hidden = radio.value !== "clue";
    });
    radio.addEventListener("click", async () => {
      const mark = { at: new Date().toISOString() };
      act.marks = { ...act.marks, [stop.id]: mark };
      const place = await locate();
      if (place) Object.assign(mark, { lat: place.latitude, lon: place.longitude });
    });
  }
  const photos = new Photos(app, act, { part: stop.id });
  slot(node, "photos").replaceWith(photos.node);
  return { node, photos };
}

export async function show(app, id) {
  const route = app.pack?.patrols?.routes.find((each) => each.id === id);
  if (!app.store || !route) return { node: fill(build("nothing"), { why: word(app.pack ? "routeGone" : "packNone") }) };
  const { codes } = app.pack.patrols;
  const node = build("patrol");
  const form = node.querySelector("form");
  const act = await begun(app, "patrol.record", id);
  const due = toWalk(app.pack, await app.acts()).find((each) => each.id === id)?.due_date;
  const stops = route.stops.map((stop, index) => stopOf(app, act, stop, index + 1, codes));
  fill(node, { name: route.name, window: due ? word("dueOn", { day: due }) : null, stops: stops.map((each) => each.node) });
  putBack(form, act.typed);
  for (const radio of form.querySelectorAll("input[type=radio]:checked")) radio.dispatchEvent(new Event("change"));
  const keep = keepTyped(app, act, form, slot(node, "draft"));
  drops(app, act, node);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    for (const each of stops) await each.photos.queue;
    const typed = typedIn(form);
    if (!faults(form, judge(route, typed))) return;
    const visits = route.stops.map((stop) => {
      const result = typed[`result-${stop.id}`];
      const mark = act.marks?.[stop.id] ?? {};
      return { place_id: stop.id, result, note: typed[`note-${stop.id}`], kind: result === "clue" ? typed[`kind-${stop.id}`] : "", photo_ids: filesOf(act, stop.id), ...mark };
    });
    const body = { visits, note: typed.note, version: route.version, device: DEVICE };
    Object.assign(act, { typed, body, title: route.name, where: word("stopCount", { count: visits.length }), path: `/hazards/patrol-routes/${id}/walks`, made_at: new Date().toISOString() });
    await queue(app, act);
  });
  return { node, leave: keep };
}

function judge(route, typed) {
  const wrong = {};
  for (const stop of route.stops) {
    const result = typed[`result-${stop.id}`];
    if (!result) wrong[`place-${stop.id}`] = word("answerMissing");
    else if (result === "clue" && !typed[`kind-${stop.id}`]) wrong[`kind-${stop.id}`] = word("kindMissing");
    else if (result !== "fine" && !typed[`note-${stop.id}`]) wrong[`place-${stop.id}`] = word("noteMissing");
  }
  return wrong;
}

export async function look(app, id) {
  const row = app.pack?.patrols?.rechecks.find((each) => each.id === id);
  if (!app.store || !row) return { node: fill(build("nothing"), { why: word(app.pack ? "lookGone" : "packNone") }) };
  const node = build("look");
  const form = node.querySelector("form");
  const act = await begun(app, "patrol.look", id);
  const photos = new Photos(app, act);
  slot(node, "photos").replaceWith(photos.node);
  fill(node, { name: row.name, code: row.code, where: [row.file, row.place].filter(Boolean).join(" · "), result: row.result || null, ask: row.ask || null, window: word("dueOn", { day: row.due_date }) });
  putBack(form, act.typed);
  const keep = keepTyped(app, act, form, slot(node, "draft"));
  locate().then((place) => {
    photos.place = place;
  });
  drops(app, act, node);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await photos.queue;
    const typed = typedIn(form);
    const wrong = {};
    if (!typed.seen) wrong.seen = word("answerMissing");
    if (typed.seen && typed.seen !== "done" && !typed.text) wrong.text = word("noteMissing");
    if (typed.seen && typed.seen !== "no_entry" && !act.files.length) wrong.photos = word("spotPhotoMissing");
    if (!faults(form, wrong)) return;
    Object.assign(act, {
      typed, body: { seen: typed.seen, text: typed.text, photo_ids: filesOf(act), device: DEVICE }, title: row.name, where: row.file,
      path: `/hazards/patrol-rechecks/${id}/answer`, made_at: new Date().toISOString(),
    });
    await queue(app, act);
  });
  return { node, leave: keep };
}

function drops(app, act, node) {
  on(node, "drop", async () => {
    await app.store.remove(act.id);
    app.moved();
    location.hash = "#/";
  });
}
