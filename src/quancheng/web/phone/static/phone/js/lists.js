// Checklists out of the pack, item by item; what fails is reported at once with the item's number.
import { build, fill, on, options } from "./dom.js";
import { named, word } from "./words.js";

export async function show(app) {
  const lists = app.pack?.hazards.checklists ?? [];
  if (!lists.length) return { node: fill(build("nothing"), { why: word(app.pack ? "listsNone" : "packNone") }) };
  const node = build("lists");
  fill(node, {
    lists: lists.map((list) => {
      const line = fill(build("list-line"), { name: named(list, "name"), count: word("listItems", { count: list.items.length }), edition: list.edition });
      line.querySelector("a").href = `#/list/${encodeURIComponent(list.code)}`;
      return line;
    }),
  });
  return { node };
}

export async function walk(app, code) {
  const list = app.pack?.hazards.checklists.find((each) => each.code === code);
  if (!list) return { node: fill(build("nothing"), { why: word("listsNone") }) };
  const node = build("list");
  const mine = app.pack.hazards.may_record;
  const record = node.querySelector("[data-slot=record]");
  record.hidden = !mine;
  record.href = `#/check/${encodeURIComponent(`list~${code}`)}`;
  const { files } = app.pack.hazards;
  const file = node.querySelector("select");
  node.querySelector("[data-field=file]").hidden = files.length < 2;
  options(file, [["", word("chooseFile")], ...files.map((each) => [each.id, each.name])], files.length === 1 ? files[0].id : "");
  fill(node, {
    name: named(list, "name"), edition: list.edition,
    items: list.items.map((each) => {
      const line = fill(build("list-item"), { code: each.code, text: named(each, "text"), basis: each.basis });
      on(line, "bad", () => {
        location.hash = `#/report/${encodeURIComponent(`${each.code}~${file.value}`)}`;
      });
      line.querySelector("[data-act=bad]").hidden = !files.length;
      return line;
    }),
  });
  return { node };
}
