// A check recorded: of what is due, or by a checklist out of turn. What fails becomes a hidden danger at the server.
import { begun, filesOf, keepTyped, putBack, queue, typedIn } from "./acts.js";
import { build, faults, fill, on, slot } from "./dom.js";
import { Photos } from "./photos.js";
import { locate } from "./place.js";
import { Signature, signatureOf } from "./sign.js";
import { moment, named, word } from "./words.js";

const FAILS = "1";

/** What is checked: {name, where, window, measure, list, path, body}; null where the pack has it no more. */
function meant(pack, about) {
  const { dues, checklists, files } = pack.hazards;
  const listOf = (code) => checklists.find((each) => each.code === code) ?? null;
  if (about.startsWith("list~")) {
    const list = listOf(about.slice(5));
    const [file] = files;
    if (!list || !file) return null;
    return { name: named(list, "name"), where: file.name, window: null, measure: null, list, path: `/hazards/enterprises/${file.id}/check-records`, body: { checklist: list.code } };
  }
  const due = dues.find((each) => each.id === about);
  if (!due) return null;
  return {
    name: due.content, where: [due.file, due.unit].filter(Boolean).join(" · "), window: word("dueOn", { day: moment(due.closes_at) }),
    measure: due.measure || null, list: due.checklist ? listOf(due.checklist) : null, path: `/hazards/check-dues/${about}/records`, body: {},
  };
}

function answer(each) {
  const node = fill(build("answer"), { code: each.code, text: named(each, "text") });
  const failed = slot(node, "failed");
  node.dataset.field = `item-${each.code}`;
  const always = each.asks === "value";
  failed.hidden = !always;
  if (always) fill(node, { told: word("askedValue") });
  fill(node, { asked: each.asks === "photo" ? word("askedPhoto") : null });
  for (const radio of node.querySelectorAll("input[type=radio]")) {
    radio.name = `answer-${each.code}`;
    radio.addEventListener("change", () => {
      failed.hidden = radio.value !== FAILS && !always;
    });
  }
  failed.querySelector("input").name = `note-${each.code}`;
  return node;
}

export async function show(app, about) {
  const found = app.store && app.pack ? meant(app.pack, about) : null;
  if (!found) return { node: fill(build("nothing"), { why: word(app.pack ? "checkGone" : "packNone") }) };
  const node = build("check-form");
  const form = node.querySelector("form");
  const act = await begun(app, "check.record", about);
  const items = found.list?.items ?? [];
  fill(node, { name: found.name, where: found.where, window: found.window, measure: found.measure, items: items.map(answer) });
  slot(node, "status").hidden = items.length > 0;
  const photos = new Photos(app, act);
  slot(node, "photos").replaceWith(photos.node);
  const signature = new Signature(app, act);
  slot(node, "sign").replaceWith(signature.node);
  putBack(form, act.typed);
  for (const radio of form.querySelectorAll("input:checked")) radio.dispatchEvent(new Event("change"));
  const keep = keepTyped(app, act, form, slot(node, "draft"));
  locate().then((place) => {
    photos.place = place;
    if (place) act.point = place;
  });
  on(node, "drop", async () => {
    await app.store.remove(act.id);
    app.moved();
    location.hash = "#/";
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await photos.queue;
    await signature.queue;
    const typed = typedIn(form);
    const wrong = judge(items, typed, act);
    if (!faults(form, wrong)) return;
    const body = { ...found.body, note: typed.note, at: "$made_at", sent_at: "$sent_at", photo_ids: filesOf(act), signature_id: signatureOf(act) };
    if (items.length) {
      body.answers = items.map((each) => ({ place: each.code, answer: Number(typed[`answer-${each.code}`]), note: typed[`answer-${each.code}`] === FAILS || each.asks === "value" ? typed[`note-${each.code}`] : "" }));
      if (found.list.edition_id) body.edition_id = found.list.edition_id;
    } else {
      body.status = Number(typed.status);
    }
    if (act.point) Object.assign(body, { lat: act.point.latitude, lon: act.point.longitude });
    Object.assign(act, { typed, body, title: found.name, where: found.where, path: found.path, made_at: new Date().toISOString() });
    await queue(app, act);
  });
  return { node, leave: keep };
}

function judge(items, typed, act) {
  const wrong = {};
  for (const each of items) if (typed[`answer-${each.code}`] === undefined) wrong[`item-${each.code}`] = word("answerMissing");
  if (!items.length && typed.status === undefined) wrong.status = word("answerMissing");
  if (!items.length && typed.status !== undefined && typed.status !== "0" && !typed.note) wrong.note = word("noteMissing");
  const looked = (each) => ["0", FAILS].includes(typed[`answer-${each.code}`]);
  for (const each of items) if (each.asks === "value" && looked(each) && !typed[`note-${each.code}`]) wrong[`item-${each.code}`] = word("valueMissing");
  const pictured = items.filter((each) => each.asks === "photo" && looked(each));
  const grave = items.some((each) => ["major", "serious"].includes(each.grade) && typed[`answer-${each.code}`] === FAILS);
  if (pictured.length && !filesOf(act).length) wrong.photos = word("askedPhotoMissing", { places: pictured.map((each) => each.code).join("、") });
  else if (grave && !filesOf(act).length) wrong.photos = word("gravePhotoMissing");
  return wrong;
}
