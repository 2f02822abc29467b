// The queue: every act, how far it is, what was refused and why, two wordings where the desk was faster.
import { giveUp, written } from "./acts.js";
import { build, fill, on } from "./dom.js";
import { freeBytes, MOST_PHOTOS } from "./photo.js";
import { bytes, language, moment, word } from "./words.js";

const STATES = { draft: "stateDraft", waiting: "stateWaiting", sending: "stateSending", done: "stateDone", refused: "stateRefused", conflict: "stateConflict" };
export const KINDS = { "finding.report": "kindReport", "finding.finish": "kindFinish", "check.record": "kindCheck", "patrol.record": "kindPatrol", "patrol.look": "kindLook", "permit.measures": "kindMeasures", "permit.gas": "kindGas", "permit.look": "kindGuard", "permit.enter": "kindEnter", "permit.leave": "kindLeave", "permit.site": "kindSite", "permit.stop": "kindStop" };

function state(app, act) {
  if (act.state === "sending" && app.isBusy) return word("stateSendingShare", { share: Math.round((app.share.get(act.id) ?? 0) * 100) });
  return word(act.result?.kept ? "stateKept" : STATES[act.state]);
}

function line(app, act) {
  const node = fill(build("act"), {
    kind: word(KINDS[act.kind] ?? "kindReport"), title: act.title || word("untitled"), where: act.where || null, made: moment(act.made_at),
    state: state(app, act), files: act.files.length ? word("actFiles", { count: act.files.length, good: act.files.filter((file) => file.file_id).length }) : null,
    why: act.problem ? reason(act.problem) : act.result?.kept || null,
  });
  node.dataset.state = act.result?.kept ? "kept" : act.state;
  node.querySelector("a").href = act.state === "draft" ? written(act) : `#/act/${act.id}`;
  return node;
}

function reason(problem) {
  const own = { file_lost: "whyFileLost", hash_mismatch: "whyHash" }[problem.code];
  const said = own ? word(own, { name: problem.name ?? "" }) : problem.detail || word("whyUnknown", { status: problem.status });
  const fields = Object.values(problem.fields ?? {}).filter((each) => each !== said);
  return [problem.name && !own ? `“${problem.name}”` : "", said, ...fields].filter(Boolean).join(language === "en" ? " " : "");
}

export async function show(app) {
  const node = build("queue");
  const draw = async () => {
    const acts = await app.acts();
    const counts = await app.counts();
    const isSafe = counts.isReadable && !counts.open && !app.others;
    const free = await freeBytes();
    fill(node, {
      safe: isSafe ? word("safeToClose") : word("stillOpen", { count: counts.open + app.others }),
      counts: word("queueCounts", { waiting: counts.waiting, stuck: counts.stuck, drafts: counts.drafts, done: counts.done }),
      storage: word("queueStorage", { files: counts.files, most: MOST_PHOTOS, free: free === null ? "—" : bytes(free) }),
      stays: word(app.stays ? "readyStaysYes" : app.stays === null ? "readyUnknown" : "readyStaysNo"),
      acts: acts.reverse().map((act) => line(app, act)), none: acts.length ? null : word("queueNone"),
    });
    node.querySelector("[data-slot=safe]").dataset.safe = isSafe ? "yes" : "no";
  };
  on(node, "sync-now", () => app.sync({ isAsked: true }));
  app.addEventListener("moved", draw);
  app.addEventListener("progress", draw);
  await draw();
  return {
    node,
    leave: () => {
      app.removeEventListener("moved", draw);
      app.removeEventListener("progress", draw);
    },
  };
}

const SHOWN = ["state", "name", "place", "deadline", "rectifier", "grade", "description", "cause"];

/** What the person had before him and what stands now, line by line; only what differs. */
function differences(seen, stands) {
  return SHOWN.filter((name) => (seen?.[name] ?? "") !== (stands?.[name] ?? "")).map((name) =>
    fill(build("difference"), { what: word(`field${name[0].toUpperCase()}${name.slice(1)}`), seen: seen?.[name] || "—", stands: stands?.[name] || "—" }));
}

export async function one(app, id) {
  const act = await app.store?.act(id);
  if (!act) return { node: fill(build("nothing"), { why: word("actGone") }) };
  const node = build("one");
  const { problem } = act;
  const mine = act.body.result ?? act.body.description ?? act.body.name ?? act.body.remark ?? (act.body.value ? `${act.body.value} ${act.body.unit}` : "");
  fill(node, {
    kind: word(KINDS[act.kind] ?? "kindReport"), title: act.title, where: act.where || null, made: moment(act.made_at), state: state(app, act),
    why: problem ? reason(problem) : act.result?.kept || null, mine: mine || null,
    differences: act.state === "conflict" ? differences(act.seen, problem.stands) : null,
    code: act.result?.code ? word("actCode", { code: act.result.code }) : null,
    files: act.files.map((file) => fill(build("held"), { name: file.name, size: bytes(file.size), hash: file.file_id ? word("hashGood", { hash: file.sha256.slice(0, 12) }) : word("hashOpen") })),
  });
  node.dataset.state = act.state;
  for (const [name, states] of Object.entries({ retry: ["refused"], edit: ["refused"], still: ["conflict"], "give-up": ["refused", "conflict", "waiting", "draft"] })) {
    const button = node.querySelector(`[data-act="${name}"]`);
    // What may have reached the server already is neither changed nor dropped before its answer is known.
    button.hidden = !states.includes(act.state) || (act.state === "waiting" && act.tried);
  }
  const again = async () => {
    Object.assign(act, { state: "waiting", problem: null });
    if (await app.save(act)) location.hash = "#/queue";
    app.sync({ isAsked: true });
  };
  on(node, "retry", again);
  on(node, "still", () => {
    // The person saw both; what he sends now is based on what stands.
    act.seen = { ...act.seen, ...problem.stands };
    act.body.based_on = problem.stands.version;
    return again();
  });
  on(node, "edit", async () => {
    Object.assign(act, { state: "draft", problem: null });
    for (const file of act.files) file.file_id = null;
    if (await app.save(act)) location.hash = written(act);
  });
  on(node, "give-up", async () => {
    if (await giveUp(app, act)) location.hash = "#/queue";
  });
  return { node };
}
