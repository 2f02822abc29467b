// What is told of a permit from the place: measures, gas, a guardian's look, who is inside, the place itself, a stop. Each
// becomes an act with time, place and running number; what speaks against the work goes first.
import { readAloud } from "./aloud.js";
import { begun, DEVICE, filesOf, keepTyped, putBack, queue, typedIn } from "./acts.js";
import { build, faults, fill, on, options, say, slot } from "./dom.js";
import { isRefused, judge, mayRun, phaseOf, RUNS } from "./permit_facts.js";
import { found, gone } from "./permits.js";
import { Photos } from "./photos.js";
import { locate } from "./place.js";
import { meta } from "./store.js";
import { filled } from "./sync.js";
import { moment, word } from "./words.js";

/** Which goes before which: a stop, then what stops, then the rest. */
const STOP = 2;
const STOPS = 1;
/** A draft that was left for longer says nothing of the place as it is now. */
const STALE_MS = 600000;
/** What is typed again after so long is another reading. */
const AGAIN_MS = 60000;

/** Which device, the act's number on it, its clock, where it is. */
async function stamp(app, act) {
  // A full device counts no further; that holds up nothing.
  act.number ??= await app.nextNumber().catch(() => undefined);
  const body = { device: DEVICE, device_id: await meta(app.base, "device"), number: act.number, photo_ids: filesOf(act) };
  if (act.point) Object.assign(body, { lat: act.point.latitude, lon: act.point.longitude, accuracy_m: act.point.accuracy ?? 0 });
  return body;
}

/** Put it into the queue, and go back to the permit. What is told again after a refusal keeps when it happened. */
async function tell(app, act, permit, { path, body, urgent = 0, to = `#/permit/${permit.id}`, ...more }) {
  Object.assign(act, {
    ...more, urgent, body: { ...body, ...(await stamp(app, act)) }, path: `/permits/permits/${permit.id}/field/${path}`,
    title: `${permit.kind_name} ${permit.number}`, where: permit.place, made_at: act.happened ?? new Date().toISOString(),
  });
  act.happened = act.made_at;
  if (await queue(app, act, to)) {
    app.unkept.delete(permit.id);
    return true;
  }
  if (urgent) await straight(app, act, permit);
  return false;
}

/** The device is full, and what must stop the work cannot be kept: it is sent as it is, or said loudly that it was not. */
async function straight(app, act, permit) {
  const answer = await app.transport.act(act, filled(act.body, act, new Date())).catch(() => null);
  const isTaken = answer !== null && answer.status >= 200 && answer.status < 300;
  app.unkept.set(permit.id, { isTaken, kept: isTaken && answer.body?.outcome !== "COUNTED" ? answer.body?.reason : "" });
  app.moved();
  location.hash = `#/permit-stopped/${permit.id}`;
}

/** When what a form tells was seen: with the first answer or reading, not when it is sent off; with the running number of
 * that moment. Answers of a draft that was left for long are dropped, but for those that were sent and refused. */
class Seen {
  queue = Promise.resolve();
  last = 0;

  constructor(app, act, node, isAnswer) {
    Object.assign(this, { app, act, node });
    const isOld = !act.happened || Date.now() - Date.parse(act.happened) > STALE_MS || Date.parse(act.happened) > Date.now();
    const answers = Object.keys(act.typed).filter((name) => isAnswer(name) && act.typed[name] !== "");
    if (isOld && !act.tried) {
      if (answers.length) say(word("draftStale"), "warning");
      for (const name of answers) delete act.typed[name];
      this.clear();
    }
    this.draw();
  }

  clear() {
    delete this.act.happened;
    delete this.act.number;
    this.draw();
  }

  /** An answer was given; isAgain: it takes the place of another. */
  mark({ isAgain = false } = {}) {
    if (!this.act.happened || isAgain) {
      this.act.happened = new Date().toISOString();
      this.queue = this.queue.then(async () => {
        this.act.number = await this.app.nextNumber().catch(() => undefined);
      });
    }
    this.draw();
  }

  /** A reading was typed: emptied, or typed anew after a while, it is another. */
  typed(text) {
    const isAgain = Date.now() - this.last > AGAIN_MS;
    this.last = Date.now();
    if (text === "") this.clear();
    else this.mark({ isAgain });
  }

  draw() {
    fill(this.node, { happened: this.act.happened ? word("seenAt", { at: moment(this.act.happened) }) : null });
  }
}

