"""A plan's chart and its text brought together in review: which rows serve which tasks, and who carries them out."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.duty.drafts import dates_of, split_names, target_of, title_of, units_from
from quancheng.domains.duty.models import DraftTask, Plan
from quancheng.domains.duty.plans.dates import Calendar
from quancheng.domains.duty.plans.sentences import read_sentence
from quancheng.domains.duty.plans.serving import RowItem, TextItem, propose
from quancheng.domains.duty.services.drafts import save_draft
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid
from quancheng.kernel.people.matching import Matcher

#: Sentences of a paragraph that one act may make into tasks.
MOST_SENTENCES = 40


def sentences_of(draft: DraftTask) -> list[str]:
    """The sentences of a task of the text that demand something, without the title that opens its paragraph."""
    measures = [str(one["text"]) for one in draft.original.get("measures", ())]
    text = str(draft.content["text"])
    standing = [one for one in measures if one in text]
    if len(standing) > 1 and draft.original.get("number") and len(standing[0]) <= 40 and text.startswith(
        (standing[0], str(draft.original["number"]))
    ):  # fmt: skip
        return standing[1:]
    return standing or [text]


def heading_of(draft: DraftTask) -> str:
    """The title of its own that a task of the text opens with, with its mark; "" where it has none."""
    measures = draft.original.get("measures", ())
    if len(measures) < 2 or not draft.original.get("number"):
        return ""
    opening = str(measures[0]["text"]).strip()
    if sentences_of(draft)[0] == opening:
        return ""
    return f"{draft.original['number']}{opening.rstrip('。；')}"


def relink(*, plan: Plan) -> None:
    """Propose anew what each row of the chart serves, where no reviewer has said it; kept with the drafts.

    ``content["serves"]`` of a row's draft lists draft, passage, reason and whether we are sure; ``serves_said`` what a
    reviewer said, with tasks that were dropped since; ``carried_by`` of a text's draft the rows that carry it out.
    """
    drafts = list(DraftTask.objects.filter(plan=plan, is_report=False).order_by("order", "pk"))
    rows = [one for one in drafts if one.content.get("row") and not one.dropped]
    texts = [one for one in drafts if not one.content.get("row") and not one.dropped]
    if not rows:
        return
    known = {str(one.pk) for one in texts}
    found: dict[str, list[dict[str, Any]]] = {}
    for served in propose([_row_item(one) for one in rows], [_text_item(one) for one in texts]):
        link = {"draft": served.task, "passage": served.passage, "reason": served.reason, "sure": served.sure}
        found.setdefault(served.row, []).append(link)
    carriers: dict[str, list[str]] = {}
    changed: list[DraftTask] = []
    for one in rows:
        if one.content.get("serves_settled"):
            # A task of the text that is dropped may be restored, and what was said of it then stands again.
            said = one.content.get("serves_said", one.content.get("serves", ()))
            links = [link for link in said if link["draft"] in known]
        else:
            links = found.get(str(one.pk), [])
        for link in links:
            carriers.setdefault(link["draft"], []).append(str(one.pk))
        if links != one.content.get("serves", []):
            one.content["serves"] = links
            changed.append(one)
    for one in texts:
        carried = carriers.get(str(one.pk), [])
        if carried != one.content.get("carried_by", []):
            one.content["carried_by"] = carried
            changed.append(one)
    for one in changed:
        DraftTask.objects.filter(pk=one.pk).update(content=one.content)


def _row_item(draft: DraftTask) -> RowItem:
    row = draft.content["row"]
    return RowItem(str(draft.pk), row["chart"], tuple(row["levels"]), str(draft.content["text"]))


def _text_item(draft: DraftTask) -> TextItem:
    own = heading_of(draft)
    headings = tuple(str(one) for one in draft.content.get("path", ()))
    return TextItem(str(draft.pk), (*headings, own) if own else headings, tuple(sentences_of(draft)))


def serve(*, actor: Actor, draft: DraftTask, served: Sequence[DraftTask], version: int, now: datetime) -> DraftTask:
    """Say which tasks of the text a row of the chart serves; it stands against any later proposal.

    :raises Invalid: the draft is no row, or one named is no task of the same plan's text.
    """
    actor.require("duty.plans.review")
    if not draft.content.get("row"):
        raise Invalid(_("只有挂图中的任务可以对应正文任务。"))
    if any(one.plan_id != draft.plan_id or one.content.get("row") or one.dropped for one in served):
        raise Invalid(_("只能对应同一文件正文中的任务。"))
    before = {link["draft"]: link for link in draft.content.get("serves", ())}
    reason = _("审核人员指定")
    links = [
        {
            "draft": str(one.pk),
            "passage": before.get(str(one.pk), {}).get("passage", ""),
            "reason": before.get(str(one.pk), {}).get("reason", reason),
            "sure": True,
        }
        for one in served
    ]
    content = {**draft.content, "serves": links, "serves_said": links, "serves_settled": True}
    with transaction.atomic():
        save_draft(actor, draft, version=version, now=now, act="serve", content=content)
        relink(plan=draft.plan)
    draft.refresh_from_db()
    return draft


def split_sentences(*, actor: Actor, draft: DraftTask, version: int, now: datetime) -> list[DraftTask]:
    """Make each sentence of a paragraph a task of its own, with its own time limit and numbers.

    :raises Invalid: the paragraph has a single sentence, or it is a row of the chart.
    """
    actor.require("duty.plans.review")
    sentences = sentences_of(draft)[:MOST_SENTENCES]
    if draft.content.get("row") or len(sentences) < 2:
        raise Invalid(_("这条任务只有一句，不必拆分。"))
    plan, heading = draft.plan, heading_of(draft)
    base = Calendar(plan.period_from, plan.period_to, plan.document_date)
    lines = {str(one["text"]): one["line"] for one in draft.original.get("measures", ())}
    path = [*draft.content.get("path", ()), *([heading] if heading else [])]
    following = DraftTask.objects.filter(plan=plan, order__gt=draft.order).order_by("order").first()
    step = ((following.order if following else draft.order + 1) - draft.order) / len(sentences)
    made: list[DraftTask] = []
    with transaction.atomic():
        for number, sentence in enumerate(sentences):
            read = read_sentence(sentence, base)
            content = {
                **draft.content,
                "title": title_of(sentence),
                "text": sentence,
                "line": lines.get(sentence, draft.content.get("line")),
                "path": path,
                "level2": heading or draft.content.get("level2", ""),
                "targets": [target_of(target) for target in read["targets"]],
                "doubts": [*_kept_doubts(draft), *read["doubts"]],
                **dates_of(plan, read),
            }
            if number == 0:
                # What the parser read stays in the plan; the draft's own record follows the sentence it became.
                save_draft(
                    actor, draft, version=version, now=now, act="sentences", content=content,
                    original=_record(content),
                )  # fmt: skip
                made.append(draft)
                continue
            made.append(
                DraftTask.objects.create(
                    plan=plan, order=draft.order + step * number, content=content, units=draft.units,
                    made_from=[draft.pk], original=_record(content), updated_at=now,
                )
            )  # fmt: skip
        relink(plan=plan)
    return made


def _record(content: dict[str, Any]) -> dict[str, Any]:
    return {"measures": [{"text": content["text"], "line": content["line"]}]}


def _kept_doubts(draft: DraftTask) -> list[dict[str, Any]]:
    return [dict(one) for one in draft.content.get("doubts", ()) if one["code"] in ("no_unit", "no_lead")]


def lead_rest(*, actor: Actor, plan: Plan, names: str, now: datetime) -> int:
    """Give the units named to every task of the plan that names none and that no row carries out; how many there were.

    :raises Invalid: nobody named, or a name that stands for no registered unit.
    """
    actor.require("duty.plans.review")
    units = units_from(split_names(names), "lead", [], Matcher.load(speaker=plan.owner_org))
    unknown = [unit["name"] for unit in units if not unit["organisations"]]
    if not units or unknown:
        sentence = _("没有登记名为“%(names)s”的单位，请从列表中选择全称。") % {"names": "、".join(unknown)}
        raise Invalid(fields={"leads": sentence if unknown else _("请选择单位。")})
    units = [{**unit, "reason": _("审核人员指定"), "sure": True} for unit in units]
    count = 0
    with transaction.atomic():
        for draft in DraftTask.objects.filter(plan=plan, dropped=False).order_by("order", "pk"):
            if draft.content.get("carried_by") or any(unit["role"] == "lead" for unit in draft.units):
                continue
            content = {**draft.content, "doubts": [one for one in draft.content.get("doubts", ())
                                                   if one["code"] not in ("no_unit", "no_lead")]}  # fmt: skip
            save_draft(
                actor, draft, version=draft.version, now=now, act="lead", content=content, units=[*units, *draft.units]
            )
            count += 1
    return count


def confirm_many(*, actor: Actor, drafts: Sequence[DraftTask], now: datetime) -> int:
    """Confirm several drafts as they stand.

    :raises StaleState: one of them was changed since it was read.
    """
    actor.require("duty.plans.review")
    with transaction.atomic():
        for draft in drafts:
            save_draft(
                actor, draft, version=draft.version, now=now, act="confirm", confirmed_by_id=actor.user_id,
                confirmed_at=now,
            )  # fmt: skip
    return len(drafts)


def served_drafts(*, plan: Plan, keys: Sequence[uuid.UUID]) -> list[DraftTask]:
    """Drafts of the plan by their identifiers, in the order of the document."""
    return list(DraftTask.objects.filter(plan=plan, pk__in=keys).order_by("order", "pk"))
