// What a permit looks like on this device now: the pack, and over it what was done here and waits. No page, no network:
// clocks run on by themselves. The server judges all of it again.

const MINUTE = 60000;
/** Share by which two figures may differ and be the same: readings are decimals, this is not. */
const NEAR = 1e-9;
/** A permit is shown no longer than this after its window. */
const SHOWN_MS = 12 * 3600000;
const PHASES = { PREPARING: "PRE", APPROVING: "RETEST", ISSUED: "RETEST", WORKING: "PERIODIC", SUSPENDED: "RESUME" };
export const RUNS = "WORKING";
/** Work may run by now though the pack does not know it: others sign, start and resume it where there is a net. */
export const mayRun = (permit, now = Date.now()) => ["ISSUED", RUNS, "SUSPENDED"].includes(permit.status) || (["PREPARING", "APPROVING"].includes(permit.status) && Date.parse(permit.window_start) <= now && now <= Date.parse(permit.window_end));
export const phaseOf = (permit) => PHASES[permit.status] ?? "PRE";

/** By the server's clock, as far as it is known. */
export const nowOf = (app) => Date.now() + (app.behindMs ?? 0);

/** Permits of the pack that are not long past. */
export const permitsOf = (app) => (app.pack?.permits?.permits ?? []).filter((row) => Date.parse(row.window_end) + SHOWN_MS > nowOf(app) || row.inside.length || row.status === RUNS);

/** Take permits that are long past out of the pack, though no line brings another; whether there were any. */
export function dropEnded(app) {
  const part = app.pack?.permits;
  if (!part) return false;
  const left = permitsOf(app);
  const isLess = left.length < part.permits.length;
  part.permits = left;
  return isLess;
}

const isMine = (act, id) => act.about === id && act.kind.startsWith("permit.") && act.state !== "draft";
/** Done here: waiting, or taken since the pack was made. */
export const isRefused = (act) => act.state === "refused" || act.state === "conflict";
const isHeld = (act, packAt) => act.state === "waiting" || act.state === "sending" || (act.state === "done" && !act.result?.kept && Date.parse(act.done_at) >= packAt);

/** The permit with what this device knows besides: {...permit, isStopped, pending, kept}. */
export function overlaid(app, row, acts) {
  const permit = { ...row, measures: { ...row.measures }, guard: { ...row.guard }, gas: { ...row.gas, rows: [...row.gas.rows] }, inside: [...row.inside], isStopped: false };
  const off = app.behindMs ?? 0;
  const mine = acts.filter((act) => isMine(act, row.id));
  const heard = { look: row.guard.last_at, gas: row.gas.rows[0]?.at ?? null };
  const hears = (name, act, at) => {
    if ((act.state === "done" || act.heard) && (!heard[name] || heard[name] < at)) heard[name] = at;
  };
  for (const act of mine.filter((each) => isHeld(each, app.packAt ?? 0))) {
    const at = new Date(Date.parse(act.made_at) + off).toISOString();
    const { body } = act;
    if (act.kind === "permit.stop") permit.isStopped = true;
    if (act.kind === "permit.measures") for (const one of body.rows) permit.measures[one.code] = { applies: one.applies, filled: one.filled, by: app.me?.name ?? "", at, isPending: act.state !== "done" };
    if (act.kind === "permit.look") {
      hears("look", act, at);
      if (!permit.guard.last_at || permit.guard.last_at < at) permit.guard.last_at = at;
      if (Object.values(body.items).includes(false)) permit.isStopped = true;
    }
    if (act.kind === "permit.gas") {
      hears("gas", act, at);
      permit.gas.rows.unshift({ ...body, at, verdict: act.verdict });
      if (act.verdict === "FAIL") permit.isStopped = true;
    }
    if (act.kind === "permit.enter") permit.inside.push({ person: body.person_id, at, tools: body.tools });
    if (act.kind === "permit.leave") permit.inside = permit.inside.filter((one) => one.person !== body.person_id);
  }
  permit.gas.rows.sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
  permit.heard = heard;
  // What the server refused was stopped on the spot all the same.
  permit.isRefused = mine.some((act) => act.urgent && isRefused(act));
  permit.isStopped ||= permit.isRefused;
  permit.isStopped &&= mayRun(row);
  permit.pending = mine.filter((act) => act.state !== "done");
  permit.kept = mine.filter((act) => act.state === "done" && act.result?.kept);
  return permit;
}

/** When the guardian looks next, in ms; null where no work runs. */
export function nextLook(permit) {
  if (permit.status !== RUNS || permit.isStopped) return null;
  const since = [permit.guard.last_at, permit.guard.since].filter(Boolean).map((at) => Date.parse(at));
  return since.length ? Math.max(...since) + permit.guard.every_min * MINUTE : null;
}

/** When the server stops running work by itself for want of looks and of gas records, in ms, by what it heard; null where
 * it does not. What waits here it does not know. */
export function silenceEnds(permit) {
  if (permit.status !== RUNS || permit.isStopped) return null;
  const latest = (at) => Math.max(...[at, permit.guard.since].filter(Boolean).map((each) => Date.parse(each)));
  const ends = [latest(permit.heard.look) + 2 * permit.guard.every_min * MINUTE];
  if (permit.gas.log_min !== null) ends.push(latest(permit.heard.gas) + Number(permit.gas.log_min) * MINUTE);
  return Math.min(...ends);
}

/** {missing: [quantity], at, limitMs, isFailing}: the oldest of the newest values that the job asks for, and how old they
 * may be; null where nothing is tested. While work runs it is the newest record that counts, in a confined space alone. */