/** What every form of a permit has: the draft, the place of the device, what is typed kept, photos, giving up. */
async function form(app, kind, permit, name) {
  const node = build(name);
  const act = await begun(app, kind, permit.id);
  const place = locate().then((point) => {
    if (point) act.point = point;
  });
  fill(node, { name: `${permit.kind_name} ${permit.number}`, where: permit.place });
  const photos = slot(node, "photos") ? new Photos(app, act) : null;
  if (photos) {
    slot(node, "photos").replaceWith(photos.node);
    place.then(() => {
      photos.place = act.point ?? null;
    });
  }
  on(node, "drop", async () => {
    await app.store.remove(act.id);
    app.moved();
    location.hash = `#/permit/${permit.id}`;
  });
  return { node, act, photos, box: node.querySelector("form") };
}

// Measures ------------------------------------------------------------------------------------------------------------

/** The picture of what a measure is about, with its word; a pack of the version before has none. */
function pictogram(each) {
  if (!each.sign) return null;
  const node = fill(build("pictogram"), { name: each.sign_name });
  const use = node.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace("#sign-other", `#sign-${each.sign.toLowerCase()}`));
  return node;
}

function measureOf(act, each, known, hint) {
  const node = fill(build("measure"), {
    number: String(each.number), text: each.text,
    known: known ? [word(known.applies ? "measureDone" : "measureNot"), known.by, moment(known.at), known.isPending ? word("stateWaiting") : ""].filter(Boolean).join(" · ") : null,
    hint: known?.applies ? null : hint ?? null,
  });
  node.dataset.field = `m-${each.code}`;
  node.dataset.done = known ? "yes" : "no";
  fill(node, { sign: pictogram(each) });
  const figures = slot(node, "figures");
  figures.replaceChildren(...each.figures.map((figure) => {
    const field = fill(build("figure"), { label: figure.label });
    field.querySelector("input").name = `f-${each.code}-${figure.name}`;
    return field;
  }));
  for (const radio of node.querySelectorAll("input[type=radio]")) {
    radio.name = `m-${each.code}`;
    radio.addEventListener("change", () => {
      figures.hidden = radio.value !== "1" || !each.figures.length;
    });
    radio.addEventListener("click", () => {
      act.marks = { ...act.marks, [each.code]: new Date().toISOString() };
    });
  }
  return node;
}

export async function measures(app, id) {
  const permit = await found(app, id);
  if (!permit) return gone(app);
  const all = app.pack.permits.kinds[permit.kind].measures;
  const { node, act, photos, box } = await form(app, "permit.measures", permit, "permit-measures");
  const isOpen = permit.status === "PREPARING";
  fill(node, { measures: all.map((each) => measureOf(act, each, permit.measures[each.code], permit.hints?.[each.code])), closed: isOpen ? null : word("measuresClosed", { state: permit.status_name }) });
  slot(node, "send").hidden = !isOpen;
  putBack(box, act.typed);
  for (const radio of box.querySelectorAll("input[type=radio]:checked")) radio.dispatchEvent(new Event("change"));
  const still = readAloud(node);
  if (!isOpen) for (const field of box.elements) field.disabled = true;
  const keep = keepTyped(app, act, box, slot(node, "draft"));
  box.addEventListener("submit", async (event) => {
    event.preventDefault();
    await photos.queue;
    const typed = typedIn(box);
    const chosen = all.filter((each) => typed[`m-${each.code}`] !== undefined);
    const wrong = chosen.length ? {} : { send: word("measuresNone") };
    for (const each of chosen) if (typed[`m-${each.code}`] === "1" && each.figures.some((figure) => !typed[`f-${each.code}-${figure.name}`])) wrong[`m-${each.code}`] = word("figureMissing");
    if (!faults(box, wrong)) return;
    const rows = chosen.map((each) => {
      const applies = typed[`m-${each.code}`] === "1";
      const filled = applies ? Object.fromEntries(each.figures.map((figure) => [figure.name, typed[`f-${each.code}-${figure.name}`]])) : {};
      return { code: each.code, applies, filled, ...(act.marks?.[each.code] ? { made_at: act.marks[each.code] } : {}) };
    });
    await tell(app, act, permit, { path: "measures", typed, body: { rows } });
  });
  const leave = () => {
    still();
    return keep();
  };
  return { node, leave };
}

// Gas -----------------------------------------------------------------------------------------------------------------

