"""Yearly assessment of dual prevention (运行成效评估): opened, scored by the enterprise and on site, confirmed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import Side, SiteAssessment, SiteScore
from quancheng.domains.hazards.queries import site_assessments as queries
from quancheng.domains.hazards.queries.running import parameters_on
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.services.keeping import note as note_act
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.pages.words import told
from quancheng.standards.risk import running_assessment as standard
from quancheng.standards.risk.running_effect import vetoes

SELF, ASSESS, REVIEW = "hazards.assessments.self", "hazards.assessments.assess", "hazards.assessments.review"


@dataclass(frozen=True, slots=True)
class Points:
    """What somebody gives an element: points, why not full, what shows it; keys of uploads."""

    points: Decimal
    reason: str = ""
    evidence: str = ""
    files: Sequence[uuid.UUID] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """What is told of the visit besides the points. ``vetoes`` are codes, ``veto_reason`` what was found."""

    visited: date | None
    assessors: str
    note: str = ""
    vetoes: Sequence[str] = ()
    veto_reason: str = ""


def open_assessment(
    *, actor: Actor, file: Enterprise, year: int, now: datetime, client_id: uuid.UUID | None = None
) -> SiteAssessment:
    """Begin the assessment of an enterprise for a year: the office that supervises it, or the enterprise itself.

    :raises NotPermitted: neither. :raises Invalid: another year than this and the last. :raises Conflict: begun.
    """
    if actor.organisation_id == file.pk:
        actor.require(SELF)
    else:
        actor.require(ASSESS)
        if actor.organisation_id != file.supervisor_id:
            raise NotPermitted(_("由企业的监管牵头部门发起。"))
    today = Calendar().local_date(now)
    if year not in (today.year, today.year - 1):
        raise Invalid(fields={"year": _("只能评估本年度或上一年度。")})
    scope = {**file.row_scope(), "owner_org_id": file.supervisor_id}
    row = SiteAssessment(
        **scope, file=file, supervisor_id=file.supervisor_id, year=year, created_at=now,
        template=standard.template_on(min(today, date(year, 12, 31))).code,
        title=f"{year}年度双重预防机制运行成效评估",
    )  # fmt: skip
    try:
        made: SiteAssessment = enter(actor=actor, row=row, now=now, facts={"file": file.pk, "year": year},
                                     client_id=client_id)  # fmt: skip
    except IntegrityError as failure:
        # The database knows best: another may have begun it this moment.
        begun = _("该企业%(year)s年度的评估已经开始。") % {"year": year}
        raise Conflict(begun, fields={"year": begun}) from failure
    return made


def save_scores(
    *, actor: Actor, row: SiteAssessment, side: str, points: Mapping[str, Points], now: datetime
) -> SiteAssessment:
    """Keep points for later: what is out of range is refused, what lacks its reason may wait for it. What was given
    before and is not given now is taken back.

    :raises NotPermitted: another's step. :raises StaleState: it is not this side's turn.
    """
    with transaction.atomic():
        _hold(row)
        _require_turn(actor, row, side)
        faults = {code: text for code, text in _faults(row, points).items() if not code.startswith("reason_")}
        if faults:
            raise Invalid(fields=faults)
        _keep(actor, row, side, points, now)
        note_act(actor, "hazards.site_assessment.save", row.file_id, row, now, {"side": side, "count": len(points)})
    return row


def submit_self(
    *, actor: Actor, row: SiteAssessment, points: Mapping[str, Points], now: datetime,
    client_id: uuid.UUID | None = None,
) -> SiteAssessment:  # fmt: skip
    """The enterprise hands its own assessment in. :raises Invalid: by ``points_<code>`` and ``reason_<code>``."""
    result = _complete(row, points, (), Calendar().local_date(now))
    with transaction.atomic():
        _hold(row)
        if row.status == "SELF":
            _require_turn(actor, row, Side.SELF)
            _keep(actor, row, Side.SELF, points, now)
        return move(actor=actor, row=row, name="submit_self", now=now, given=_told(points),
                    changes={"self_total": _rounded(result.total)}, client_id=client_id)  # fmt: skip


def submit_site(
    *, actor: Actor, row: SiteAssessment, points: Mapping[str, Points], visit: Visit, now: datetime,
    client_id: uuid.UUID | None = None,
) -> SiteAssessment:  # fmt: skip
    """The office hands in what it gave on site, for a second person to confirm. A veto makes the total nought.

    :raises Invalid: by ``points_<code>``, ``reason_<code>``, ``visited``, ``assessors``, ``vetoes``, ``veto_reason``.
    """
    wrong: dict[str, Text] = {}
    today = Calendar().local_date(now)
    if visit.visited is None or not date(row.year, 1, 1) <= visit.visited <= today:
        wrong["visited"] = _("现场评估日期应在%(year)s年1月1日至今天之间。") % {"year": row.year}
    if not clean(visit.assessors):
        wrong["assessors"] = _("请填写评估人员。")
    known = {one.code for one in vetoes()}
    if set(visit.vetoes) - known:
        wrong["vetoes"] = _("没有这个选项。")
    if visit.vetoes and not clean(visit.veto_reason):
        wrong["veto_reason"] = _("请写明否决的事实。")
    result = _complete(row, points, [one for one in visit.vetoes if one in known], today, wrong)
    facts = clean(visit.veto_reason)[:500]
    changes = {
        "visited_date": visit.visited, "assessors": clean(visit.assessors)[:300], "note": clean(visit.note)[:2000],
        "base": _rounded(result.base), "extra": _rounded(result.extra), "total": _rounded(result.total),
        "grade": result.grade.code if result.grade else "",
        "vetoes": [{"code": one, "reason": facts} for one in sorted(set(visit.vetoes))],
    }  # fmt: skip
    with transaction.atomic():
        _hold(row)
        if row.status == "SITE":
            _require_turn(actor, row, Side.SITE)
            _keep(actor, row, Side.SITE, points, now)
        given = {**_told(points), "vetoes": changes["vetoes"]}
        return move(actor=actor, row=row, name="score", now=now, given=given, changes=changes, client_id=client_id)


def act(
    *, actor: Actor, row: SiteAssessment, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> SiteAssessment:
    """The other moves: go on without the enterprise's own, confirm, return, drop."""
    changes = {"closed_at": now} if name in ("confirm", "drop") else {}
    given = {"reason": clean(reason)[:1000]} if name != "confirm" else {}
    return move(actor=actor, row=row, name=name, now=now, given=given, changes=changes, client_id=client_id)


