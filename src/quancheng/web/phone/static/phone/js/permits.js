// Permits of special work at the place: which there are, and one with its clocks and what may be done without signal.
// Signatures, issue, start and resumption need the net, and say so.
import { build, fill, slot } from "./dom.js";
import { gasAge, mayRun, measureCount, nextLook, nowOf, overlaid, permitsOf, RUNS, silenceEnds } from "./permit_facts.js";
import { KINDS } from "./queue.js";
import { moment, span, word } from "./words.js";

const EACH_MS = 5000;
/** What is done on the page next, by state; each with the net alone. */
const NEXT = { PREPARING: "permitPresent", APPROVING: "permitSign", ISSUED: "permitStart", WORKING: "permitFinish", SUSPENDED: "permitResume" };

/** A span that runs out or is over: {text, isLate}. */
function left(at, now) {
  const ms = at - now;
  return { text: word(ms < 0 ? "overSince" : "leftStill", { span: span(ms) }), isLate: ms < 0 };
}

function tell(node, name, { text, isLate }) {
  const place = slot(node, name);
  place.textContent = text;
  place.dataset.late = isLate ? "yes" : "no";
}

/** The state in big letters, and whether nobody may work. */
export function stateOf(app, permit) {
  if (permit.isStopped) return { text: word("permitStoppedHere"), tone: "stop" };
  if (permit.status === "VOID") return { text: word("permitVoidInside"), tone: "stop" };
  if (nowOf(app) > Date.parse(permit.window_end)) return { text: word("permitOver"), tone: "stop" };
  if (permit.status === "SUSPENDED") return { text: [permit.status_name, permit.stopped].filter(Boolean).join(" · "), tone: "stop" };
  return { text: permit.status_name, tone: permit.status === RUNS ? "run" : "wait" };
}

function clocks(app, node, permit) {
  const now = nowOf(app);
  const state = stateOf(app, permit);
  const big = slot(node, "state");
  big.textContent = state.text;
  big.dataset.tone = state.tone;
  tell(node, "window", left(Date.parse(permit.window_end), now));
  const due = nextLook(permit);
  const watched = permit.fire_watch_until ? Date.parse(permit.fire_watch_until) : null;
  if (watched !== null) tell(node, "look", watched > now ? { text: `${word("fireWatch")} ${left(watched, now).text}`, isLate: false } : { text: word("fireWatchOver"), isLate: false });
  else tell(node, "look", due === null ? { text: word("lookNone"), isLate: false } : { text: `${word("lookDue")} ${left(due, now).text}`, isLate: due < now });
  tell(node, "gas", gasSaid(app, permit, now));
}

function gasSaid(app, permit, now) {
  const age = gasAge(permit);
  if (age === null) return { text: word("gasNotAsked"), isLate: false };
  const names = Object.fromEntries(app.pack.permits.gas.quantities.map((each) => [each.code, each.name]));
  const isOld = age.at !== null && age.limitMs !== null && now - age.at > age.limitMs;
  const parts = [];
  if (age.isFailing) parts.push(word("gasFails"));
  if (age.missing.length) parts.push(word("gasMissing", { names: age.missing.map((code) => names[code]).join("、") }));
  if (age.at !== null) parts.push(word("gasAge", { span: span(now - age.at) }));
  if (age.limitMs !== null) parts.push(word(isOld ? "gasTooOld" : "gasLimitMin", { minutes: age.limitMs / 60000 }));
  return { text: parts.join(" · "), isLate: isOld || age.isFailing || age.missing.length > 0 };
}

/** When the first of those inside is to be relieved; null where nobody is. */
function stay(app, permit) {
  if (!permit.inside.length || !permit.stay_min) return null;
  const until = Math.min(...permit.inside.map((one) => Date.parse(one.at))) + permit.stay_min * 60000;
  return word(until < nowOf(app) ? "stayOver" : "stayLeft", { span: span(until - nowOf(app)) });
}

/** That the server will stop the work, or may have, while nothing gets there. */
function silence(app, permit) {
  const at = silenceEnds(permit);
  if (at === null || (app.line === "online" && !permit.pending.length)) return null;
  const ms = at - nowOf(app);
  return ms > 0 ? word("silenceStops", { span: span(ms) }) : word("silenceStopped");
}