/** What stood in the last test of a quantity: the same instrument goes round. */
function prefilled(app, permit, quantity) {
  const last = permit.gas.rows.find((row) => row.quantity === quantity) ?? permit.gas.rows[0];
  const demand = permit.gas.demands.find((each) => each.quantity === quantity);
  const same = last?.quantity === quantity;
  return {
    quantity, unit: same ? last.unit : quantity === "TOXIC" ? "mg/m3" : "%VOL", gas: same ? last.gas : quantity === "OXYGEN" ? "oxygen" : "",
    position: same ? last.position : demand?.positions[0] ?? "OUTSIDE", point: last?.point ?? "", instrument: last?.instrument ?? "",
    calibration_due: last?.calibration_due ?? "", analyst: last?.analyst ?? app.me?.name ?? "", calibrated_with: same ? last.calibrated_with ?? "" : "",
    correction: same && last.correction ? String(Number(last.correction)) : "",
  };
}

export async function gas(app, id) {
  const permit = await found(app, id);
  if (!permit) return gone(app);
  const words = app.pack.permits.gas;
  const { node, act, photos, box } = await form(app, "permit.gas", permit, "permit-gas");
  const pairs = (rows) => rows.map((each) => [each.code, each.name]);
  const gases = [["", "—"], ...pairs(words.gases)];
  options(box.elements.quantity, pairs(words.quantities));
  options(box.elements.gas, gases);
  options(box.elements.calibrated_with, gases);
  options(box.elements.unit, words.units.map((unit) => [unit, unit]));
  options(box.elements.position, pairs(words.positions));
  const first = permit.gas.demands.find((each) => !permit.gas.rows.some((row) => row.quantity === each.quantity)) ?? permit.gas.demands[0];
  const seen = new Seen(app, act, node, (name) => name === "value");
  putBack(box, prefilled(app, permit, first?.quantity ?? "COMBUSTIBLE"));
  putBack(box, act.typed);
  box.elements.quantity.addEventListener("change", () => {
    putBack(box, { ...prefilled(app, permit, box.elements.quantity.value), value: "" });
    seen.clear();
    draw();
  });
  box.elements.value.addEventListener("input", () => seen.typed(box.elements.value.value.trim()));
  function draw() {
    const told = judge(permit.gas, words, typedIn(box));
    const limit = told.limit ? word("gasLimit", { limit: told.limit, unit: told.unit, clause: told.clause }) : null;
    const place = slot(node, "verdict");
    place.dataset.verdict = told.verdict || "none";
    const key = { PASS: "gasPass", CONDITIONAL: "gasConditional", FAIL: "gasFail" }[told.verdict];
    const value = Number.isNaN(told.value) ? "" : ` ${Number(told.value.toPrecision(4))} ${told.unit}`;
    fill(node, { limit, verdict: key ? [word(key) + value, told.why ? word(told.why) : ""].filter(Boolean).join(" · ") : word("gasType") });
    fill(node, { shout: told.verdict === "FAIL" && mayRun(permit) ? word("stopNow") : null });
    return told;
  }
  box.addEventListener("input", draw);
  draw();
  const keep = keepTyped(app, act, box, slot(node, "draft"));
  box.addEventListener("submit", async (event) => {
    event.preventDefault();
    await Promise.all([photos.queue, seen.queue]);
    const typed = typedIn(box);
    const wrong = {};
    if (typed.value === "" || Number.isNaN(Number(typed.value))) wrong.value = word("valueMissing");
    for (const name of ["point", "instrument", "analyst"]) if (!typed[name]) wrong[name] = word("fieldMissing");
    if (!faults(box, wrong)) return;
    const { verdict } = draw();
    const body = { quantity: typed.quantity, gas: typed.gas, value: typed.value, unit: typed.unit, position: typed.position, point: typed.point, phase: phaseOf(permit), instrument: typed.instrument, analyst: typed.analyst, calibrated_with: typed.calibrated_with };
    for (const name of ["calibration_due", "correction", "distance_m"]) if (typed[name]) body[name] = typed[name];
    const isBad = verdict === "FAIL";
    await tell(app, act, permit, { path: "gas", typed, verdict, body, urgent: isBad ? STOPS : 0, to: isBad && mayRun(permit) ? `#/permit-stopped/${id}` : `#/permit/${id}` });
  });
  return { node, leave: keep };
}

// A guardian's look ---------------------------------------------------------------------------------------------------

