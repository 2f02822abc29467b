// Today on the phone: what waits, the fast entry, how old the pack is.
import { giveUp, written } from "./acts.js";
import { build, fill, on } from "./dom.js";
import { toWalk } from "./patrol.js";
import { overlaid, permitsOf } from "./permit_facts.js";
import { row as permit, ticking } from "./permits.js";
import { KINDS } from "./queue.js";
import { moment, named, span, word } from "./words.js";

const MOST_PERMITS = 3;

function finding(row) {
  const node = fill(build("finding"), {
    name: row.name, where: [row.file, row.place || row.unit].filter(Boolean).join(" · "),
    due: row.deadline ? word("dueOn", { day: row.deadline }) : null, major: row.is_major ? word("major") : null,
  });
  node.querySelector("a").href = `#/fix/${row.id}`;
  return node;
}

function due(row) {
  const node = fill(build("due"), { name: row.content, where: [row.file, row.unit].filter(Boolean).join(" · "), due: word("dueOn", { day: moment(row.closes_at) }) });
  node.querySelector("a").href = `#/check/${row.id}`;
  return node;
}

function route(row) {
  const node = fill(build("due"), { name: row.name, where: word("stopCount", { count: row.stops.length }), due: word("dueOn", { day: row.due_date }) });
  node.querySelector("a").href = `#/patrol/${row.id}`;
  return node;
}

function look(row) {
  const node = fill(build("due"), { name: row.name, where: [row.file, row.place].filter(Boolean).join(" · "), due: word("dueOn", { day: row.due_date }) });
  node.querySelector("a").href = `#/look/${row.id}`;
  return node;
}

/** What was begun on this device and not handed in: to be written on, or given up. */
function draft(app, act) {
  const { findings = [], dues = [], checklists = [] } = app.pack?.hazards ?? {};
  const { routes = [], rechecks = [] } = app.pack?.patrols ?? {};
  const permits = (app.pack?.permits?.permits ?? []).map((row) => ({ id: row.id, name: `${row.kind_name} ${row.number}` }));
  const about = [...findings, ...dues, ...routes, ...rechecks, ...permits].find((row) => row.id === act.about) ?? checklists.find((list) => `list~${list.code}` === act.about);
  const title = act.title || (about && (about.content ?? named(about, "name"))) || act.typed.name;
  const node = fill(build("draft"), {
    kind: word(KINDS[act.kind]), title: title || word("untitled"), made: moment(act.made_at),
    files: act.files.length ? word("draftFiles", { count: act.files.length }) : null,
  });
  for (const link of node.querySelectorAll("a")) link.href = written(act);
  on(node, "give-up", () => giveUp(app, act));
  return node;
}

function item(row) {
  return fill(build("item"), { name: row.title, due: row.due_at ? word("dueOn", { day: moment(row.due_at) }) : null });
}

export async function show(app) {
  const node = build("home");
  const draw = async () => {
    const pack = app.pack;
    const acts = await app.acts();
    const waiting = new Set(acts.filter((act) => act.state !== "draft").map((act) => act.about));
    const now = Date.now() + (app.behindMs ?? 0);
    const dues = (pack?.hazards.dues ?? []).filter((row) => !waiting.has(row.id) && Date.parse(row.opens_at) <= now && Date.parse(row.closes_at) > now);
    const findings = (pack?.hazards.findings ?? []).filter((row) => !waiting.has(row.id));
    const routes = toWalk(pack, acts);
    const looks = (pack?.patrols?.rechecks ?? []).filter((row) => !waiting.has(row.id));
    const drafts = acts.filter((act) => act.state === "draft");
    const permits = permitsOf(app);
    const known = new Set([...(pack?.hazards.findings ?? []), ...(pack?.patrols?.rechecks ?? []), ...permits].map((row) => row.id));
    const items = (pack?.work.items ?? []).filter((row) => !known.has(row.subject_id) && row.subject_type !== "hazards.patrol");
    fill(node, {
      who: app.me ? `${app.me.name} · ${app.me.organisation}` : null,
      age: app.packAt ? word("packAge", { age: span(Date.now() - app.packAt) }) : word("packNone"),
      permits: permits.slice(0, MOST_PERMITS).map((row) => permit(app, overlaid(app, row, acts))),
      drafts: drafts.map((act) => draft(app, act)), routes: routes.map(route), looks: looks.map(look), dues: dues.map(due), findings: findings.map(finding), items: items.map(item),
      "findings-none": findings.length ? null : word("findingsNone"),
      more: pack?.hazards.more.length || pack?.work.more ? word("packMore") : null,
    });
    node.querySelector("[data-slot=permits-box]").hidden = !permits.length;
    node.querySelector("[data-slot=drafts-box]").hidden = !drafts.length;
    node.querySelector("[data-slot=routes-box]").hidden = !routes.length;
    node.querySelector("[data-slot=looks-box]").hidden = !looks.length;
    node.querySelector("[data-slot=dues-box]").hidden = !dues.length;
    node.querySelector("[data-slot=items-box]").hidden = !items.length;
  };
  on(node, "refresh", () => app.sync({ isAsked: true }));
  await draw();
  return { node, leave: ticking(app, draw) };
}
