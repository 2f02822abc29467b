"""Rules for papers set, changed and put away; what the district demands of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.registry.queries.enterprises import required_file
from quancheng.domains.training.models import ExamPolicy, PaperRule, Programme, QuestionKind, WorkRole
from quancheng.domains.training.models.exams import FULL_MARKS
from quancheng.domains.training.queries.papers import SET_EXAMS, policy, what_lacks
from quancheng.domains.training.queries.questions import subject_names
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Reach
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.names import clean

RULES = "training.rules"
LEAST_MINUTES, MOST_MINUTES, MOST_QUESTIONS = 60, 120, 200
#: Hours that a spot exam may send somebody to learn.
MOST_HOURS = 200
_POLICY = (
    "major_share", "resit_days", "spot_questions", "spot_minutes", "spot_pass", "spot_least", "spot_most", "spot_hours",
)  # fmt: skip


def set_policy(*, actor: Actor, version: int, known: Mapping[str, int], reason: str, now: datetime) -> ExamPolicy:
    """Say what the district demands of every exam; exams that are arranged stay as they are.

    :raises Invalid: by field. :raises StaleState: somebody changed it since it was read.
    """
    actor.require(RULES)
    given = {name: int(known[name]) for name in _POLICY}
    wrong: dict[str, Text] = {}
    if given["spot_most"] < given["spot_least"]:
        wrong["spot_most"] = _("不能小于最少抽考人数。")
    for name in ("major_share", "spot_pass"):
        if not 0 <= given[name] <= 100:
            wrong[name] = _("应为 0 至 100。")
    if not 1 <= given["spot_hours"] <= MOST_HOURS:
        wrong["spot_hours"] = _("应为 1 至 %(most)s。") % {"most": MOST_HOURS}
    if not clean(reason):
        wrong["reason"] = _("请写明修改原因。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        before = policy()
        ExamPolicy.objects.bulk_create([before], ignore_conflicts=True)
        if not ExamPolicy.objects.filter(key=1, version=version).update(**given, version=F("version") + 1):
            raise StaleState
        facts = {"before": {name: getattr(before, name) for name in _POLICY}, "after": given, "reason": clean(reason)}
        journal.record(
            actor=actor, act="training.exam_policy.change", subject_type="training.exampolicy", facts=facts, now=now
        )
    return policy()


def add_rule(*, actor: Actor, known: Mapping[str, Any], now: datetime) -> PaperRule:
    """Set a rule: an office for the district, an enterprise for itself.

    :param known: ``name``, ``minutes``, ``counts``, ``marks``, ``least``, ``major_share``, ``role``, ``is_partial``.
    :raises Invalid: by field; also where the bank is too small for it, saying what is missing.
    """
    actor.require(SET_EXAMS)
    given = _checked(actor, known)
    with transaction.atomic():
        row = PaperRule.objects.create(**_scope(actor), **given, created_at=now)
        _note(actor, "training.paper_rule.add", row, now)
    return row


def change_rule(*, actor: Actor, rule: PaperRule, version: int, known: Mapping[str, Any], now: datetime) -> None:
    """Set it otherwise; exams that are arranged keep what it said. :raises StaleState: changed since, or put away."""
    _require_owner(actor, rule)
    given = _checked(actor, known)
    with transaction.atomic():
        rows = PaperRule.objects.filter(pk=rule.pk, version=version, retired_at__isnull=True)
        if not rows.update(**given, version=F("version") + 1):
            raise StaleState
        _note(actor, "training.paper_rule.change", rule, now)


def retire_rule(*, actor: Actor, rule: PaperRule, now: datetime) -> None:
    """No exam is arranged by it any more."""
    _require_owner(actor, rule)
    with transaction.atomic():
        PaperRule.objects.select_for_update(of=("self",), no_key=True).get(pk=rule.pk)
        today = Calendar().local_date(now)
        if any(one.has_one_way(today) for one in Programme.objects.filter(unified_rule=rule)):
            raise Conflict(_("该规则是四个统一的统一试卷，请先改定统一试卷。"))
        if not PaperRule.objects.filter(pk=rule.pk, retired_at__isnull=True).update(retired_at=now):
            raise StaleState
        _note(actor, "training.paper_rule.retire", rule, now)


def require_share(share: int) -> None:
    """:raises Invalid: below what the district demands of major hidden dangers (S1-5b, S2-16c)."""
    least = policy().major_share
    if share < least:
        sentence = _("不能低于区级规定的 %(least)s%%：重大事故隐患判定标准是考试的重要内容。") % {"least": least}
        raise Invalid(fields={"major_share": sentence})


def _scope(actor: Actor) -> dict[str, Any]:
    if actor.supervises:
        return {"owner_org_id": actor.organisation_id, "reach": Reach.PUBLIC}
    return required_file(actor=actor).row_scope(reach=Reach.CHAIN)


def _require_owner(actor: Actor, rule: PaperRule) -> None:
    actor.require(SET_EXAMS)
    if rule.owner_org_id != actor.organisation_id:
        raise NotPermitted


def _checked(actor: Actor, known: Mapping[str, Any]) -> dict[str, Any]:
    wrong: dict[str, Text] = {}
    given: dict[str, Any] = {
        "name": clean(known.get("name") or "")[:80], "minutes": known.get("minutes") or 0,
        "counts": {kind: int(known["counts"].get(kind) or 0) for kind in QuestionKind.values},
        "marks": {kind: int(known["marks"].get(kind) or 0) for kind in QuestionKind.values},
        "least": {subject: int(count) for subject, count in known["least"].items() if count},
        "major_share": int(known.get("major_share") or 0), "role": known.get("role") or "",
        "is_partial": bool(known.get("is_partial")),
    }  # fmt: skip
    counts, marks = given["counts"], given["marks"]
    if not given["name"]:
        wrong["name"] = _("请填写名称。")
    if not LEAST_MINUTES <= given["minutes"] <= MOST_MINUTES:
        wrong["minutes"] = _("考试时间为 60 至 120 分钟。")
    total = sum(counts.values())
    if not 1 <= total <= MOST_QUESTIONS:
        wrong["counts"] = _("试卷应有 1 至 %(most)s 题。") % {"most": MOST_QUESTIONS}
    elif sum(counts[kind] * marks[kind] for kind in counts) != FULL_MARKS:
        score = sum(counts[kind] * marks[kind] for kind in counts)
        wrong["counts"] = _("各题型题数乘以分值之和应为 100 分，现为 %(score)s 分。") % {"score": score}
    elif any(counts[kind] and not marks[kind] for kind in counts):
        wrong["counts"] = _("有题的题型要填写每题分值。")
    if set(given["least"]) - set(subject_names()):
        wrong["least"] = _("没有这个选项。")
    elif sum(given["least"].values()) > total and "counts" not in wrong:
        wrong["least"] = _("各知识点最少题数之和不能大于总题数。")
    if given["role"] and not WorkRole.objects.filter(code=given["role"]).exists():
        wrong["role"] = _("没有这个选项。")
    try:
        require_share(given["major_share"])
    except Invalid as below:
        wrong |= below.fields
    if given["major_share"] > 100:
        wrong["major_share"] = _("应为 0 至 100。")
    if not wrong:
        missing = what_lacks(organisation=actor.organisation_id, paper=given)
        if missing:
            wrong["counts"] = "".join(missing)
    if wrong:
        raise Invalid(fields=wrong)
    return given


def _note(actor: Actor, act: str, row: PaperRule, now: datetime) -> None:
    journal.record(
        actor=actor, act=act, subject_type=PaperRule.row_type(), subject_id=row.pk, org_id=row.owner_org_id,
        facts={"rule": row.name}, now=now,
    )  # fmt: skip