function itemOf(each) {
  const node = fill(build("look-item"), { text: each.text });
  node.dataset.field = `item-${each.key}`;
  for (const radio of node.querySelectorAll("input[type=radio]")) radio.name = `item-${each.key}`;
  // What is asked of every kind concerns every job.
  if (each.is_common) node.querySelector("input[value='-']").closest("label").remove();
  return node;
}

export async function guard(app, id) {
  const permit = await found(app, id);
  if (!permit) return gone(app);
  // A pack of the version before has one list for each kind.
  const items = permit.items ?? app.pack.permits.kinds[permit.kind].items;
  const { node, act, photos, box } = await form(app, "permit.look", permit, "permit-look");
  const guardians = permit.people.filter((each) => each.part === "GUARDIAN");
  options(box.elements.guardian, [...(guardians.length === 1 ? [] : [["", "—"]]), ...guardians.map((each) => [each.id, each.name])]);
  fill(node, { items: items.map(itemOf), stands: permit.status === RUNS && !permit.isStopped ? null : word("lookStands", { state: permit.status_name }) });
  const still = readAloud(node);
  const seen = new Seen(app, act, node, (name) => name.startsWith("item-"));
  putBack(box, act.typed);
  slot(node, "items").addEventListener("input", () => seen.mark());
  const bad = () => [...box.querySelectorAll("input[value='0']:checked")].length > 0;
  const draw = () => fill(node, { shout: bad() && mayRun(permit) ? word("stopNow") : null });
  box.addEventListener("input", draw);
  draw();
  const keep = keepTyped(app, act, box, slot(node, "draft"));
  box.addEventListener("submit", async (event) => {
    event.preventDefault();
    await Promise.all([photos.queue, seen.queue]);
    const typed = typedIn(box);
    const wrong = {};
    if (!typed.guardian) wrong.guardian = word("fieldMissing");
    for (const each of items) if (typed[`item-${each.key}`] === undefined) wrong[`item-${each.key}`] = word("answerMissing");
    const isBad = bad();
    if (isBad && !typed.remark) wrong.remark = word("noteMissing");
    if (!faults(box, wrong)) return;
    const told = Object.fromEntries(items.map((each) => [each.key, { 1: true, 0: false, "-": null }[typed[`item-${each.key}`]]]));
    await tell(app, act, permit, { path: "looks", typed, body: { guardian_id: typed.guardian, items: told, remark: typed.remark }, urgent: isBad ? STOPS : 0, to: isBad && mayRun(permit) ? `#/permit-stopped/${id}` : `#/permit/${id}` });
  });
  const leave = () => {
    still();
    return keep();
  };
  return { node, leave };
}

// People and tools in and out of a space ------------------------------------------------------------------------------

export async function space(app, id) {
  if (!(await found(app, id))) return gone(app);
  const node = build("permit-space");
  const point = locate();
  const draw = async () => {
    const permit = await found(app, id);
    if (!permit) return;
    const most = permit.people_inside;
    const isFull = most !== null && permit.inside.length >= most;
    // A pack may be old: whoever went in is told, and the server judges; who was stopped here stays out.
    const stands = permit.isStopped || !mayRun(permit);
    const isUnsure = !stands && permit.status !== RUNS;
    fill(node, {
      name: `${permit.kind_name} ${permit.number}`, count: word("insideCount", { count: permit.inside.length }),
      most: most === null ? null : word("insideMost", { most }), stop: stands ? word("insideStands") : isUnsure ? word("insideUnsure", { state: permit.status_name }) : isFull ? word("insideFull") : null,
      people: permit.people.filter((each) => each.part !== "GUARDIAN").map((each) => person(permit, each, stands || isFull)),
    });
  };
  function person(permit, each, isBarred) {
    const entry = permit.inside.find((one) => one.person === each.id);
    const line = fill(build("space-person"), { name: each.name, part: each.part_name, state: entry ? word("insideSince", { at: moment(entry.at).slice(11), tools: entry.tools }) : word("outside") });
    line.dataset.inside = entry ? "yes" : "no";
    const tools = line.querySelector("input");
    const button = line.querySelector("button");
    button.textContent = word(entry ? "goesOut" : "goesIn");
    // Who is out stays out while work stands; who is inside always comes out.
    button.disabled = !entry && isBarred;
    button.addEventListener("click", async () => {
      if (!/^\d{1,3}$/.test(tools.value)) {
        faults(line, { tools: word("toolsMissing") });
        return;
      }
      button.disabled = true;
      const act = await begun(app, entry ? "permit.leave" : "permit.enter", id);
      act.point = await Promise.race([point, new Promise((good) => setTimeout(good, 1000))]) ?? undefined;
      await tell(app, act, permit, { path: entry ? "exits" : "entries", body: { person_id: each.id, tools: Number(tools.value) }, to: `#/permit-space/${id}` });
      await draw();
    });
    return line;
  }
  await draw();
  return { node };
}