/** Draw again by itself: clocks run on without signal. */
export function ticking(app, draw) {
  const timer = setInterval(draw, EACH_MS);
  app.addEventListener("moved", draw);
  return () => {
    clearInterval(timer);
    app.removeEventListener("moved", draw);
  };
}

export function row(app, permit) {
  const node = fill(build("permit-row"), { name: `${permit.kind_name} ${permit.number}`, level: permit.level || null, where: [permit.place, permit.content].filter(Boolean).join(" · "), mine: permit.is_mine ? word("permitMine") : null });
  node.querySelector("a").href = `#/permit/${permit.id}`;
  node.dataset.permit = permit.id;
  clocks(app, node, permit);
  return node;
}

export async function show(app) {
  const node = build("permits");
  const draw = async () => {
    const acts = await app.acts();
    const rows = permitsOf(app).map((each) => row(app, overlaid(app, each, acts)));
    fill(node, { permits: rows, none: rows.length ? null : word(app.pack ? "permitsNone" : "packNone"), age: app.packAt ? word("packAge", { age: span(Date.now() - app.packAt) }) : null, more: app.pack?.permits?.more ? word("packMore") : null });
  };
  await draw();
  return { node, leave: ticking(app, draw) };
}

/** The permit that is meant, with what this device knows besides; null where the pack has it no more. */
export async function found(app, id) {
  const known = app.store ? permitsOf(app).find((each) => each.id === id) : null;
  return known ? overlaid(app, known, await app.acts()) : null;
}

export const gone = (app) => ({ node: fill(build("nothing"), { why: word(app.pack ? "permitGone" : "packNone") }) });

function waits(act) {
  const kept = act.result?.kept;
  const node = fill(build("permit-told"), {
    kind: word(KINDS[act.kind]),
    made: moment(act.made_at), state: word(kept ? "stateKept" : act.state === "refused" ? "stateRefused" : "stateWaiting"), why: kept || act.problem?.detail || null,
  });
  node.querySelector("a").href = `#/act/${act.id}`;
  return node;
}

export async function one(app, id) {
  const first = await found(app, id);
  if (!first) return gone(app);
  const node = build("permit");
  const mayWork = app.pack.permits.may_work;
  for (const [name, path] of Object.entries({ "do-look": "permit-look", "do-gas": "permit-gas", "do-measures": "permit-measures", "do-space": "permit-space", "do-site": "permit-site", stop: "permit-stop" })) slot(node, name).href = `#/${path}/${id}`;
  const draw = async () => {
    const permit = await found(app, id);
    if (!permit) return;
    const isOnline = app.line === "online";
    const count = measureCount(app, permit);
    const { is_space: isSpace } = app.pack.permits.kinds[permit.kind];
    fill(node, {
      name: `${permit.kind_name} ${permit.number}`, level: permit.level || null, where: permit.place, content: permit.content, unit: permit.work_unit,
      times: `${moment(permit.window_start)} – ${moment(permit.window_end)}`,
      measures: word("measureCount", count), inside: isSpace ? [word("insideCount", { count: permit.inside.length }), stay(app, permit)].filter(Boolean).join(" · ") : null,
      people: permit.people.map((each) => `${each.part_name} ${each.name}`).join("；"),
      shout: permit.isRefused ? word("stopRefused") : permit.isStopped ? word("stopNow") : null, silence: silence(app, permit), told: [...permit.pending, ...permit.kept].map(waits),
      "net-why": isOnline ? null : word("needsNet"), net: NEXT[permit.status] ? word(NEXT[permit.status]) : word("permitPage"),
    });
    clocks(app, node, permit);
    slot(node, "do-look").hidden = !mayWork || !mayRun(permit);
    slot(node, "do-gas").hidden = !mayWork;
    slot(node, "do-measures").hidden = !mayWork;
    slot(node, "do-site").hidden = !mayWork;
    slot(node, "do-space").hidden = !mayWork || !isSpace;
    slot(node, "stop").hidden = !mayRun(permit) || permit.isStopped;
    const button = node.querySelector("[data-act=net]");
    button.disabled = !isOnline;
  };
  node.querySelector("[data-act=net]").addEventListener("click", () => {
    if (app.line === "online") location.assign(`/permits/${id}`);
  });
  await draw();
  return { node, leave: ticking(app, draw) };
}