def _hold(row: SiteAssessment) -> None:
    """Hold an assessment until the transaction ends, and read it anew: what is saved is not handed in half."""
    SiteAssessment.objects.select_for_update(no_key=True).filter(pk=row.pk).values_list("pk").get()
    row.refresh_from_db()


def _require_turn(actor: Actor, row: SiteAssessment, side: str) -> None:
    own = side == Side.SELF
    actor.require(SELF if own else ASSESS)
    if actor.organisation_id != (row.file_id if own else row.supervisor_id):
        raise NotPermitted
    if row.status != ("SELF" if own else "SITE"):
        raise StaleState


def _faults(row: SiteAssessment, points: Mapping[str, Points]) -> dict[str, Text]:
    """What is wrong with points that were given, by the field of the form."""
    full = {one.code: one.full for one in standard.elements(row.template)}
    wrong: dict[str, Text] = {}
    for code, one in points.items():
        if code not in full:
            raise Invalid(_("没有%(code)s这一要素。") % {"code": code})
        if one.points != one.points.quantize(Decimal("0.1")):
            wrong[f"points_{code}"] = _("最多一位小数。")
    given = {
        code: standard.Given(points=one.points, reason=clean(one.reason), evidence=clean(one.evidence))
        for code, one in points.items()
    }
    for code, text in standard.assess(given, template=row.template).errors.items():
        short = 0 <= points[code].points < full[code]
        wrong.setdefault(f"{'reason' if short else 'points'}_{code}", told(text))
    return wrong


def _complete(
    row: SiteAssessment, points: Mapping[str, Points], vetoed: Sequence[str], today: date,
    wrong: Mapping[str, Text] | None = None,
) -> standard.AssessmentResult:  # fmt: skip
    found: dict[str, Text] = {**(wrong or {}), **_faults(row, points)}
    given = {code: standard.Given(points=one.points, reason=one.reason) for code, one in points.items()}
    # The year's own limits of grades: those in force at its end, or today's while it runs.
    limits = parameters_on(min(today, date(row.year, 12, 31)))
    result = standard.assess(given, template=row.template, vetoed=vetoed, parameters=limits)
    for code in result.missing:
        found[f"points_{code}"] = _("请给出得分。")
    if found:
        raise Invalid(fields=found)
    return result


def _keep(actor: Actor, row: SiteAssessment, side: str, points: Mapping[str, Points], now: datetime) -> None:
    SiteScore.objects.filter(assessment=row, side=side).exclude(element__in=points).delete()
    for code, one in points.items():
        SiteScore.objects.update_or_create(
            assessment=row, side=side, element=code,
            defaults={"points": one.points, "reason": clean(one.reason)[:500], "evidence": clean(one.evidence)[:500]},
        )  # fmt: skip
        if one.files:
            attach_files(actor=actor, row=row, file_ids=one.files, now=now, role=queries.role_of(side, code))


def _told(points: Mapping[str, Points]) -> dict[str, object]:
    return {"scored": True, "points": {code: [str(one.points), clean(one.reason)] for code, one in points.items()}}


def _rounded(value: Decimal) -> Decimal:
    return Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP)