// The place -----------------------------------------------------------------------------------------------------------

function question(each) {
  const node = fill(build(each.choices.length ? "ask-choice" : "ask-words"), { label: each.label });
  const field = node.querySelector("select, input");
  field.name = each.name;
  node.dataset.field = each.name;
  if (each.choices.length) options(field, [["", "—"], ...each.choices.map((one) => [one.code, one.name])]);
  else field.inputMode = { count: "numeric", figure: "decimal" }[each.type] ?? "text";
  return node;
}

export async function site(app, id) {
  const permit = await found(app, id);
  if (!permit) return gone(app);
  const asked = app.pack.permits_site?.[permit.kind] ?? [];
  const { node, act, photos, box } = await form(app, "permit.site", permit, "permit-site");
  fill(node, { questions: asked.map(question) });
  const seen = new Seen(app, act, node, () => true);
  slot(node, "questions").addEventListener("input", () => seen.mark());
  putBack(box, act.typed);
  const keep = keepTyped(app, act, box, slot(node, "draft"));
  box.addEventListener("submit", async (event) => {
    event.preventDefault();
    await Promise.all([photos.queue, seen.queue]);
    const typed = typedIn(box);
    const answers = Object.fromEntries(asked.filter((each) => typed[each.name]).map((each) => [each.name, typed[each.name]]));
    if (!faults(box, Object.keys(answers).length ? {} : { send: word("answersNone") })) return;
    await tell(app, act, permit, { path: "site-checks", typed, body: { answers } });
  });
  return { node, leave: keep };
}

// A stop --------------------------------------------------------------------------------------------------------------

export async function stop(app, id) {
  const permit = await found(app, id);
  if (!permit) return gone(app);
  const node = build("permit-stop");
  const act = await begun(app, "permit.stop", id);
  fill(node, {
    name: `${permit.kind_name} ${permit.number}`, where: permit.place,
    reasons: app.pack.permits.reasons.map((each) => {
      const button = fill(build("stop-reason"), { name: each.name });
      button.addEventListener("click", async () => {
        for (const other of node.querySelectorAll("button")) other.disabled = true;
        try {
          await tell(app, act, permit, { path: "stops", urgent: STOP, body: { stop_reason: each.code, remark: node.querySelector("textarea").value.trim() }, to: `#/permit-stopped/${id}` });
        } finally {
          for (const other of node.querySelectorAll("button")) other.disabled = false;
        }
      });
      return button;
    }),
  });
  return { node };
}

/** What became of the stops: {text, isLoud, isSafe}. That the server made none is said as loudly as the stop itself. */
function stopTold(stops, unkept) {
  if (unkept && !unkept.isTaken) return { text: word("stopLost"), isLoud: true };
  if (stops.some(isRefused)) return { text: word("stopRefused"), isLoud: true };
  if (stops.some((act) => act.state !== "done" && !act.heard)) return { text: word("stopQueued") };
  const last = unkept ?? stops.at(-1)?.result;
  if (last?.kept) return { text: word("stopKept", { why: last.kept }), isLoud: true };
  return last ? { text: word("stopSent"), isSafe: true } : { text: null };
}

/** Said loudly once more: what is done now is done on the spot; the record follows by itself. */
export async function stopped(app, id) {
  const permit = await found(app, id);
  if (!permit) return gone(app);
  const node = build("permit-stopped");
  const draw = async () => {
    const stops = (await app.acts()).filter((act) => act.about === id && act.urgent && act.state !== "draft");
    const last = stops.at(-1);
    const told = stopTold(stops, app.unkept.get(id));
    fill(node, {
      name: `${permit.kind_name} ${permit.number}`, where: permit.place, sent: told.isLoud ? null : told.text, lost: told.isLoud ? told.text : null,
      at: last ? moment(Date.parse(last.made_at) + (app.behindMs ?? 0)) : null,
    });
    slot(node, "sent").dataset.safe = told.isSafe ? "yes" : "no";
  };
  slot(node, "back").href = `#/permit/${id}`;
  app.addEventListener("moved", draw);
  await draw();
  return { node, leave: () => app.removeEventListener("moved", draw) };
}