export function gasAge(permit) {
  const { demands, rows } = permit.gas;
  if (!demands.length && !rows.length) return null;
  const newest = (quantity) => rows.find((row) => row.quantity === quantity);
  const wanted = demands.map((each) => each.quantity);
  const missing = wanted.filter((quantity) => !newest(quantity));
  const times = (wanted.length ? wanted.map(newest).filter(Boolean) : rows).map((row) => Date.parse(row.at));
  const runs = permit.status === RUNS;
  const minutes = runs ? permit.gas.log_min : permit.gas.max_age_min;
  return {
    missing, at: times.length ? (runs ? Math.max(...times) : Math.min(...times)) : null,
    limitMs: minutes === null || !demands.length ? null : Number(minutes) * MINUTE, isFailing: standing(rows).some((row) => row.verdict === "FAIL"),
  };
}

/** Values that no later one of the same named point lifted. */
function standing(rows) {
  const key = (row) => [row.quantity, row.gas, row.position, row.point].join("|");
  return rows.filter((row) => !row.point || !rows.some((other) => key(other) === key(row) && Date.parse(other.at) > Date.parse(row.at)));
}

export const measureCount = (app, permit) => {
  const all = app.pack.permits.kinds[permit.kind].measures;
  return { done: all.filter((each) => permit.measures[each.code]).length, all: all.length };
};

// Gas: GB 30871-2022, 5.3.2 (combustible) and 6.4 (oxygen, toxic). --------------------------------------------------------

/** {verdict, value, limit, unit, clause, why}: what the place is told at once; verdict is empty while there is nothing to
 * judge. why is a key of the words where the reading cannot be judged, which fails. */
export function judge(gas, words, typed) {
  const reading = typed.value === "" || typed.value === undefined ? NaN : Number(typed.value);
  const found = words.gases.find((each) => each.code === typed.gas) ?? null;
  if (typed.quantity === "OXYGEN") return oxygen(gas, reading, typed.unit);
  const of = typed.quantity === "COMBUSTIBLE" ? combustible : toxic;
  return of(gas, found, typed, reading);
}

const verdict = (isGood) => (isGood ? "PASS" : "FAIL");
const atMost = (value, limit) => value <= limit * (1 + NEAR);

function oxygen({ setting, limits }, value, unit) {
  const [least, most, rich] = [limits.o2_min, limits.o2_max, limits.o2_rich].map(Number);
  const isSpace = setting === "CONFINED_SPACE";
  const told = { value, limit: isSpace ? `${least}–${most}` : `≤ ${rich}`, unit: "%VOL", clause: setting === "OXYGEN_EQUIPMENT" ? "5.2.7" : "6.4", why: "" };
  if (unit !== "%VOL") return { ...told, verdict: Number.isNaN(value) ? "" : "FAIL", why: "gasNeedsVol" };
  if (Number.isNaN(value)) return { ...told, verdict: "" };
  if (!isSpace) return { ...told, verdict: verdict(atMost(value, rich)) };
  if (value < least) return { ...told, verdict: "FAIL" };
  return { ...told, verdict: atMost(value, most) ? "PASS" : atMost(value, rich) ? "CONDITIONAL" : "FAIL" };
}

function combustible({ limits }, found, typed, reading) {
  const high = found?.lel && Number(found.lel) >= 4;
  const own = Number(high ? limits.high_lel : limits.low_lel);
  const limit = limits.others === null ? own : Math.min(own, Number(limits.others));
  const told = { limit: `≤ ${limit}`, unit: "%VOL", clause: "5.3.2", value: NaN, why: "" };
  if (Number.isNaN(reading)) return { ...told, verdict: "" };
  const { value, why } = percent(found, typed, reading);
  return why ? { ...told, verdict: "FAIL", why } : { ...told, value, verdict: verdict(atMost(value, limit)) };
}

function toxic(_gas, found, typed, reading) {
  const told = { limit: found?.limit ? `≤ ${Number(found.limit)}` : "", unit: "mg/m3", clause: "6.4", value: NaN, why: "" };
  if (Number.isNaN(reading)) return { ...told, verdict: "" };
  if (!found) return { ...told, verdict: "FAIL", why: "gasNeedsName" };
  if (!found.limit) return { ...told, verdict: "FAIL", why: "gasNoLimit" };
  const given = factor(found, typed);
  if (given.why) return { ...told, verdict: "FAIL", why: given.why };
  let value = reading * given.factor;
  if (typed.unit !== "mg/m3") {
    const shared = percent(found, typed, reading);
    if (shared.why || !found.molar_mass) return { ...told, verdict: "FAIL", why: shared.why || "gasNeedsName" };
    value = (shared.value * 10000 * Number(found.molar_mass)) / 24.45;
  }
  return { ...told, value, verdict: verdict(atMost(value, Number(found.limit))) };
}

/** What the maker says of another gas than that of the calibration. */
function factor(found, { calibrated_with: calibrated = "", correction = "" }) {
  if (correction !== "") return { factor: Number(correction), why: "" };
  if (!calibrated || calibrated === found?.code) return { factor: 1, why: "" };
  return { factor: 1, why: "gasNeedsCorrection" };
}

function percent(found, typed, reading) {
  const given = factor(found, typed);
  if (given.why) return given;
  const value = reading * given.factor;
  if (typed.unit === "%VOL") return { value, why: "" };
  if (typed.unit === "ppm") return { value: value / 10000, why: "" };
  if (!found) return { why: "gasNeedsName" };
  if (typed.unit === "mg/m3") return found.molar_mass ? { value: (value * 24.45) / Number(found.molar_mass) / 10000, why: "" } : { why: "gasNeedsName" };
  if (!found.lel) return { why: "gasNeedsVol" };
  if (found.code !== "methane" && !typed.calibrated_with && typed.correction === "") return { why: "gasNeedsCalibration" };
  return { value: (value * Number(found.lel)) / 100, why: "" };
}
