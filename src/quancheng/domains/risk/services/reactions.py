"""Safety risk assessments of reactions (反应安全风险评估), their controls, and the four clearings (四个清零)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.kinds import ClearingKind
from quancheng.domains.risk.models import Clearing, Reaction
from quancheng.domains.risk.queries.reactions import without_clearing
from quancheng.domains.risk.services.analyses import ANEW_DAYS, CLOCK, DRAFT_DAYS, may_analyse
from quancheng.domains.risk.services.gradings import JUDGE
from quancheng.domains.risk.services.keeping import note
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import act_once, once
from quancheng.kernel.pages.words import told
from quancheng.standards.risk import reaction
from quancheng.standards.risk.basis import BadInput, months_later

FIELDS = (
    "title", "facility", "process", "tp", "mtsr", "mtt", "td24", "assessed_by", "assessed_date", "report_no",
)  # fmt: skip
#: Months after which a reaction is assessed anew. [D]
REVIEW_MONTHS = 36
_LENGTHS = {"title": 200, "process": 4, "assessed_by": 200, "report_no": 80}


def enter_reaction(
    *, actor: Actor, file: Enterprise, known: Mapping[str, Any], evidence: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Reaction:  # fmt: skip
    """Enter a reaction of one's own enterprise; its grade follows from the temperatures.

    :param known: of :data:`FIELDS`. :raises Invalid: by field. :raises Conflict: it stands already.
    """
    if not may_analyse(actor, file.pk):
        raise NotPermitted
    given = _given(file.pk, known, (), now)

    def make() -> uuid.UUID:
        Enterprise.objects.select_for_update(no_key=True).get(pk=file.pk)
        if Reaction.objects.filter(file=file, title=given["title"]).exclude(status="ENDED").exists():
            raise Conflict(_("已有同名反应。"), fields={"title": _("已有同名反应。")})
        row = Reaction(
            **file.row_scope(), code=next_code(Reaction, "FY", now=now), file=file, supervisor_id=file.supervisor_id,
            due_date=Calendar().local_date(now) + timedelta(days=DRAFT_DAYS), created_at=now, **given,
        )  # fmt: skip
        made = enter(actor=actor, row=row, now=now, facts={"grade": row.grade})
        if evidence:
            attach_files(actor=actor, row=made, file_ids=list(evidence), now=now)
        return made.pk

    body = {"file": file.pk, "title": given["title"]}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="risk.reaction.enter", body=body, now=now, make=make)
    return Reaction.objects.get(pk=pk)


def change_reaction(
    *, actor: Actor, row: Reaction, known: Mapping[str, Any], evidence: Sequence[uuid.UUID], now: datetime
) -> Reaction:
    """Change a draft. :raises Invalid: by field. :raises StaleState: it is no draft."""
    if not may_analyse(actor, row.file_id):
        raise NotPermitted
    given = _given(row.file_id, known, row.controls, now)
    with transaction.atomic():
        won = Reaction.objects.filter(pk=row.pk, status="DRAFT", updated_at=row.updated_at)
        if not won.update(**given, updated_at=now):
            raise StaleState(_("只有编制中的评估可以修改，请刷新后核对。"))
        if evidence:
            attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        note(actor, "risk.reaction.change", row.file_id, row, now, {"grade": given["grade"]})
    row.refresh_from_db()
    return row


def submit_reaction(
    *, actor: Actor, row: Reaction, now: datetime, client_id: uuid.UUID | None = None
) -> Reaction:
    """Hand an assessment to its reviewer. :raises Conflict: who assessed, when, or temperatures are missing."""

    def do() -> None:
        if not row.assessed_by or row.assessed_date is None:
            raise Conflict(_("请先填写评估单位和评估日期。"))
        if row.grade is None or not row.is_settled:
            raise Conflict(_("工艺危险度还没有确定，请补全或核对四个温度。"))
        move(actor=actor, row=row, name="submit", now=now, facts={"grade": row.grade})

    act_once(actor=actor, row=row, act="risk.reaction.submit", body={}, now=now, client_id=client_id, do=do)
    return row


def approve_reaction(
    *, actor: Actor, row: Reaction, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> Reaction:
    """Another person approves it; it is looked at again after three years [D]. :raises NotPermitted: who submitted."""
    assert row.assessed_date is not None  # noqa: S101 - asked for at submission
    changes = {"approved_by": actor.name, "review_date": months_later(row.assessed_date, REVIEW_MONTHS)}
    move(
        actor=actor, row=row, name="approve", now=now, given={"text": clean(text)[:500]}, changes=changes,
        client_id=client_id,
    )  # fmt: skip
    return row


def answer_reaction(
    *, actor: Actor, row: Reaction, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Reaction:
    """``return``, ``change`` (the process changed), ``order`` (the office wants it anew), ``end`` with a reason, and
    ``renew`` without. :raises Invalid: no reason.
    """
    if name != "renew" and not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    today = Calendar().local_date(now)
    changes: dict[str, Any] = {"closed_at": now} if name == "end" else {}
    if name in ("change", "order", "renew"):
        changes["due_date"] = today + timedelta(days=ANEW_DAYS)
    move(
        actor=actor, row=row, name=name, now=now, given={"reason": clean(reason)[:500]}, changes=changes,
        client_id=client_id,
    )  # fmt: skip
    return row


def set_control(
    *, actor: Actor, row: Reaction, place: int, is_done: bool, text: str, evidence: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Reaction:  # fmt: skip
    """Say of one demanded control whether it is carried out, and how. :param place: in ``controls``, from 0.

    :raises Invalid: no such control, or nothing was said of how.
    """
    if not clean(text):
        raise Invalid(fields={"text": _("请写明落实情况，或未落实的原因和计划。")})

    def do() -> None:
        # Two people may tell of two controls at once: each adds to what the other has left.
        if not 0 <= place < len(row.controls):
            raise Invalid(fields={"place": _("没有这条管控措施。")})
        controls = [dict(one) for one in row.controls]
        controls[place] |= {
            "is_done": is_done, "text": clean(text)[:500], "day": Calendar().local_date(now).isoformat(),
            "who": actor.name,
        }  # fmt: skip
        changes = {"controls": controls, "missing": _missing(controls)}
        move(
            actor=actor, row=row, name="control", now=now,
            given={"place": place, "done": is_done, "text": clean(text)[:200]}, changes=changes,
            facts={"place": place, "done": is_done, "missing": changes["missing"]},
        )  # fmt: skip
        if evidence:
            attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)

    body = {"place": place, "done": is_done, "text": clean(text)[:500]}
    act_once(actor=actor, row=row, act="risk.reaction.control", body=body, now=now, client_id=client_id, do=do)
    return row


def look_at_reactions(*, now: datetime) -> int:
    """Each night: assessments whose time has come are to be made anew."""
    today = Calendar().local_date(now)
    due = list(Reaction.objects.filter(status="IN_FORCE", review_date__lte=today).order_by("pk")[:5000])
    for row in due:
        changes = {"due_date": today + timedelta(days=ANEW_DAYS)}
        move(actor=CLOCK, row=row, name="expire", now=now, given={"reason": _("到期")}, changes=changes)
    return len(due)


# The four clearings ----------------------------------------------------------------------------------------------


def begin_clearings(*, actor: Actor, kinds: Sequence[str], due: date, now: datetime) -> int:
    """Begin these clearings for each fine-chemical enterprise that the actor's office leads and that has none.

    :raises Invalid: no kind, a day that is over. :raises Conflict: nobody is left.
    """
    actor.require(JUDGE)
    wrong: dict[str, Text] = {}
    if not kinds or any(kind not in ClearingKind.values for kind in kinds):
        wrong["kinds"] = _("请选择清零事项。")
    if due < Calendar().local_date(now):
        wrong["due"] = _("清零期限不能早于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    made = 0
    with transaction.atomic():
        for kind in kinds:
            for file in list(without_clearing(actor=actor, kind=kind)):
                name = file.enterprise.name if file.enterprise else ""
                # Kept, and read by everybody: not in the language of whoever begins them.
                with translation.override("zh-hans"):
                    label = str(ClearingKind(kind).label)
                row = Clearing(
                    **file.row_scope(), file=file, supervisor_id=file.supervisor_id, kind=kind,
                    title=f"{name}：{label}"[:240], due_date=due, created_at=now,
                )  # fmt: skip
                enter(actor=actor, row=row, now=now, facts={"kind": kind, "due": due})
                made += 1
    if not made:
        raise Conflict(_("没有需要启动清零的企业。"))
    return made


def report_clearing(
    *, actor: Actor, row: Clearing, text: str, evidence: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Clearing:  # fmt: skip
    """The enterprise says how it was cleared, with evidence. :raises Invalid: nothing said, or no file."""
    wrong: dict[str, Text] = {}
    if not clean(text):
        wrong["text"] = _("请写明清零情况。")
    if not evidence:
        wrong["evidence"] = _("请上传佐证材料。")
    if wrong:
        raise Invalid(fields=wrong)
    changes = {"evidence_text": clean(text)[:2000]}

    def do() -> None:
        move(
            actor=actor, row=row, name="report", now=now, given={"evidence": clean(text)[:500]}, changes=changes
        )  # fmt: skip
        attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)

    act_once(actor=actor, row=row, act="risk.clearing.report", body=changes, now=now, client_id=client_id, do=do)
    return row


def verify_clearing(
    *, actor: Actor, row: Clearing, day: date, text: str, evidence: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Clearing:  # fmt: skip
    """The office verified it on site on a day (现场核查). :raises Invalid: a day to come, or nothing said."""
    wrong: dict[str, Text] = {}
    if day > Calendar().local_date(now):
        wrong["day"] = _("核查日期不能晚于今天。")
    if not clean(text):
        wrong["text"] = _("请写明核查情况。")
    if wrong:
        raise Invalid(fields=wrong)

    def do() -> None:
        if evidence:
            attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        changes = {"verified_date": day, "verified_text": clean(text)[:2000], "closed_at": now}
        given = {"text": clean(text)[:500], "day": day.isoformat()}
        move(actor=actor, row=row, name="verify", now=now, given=given, changes=changes)

    body = {"text": clean(text)[:2000], "day": day}
    act_once(actor=actor, row=row, act="risk.clearing.verify", body=body, now=now, client_id=client_id, do=do)
    return row


def answer_clearing(
    *, actor: Actor, row: Clearing, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Clearing:
    """``return`` what was not found on site, ``exempt`` what does not apply. :raises Invalid: no reason."""
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    today = Calendar().local_date(now)
    changes: dict[str, Any] = {"closed_at": now} if name == "exempt" else {}
    if name == "return":
        changes["due_date"] = max(row.due_date, today + timedelta(days=15))
    move(
        actor=actor, row=row, name=name, now=now, given={"reason": clean(reason)[:500]}, changes=changes,
        client_id=client_id,
    )  # fmt: skip
    return row


def _given(file_id: uuid.UUID, known: Mapping[str, Any], before: Sequence[Any], now: datetime) -> dict[str, Any]:
    wrong: dict[str, Text] = {}
    given: dict[str, Any] = {name: known.get(name) for name in FIELDS}
    for name, most in _LENGTHS.items():
        given[name] = clean(given[name] or "")
        if len(given[name]) > most:
            wrong[name] = _("最多%(count)s个字。") % {"count": most}
    if not given["title"]:
        wrong["title"] = _("请填写反应名称。")
    if given["facility"] is not None and given["facility"].unit.file_id != file_id:
        wrong["facility"] = _("登记设施不属于该企业。")
    if given["assessed_date"] is not None and given["assessed_date"] > Calendar().local_date(now):
        wrong["assessed_date"] = _("评估日期不能晚于今天。")
    temperatures = {name: given[name] for name in reaction.TEMPERATURES}
    try:
        found = reaction.grade(**temperatures)
    except BadInput as bad:
        wrong[bad.field] = told(bad.reason)
    if wrong:
        raise Invalid(fields=wrong)
    was = {one["zh"]: one for one in before}
    controls = [
        {
            "grade": one.grade, "zh": one.text.zh, "en": one.text.en, "mark": one.mark,
            **{name: was.get(one.text.zh, {}).get(name) for name in ("is_done", "text", "day", "who")},
        }
        for one in found.controls
    ]  # fmt: skip
    result = {
        "steps": [{"code": one.code, "zh": one.text.zh, "en": one.text.en, "mark": one.mark} for one in found.steps],
        "doubts": [{"zh": one.zh, "en": one.en} for one in found.doubts],
        "candidates": list(found.candidates), "mark": found.mark,
    }  # fmt: skip
    return {
        **given, "grade": found.grade, "is_settled": found.is_settled, "result": result, "controls": controls,
        "missing": _missing(controls),
    }  # fmt: skip


def _missing(controls: Sequence[Mapping[str, Any]]) -> int:
    """How many demanded controls nobody said are carried out."""
    return sum(not one.get("is_done") for one in controls)
