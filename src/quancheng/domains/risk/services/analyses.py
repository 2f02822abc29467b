"""Analyses by method (风险分析): begun, filled row by row, submitted, reviewed by another, in force, made anew."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.risk import analysis_scheme as scheme
from quancheng.domains.risk.kinds import AnalysisMethod, Method, Occasion
from quancheng.domains.risk.models import Analysis, AnalysisRow, Recommendation, RiskUnit
from quancheng.domains.risk.queries.analyses import COUNTING, OPEN, interval_of
from quancheng.domains.risk.queries.settings import rules_on
from quancheng.domains.risk.services.keeping import KEEP, note
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import act_once, once
from quancheng.kernel.pages.words import told
from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.hazop import due_on

CLOCK = system_actor("risk", "risk.gradings.judge")
HEAD = ("title", "team", "leader", "analysed_date", "occasion", "due_date")
#: Days for a draft, and for making one anew when it is due. [D]
DRAFT_DAYS, ANEW_DAYS = 60, 60
MOST_ROWS = 2000


def may_analyse(actor: Actor, file_id: uuid.UUID) -> bool:
    """Whether the actor writes analyses of a file: its own enterprise alone, since who analyses must know the unit."""
    return file_id == actor.organisation_id and actor.has(KEEP)


def begin_analysis(
    *, actor: Actor, unit: RiskUnit, method: str, rating: str, known: Mapping[str, Any], head: Mapping[str, str],
    now: datetime, client_id: uuid.UUID | None = None,
) -> Analysis:  # fmt: skip
    """Begin an analysis of a unit.

    :param known: of :data:`HEAD`. :param head: of ``analysis_scheme.head_fields``.
    :raises Invalid: by field. :raises Conflict: the unit is out of the list.
    """
    file = unit.object.file
    _need_writer(actor, file.pk)
    wrong: dict[str, Text] = {}
    if method not in AnalysisMethod.values:
        wrong["method"] = _("请选择分析方法。")
    if rating not in Method.values:
        wrong["rating"] = _("请选择评价方法。")
    given = _head(known, wrong, now)
    if wrong:
        raise Invalid(fields=wrong)
    kept = _method_head(method, head)

    def make() -> uuid.UUID:
        if unit.ended_date is not None or unit.object.ended_date is not None:
            raise Conflict(_("该单元已撤销，不能再分析。"))
        row = Analysis(
            **file.row_scope(), code=next_code(Analysis, "FX", now=now), file=file, supervisor_id=file.supervisor_id,
            unit=unit, method=method, rating=rating, head=kept, created_at=now, **given,
        )  # fmt: skip
        return enter(actor=actor, row=row, now=now, facts={"unit": unit.pk, "method": method, "rating": rating}).pk

    body = {"unit": unit.pk, "method": method, "rating": rating, "title": given["title"]}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="risk.analysis.begin", body=body, now=now, make=make)
    return Analysis.objects.get(pk=pk)


def change_head(
    *, actor: Actor, row: Analysis, known: Mapping[str, Any], head: Mapping[str, str], now: datetime
) -> Analysis:
    """Change the head of a draft. :raises Invalid: by field. :raises StaleState: it is no draft any more."""
    _need_draft(actor, row)
    wrong: dict[str, Text] = {}
    given = _head(known, wrong, now)
    if wrong:
        raise Invalid(fields=wrong)
    kept = _method_head(row.method, head)
    with transaction.atomic():
        won = Analysis.objects.filter(pk=row.pk, status="DRAFT").update(**given, head=kept, updated_at=now)
        if not won:
            raise StaleState
        note(actor, "risk.analysis.head", row.file_id, row, now, {"head": digest_of([given["title"], kept])})
    row.refresh_from_db()
    return row


def renew_analysis(
    *, actor: Actor, row: Analysis, occasion: str, now: datetime, client_id: uuid.UUID | None = None
) -> Analysis:
    """Begin the next edition of an analysis: its rows are copied with their risk events, to be gone through again.

    :raises Conflict: it is not in force, or its next edition is under way.
    """
    _need_writer(actor, row.file_id)

    def make() -> uuid.UUID:
        if Analysis.objects.select_for_update(no_key=True).get(pk=row.pk).status not in COUNTING:
            raise Conflict(_("只有有效的分析可以开始新版。"))
        if Analysis.objects.filter(replaces=row, status__in=OPEN).exists():
            raise Conflict(_("新版正在编制中。"))
        today = Calendar().local_date(now)
        fresh = Analysis(
            **row.file.row_scope(), code=next_code(Analysis, "FX", now=now), file=row.file,
            supervisor_id=row.file.supervisor_id, unit=row.unit, method=row.method, rating=row.rating, head=row.head,
            title=row.title, team=row.team, leader=row.leader, analysed_date=today, occasion=occasion,
            edition=row.edition + 1, replaces=row, due_date=today + timedelta(days=DRAFT_DAYS), created_at=now,
        )  # fmt: skip
        made = enter(actor=actor, row=fresh, now=now, facts={"replaces": row.pk, "edition": fresh.edition})
        AnalysisRow.objects.bulk_create(
            AnalysisRow(
                analysis=made, key=one.key, order=one.order, values=one.values, level=one.level, score=one.score,
                residual_level=one.residual_level, event_id=one.event_id, taken=one.taken, origin=one,
            )
            for one in row.rows.order_by("order", "pk")
        )  # fmt: skip
        return made.pk

    if occasion not in Occasion.values:
        raise Invalid(fields={"occasion": _("请选择分析时机。")})
    body = {"row": row.pk, "occasion": occasion}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="risk.analysis.renew", body=body, now=now, make=make)
    return Analysis.objects.get(pk=pk)


def save_row(
    *, actor: Actor, analysis: Analysis, values: Mapping[str, Any], now: datetime, row: AnalysisRow | None = None,
    version: int | None = None, client_id: uuid.UUID | None = None,
) -> AnalysisRow:  # fmt: skip
    """Write one row of a draft, with the colour that follows from its factors.

    :raises Invalid: by field: what is missing, no colour, a guide word that does not fit, a step named otherwise.
    :raises Conflict: such a row stands already. :raises StaleState: somebody saved meanwhile, or it is no draft.
    """
    _need_writer(actor, analysis.file_id)

    def make() -> uuid.UUID:
        _need_draft(actor, analysis)
        kept, level, residual, score = _checked(analysis, values)
        key = scheme.key_of(analysis.method, kept)
        others = AnalysisRow.objects.filter(analysis=analysis)
        if row is not None:
            others = others.exclude(pk=row.pk)
        if analysis.method == scheme.JHA:
            same = others.filter(values__step_no=kept["step_no"]).values_list("values__step_name", flat=True).first()
            if same is not None and same != kept["step_name"]:
                raise Invalid(fields={"step_name": _("第%(number)s步已命名为“%(name)s”。") % {
                    "number": kept["step_no"], "name": same,
                }})  # fmt: skip
        if others.filter(key=key).exists():
            name = scheme.KEYS[analysis.method][-1]
            raise Conflict(_("本分析已有这一行。"), fields={name: _("本分析已有这一行。")})
        fields = {
            "key": key, "order": scheme.order_of(analysis.method, kept), "values": kept, "level": level,
            "residual_level": residual, "score": score,
        }  # fmt: skip
        if not Analysis.objects.filter(pk=analysis.pk, status="DRAFT").update(updated_at=now):
            raise StaleState
        if row is None:
            if AnalysisRow.objects.filter(analysis=analysis).count() >= MOST_ROWS:
                raise Conflict(_("一次分析最多%(most)s行。") % {"most": MOST_ROWS})
            pk = AnalysisRow.objects.create(analysis=analysis, **fields).pk
        else:
            seen = row.version if version is None else version
            if not AnalysisRow.objects.filter(pk=row.pk, version=seen).update(**fields, version=seen + 1):
                raise StaleState(_("他人刚刚修改了这一行，请刷新后核对再改。"))
            pk = row.pk
        note(actor, "risk.analysis.row", analysis.file_id, analysis, now, {"row": pk, "values": digest_of(kept)})
        return pk

    body = {"analysis": analysis.pk, "row": None if row is None else row.pk, "values": dict(values)}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="risk.analysis.row", body=body, now=now, make=make)
    return AnalysisRow.objects.select_related("analysis").get(pk=pk)


def check_row(*, analysis: Analysis, values: Mapping[str, Any]) -> None:
    """What :func:`save_row` would refuse of these values. :raises Invalid: by field."""
    _checked(analysis, values)


def drop_row(*, actor: Actor, row: AnalysisRow, now: datetime) -> None:
    """Take a row out of a draft; the risk event that it became stays in the list. :raises StaleState: no draft."""
    analysis = row.analysis
    _need_draft(actor, analysis)
    with transaction.atomic():
        if not Analysis.objects.filter(pk=analysis.pk, status="DRAFT").update(updated_at=now):
            raise StaleState
        AnalysisRow.objects.filter(pk=row.pk).delete()
        note(actor, "risk.analysis.drop", analysis.file_id, analysis, now, {"row": row.pk, "key": digest_of(row.key)})


def submit_analysis(
    *, actor: Actor, row: Analysis, now: datetime, client_id: uuid.UUID | None = None
) -> Analysis:
    """Hand an analysis to its reviewer; it is checked as a whole.

    :raises Conflict: what is wrong, row by row.
    """

    def do() -> None:
        _submit(actor=actor, row=row, now=now)

    act_once(actor=actor, row=row, act="risk.analysis.submit", body={}, now=now, client_id=client_id, do=do)
    return row


def _submit(*, actor: Actor, row: Analysis, now: datetime) -> None:
    rows = list(row.rows.order_by("order", "pk"))
    found = scheme.check(
        row.method, row.rating, head=row.head, team=row.team, leader=row.leader, day=row.analysed_date,
        rows=[one.values for one in rows], settings=rules_on(row.analysed_date).settings,
    )  # fmt: skip
    faults = [told(reason) for reason in found.header.values()]
    for one, wrong in zip(rows, found.rows, strict=True):
        faults += [f"{one.key[:40]}：{told(reason)}" for reason in wrong.values()]
    if faults:
        listed = "；".join(faults[:5])
        raise Conflict(_("还有%(count)s处不完整：%(listed)s") % {"count": len(faults), "listed": listed})
    doubts = [{"zh": one.zh, "en": one.en} for one in found.doubts]
    move(
        actor=actor, row=row, name="submit", now=now, changes={"doubts": doubts},
        facts={"rows": len(rows), "digest": digest_of([one.values for one in rows])},
    )  # fmt: skip


def approve_analysis(
    *, actor: Actor, row: Analysis, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> Analysis:
    """Another person approves it: it counts from now on, replaces the edition before, and its recommendations stand.

    :raises NotPermitted: who submitted it.
    """
    days = interval_of(row.unit)
    given = {"text": clean(text)[:500]}
    changes = {
        "approved_by": actor.name, "in_force_at": now, "review_date": due_on(row.analysed_date, days.years),
    }  # fmt: skip
    with transaction.atomic():
        # Who asks again waits here, and then finds it approved: what followed from it does not follow twice.
        if Analysis.objects.select_for_update(no_key=True).get(pk=row.pk).status != "REVIEW":
            return move(actor=actor, row=row, name="approve", now=now, given=given, client_id=client_id)
        move(
            actor=actor, row=row, name="approve", now=now, given=given, changes=changes,
            facts={"years": days.years, "review": changes["review_date"]}, client_id=client_id,
        )  # fmt: skip
        older = row.replaces
        if older is not None and older.status in COUNTING:
            move(actor=actor, row=older, name="supersede", now=now, changes={"closed_at": now})
        _recommend(actor, row, now)
    return row


def answer_analysis(
    *, actor: Actor, row: Analysis, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Analysis:
    """The moves that ask for a reason alone: ``return``, ``withdraw``, ``end``, ``change`` (something in the unit
    changed), ``order`` (the office wants it anew). :raises Invalid: no reason.
    """
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    changes: dict[str, Any] = {}
    today = Calendar().local_date(now)
    if name in ("withdraw", "end"):
        changes["closed_at"] = now
    if name in ("change", "order"):
        changes["due_date"] = today + timedelta(days=ANEW_DAYS)
    if name == "return":
        changes["due_date"] = max(row.due_date, today + timedelta(days=10))
    move(
        actor=actor, row=row, name=name, now=now, given={"reason": clean(reason)[:500]}, changes=changes,
        client_id=client_id,
    )  # fmt: skip
    return row


def look_at_analyses(*, now: datetime) -> int:
    """Each night: analyses whose time has come are to be made anew."""
    today = Calendar().local_date(now)
    due = list(Analysis.objects.filter(status="IN_FORCE", review_date__lte=today).order_by("pk")[:5000])
    for row in due:
        changes = {"due_date": today + timedelta(days=ANEW_DAYS)}
        move(actor=CLOCK, row=row, name="expire", now=now, given={"reason": _("到期")}, changes=changes)
    return len(due)


def analyse_anew(*, file_id: uuid.UUID, reason: str, now: datetime) -> int:
    """Something in an enterprise changed (a rebuilt or extended plant was accepted): analyses before it are due."""
    today = Calendar().local_date(now)
    rows = list(Analysis.objects.filter(file=file_id, status="IN_FORCE", analysed_date__lt=today).order_by("pk"))
    for row in rows:
        changes = {"due_date": today + timedelta(days=ANEW_DAYS)}
        move(actor=CLOCK, row=row, name="expire", now=now, given={"reason": reason[:300]}, changes=changes)
    return len(rows)


def _recommend(actor: Actor, row: Analysis, now: datetime) -> None:
    """Enter what the rows recommend; what the edition before recommended in the same words goes on under this one."""
    rows = [one for one in row.rows.order_by("order", "pk") if one.values.get("suggestion")]
    origins = [one.origin_id for one in rows if one.origin_id is not None]
    standing = Recommendation.objects.filter(row__in=origins).exclude(status="REJECTED")
    before = {(one.row_id, one.text): one for one in standing.order_by("-pk")}
    carried, scope = [], row.file.row_scope()
    for one in rows:
        text = one.values["suggestion"]
        goes_on = before.get((one.origin_id, text)) if one.origin_id is not None else None
        if goes_on is not None:
            goes_on.row, goes_on.analysis, goes_on.updated_at = one, row, now
            carried.append(goes_on)
            continue
        enter(
            actor=actor, now=now, facts={"analysis": row.pk, "row": one.pk},
            row=Recommendation(
                **scope, analysis=row, row=one, title=text[:300], text=text,
                responsible=one.values.get("responsible", "")[:200], raised_date=row.analysed_date,
                due_date=date.fromisoformat(one.values["due_on"]), created_at=now,
            ),
        )  # fmt: skip
    Recommendation.objects.bulk_update(carried, ["row", "analysis", "updated_at"])


def _checked(analysis: Analysis, values: Mapping[str, Any]) -> tuple[dict[str, Any], int, int | None, Any]:
    try:
        kept = scheme.read(analysis.method, analysis.rating, values)
    except BadInput as bad:
        raise Invalid(fields={bad.field: told(bad.reason)}) from bad
    wrong: dict[str, Text] = {
        one.code: _("请填写此项。")
        for one in scheme.row_fields(analysis.method, analysis.rating)
        if one.is_needed and one.code not in kept
    }
    if any(code.startswith("f_") for code in wrong):
        wrong = {code: _("没有评价就没有颜色，请填写此项。") if code.startswith("f_") else text
                 for code, text in wrong.items()}  # fmt: skip
    if wrong:
        raise Invalid(fields=wrong)
    settings = rules_on(analysis.analysed_date).settings
    found = scheme.check(
        analysis.method, analysis.rating, head=analysis.head, team=analysis.team, leader=analysis.leader,
        day=analysis.analysed_date, rows=[kept], settings=settings,
    )  # fmt: skip
    if found.rows[0]:
        raise Invalid(fields={name: told(reason) for name, reason in found.rows[0].items()})
    rating = scheme.evaluate(analysis.rating, kept, settings)
    residual = None if rating.residual is None else int(rating.residual.colour)
    return kept, int(rating.rating.colour), residual, rating.rating.score


def _head(known: Mapping[str, Any], wrong: dict[str, Text], now: datetime) -> dict[str, Any]:
    today = Calendar().local_date(now)
    given: dict[str, Any] = {}
    for name, most in (("title", 200), ("team", 300), ("leader", 60)):
        given[name] = clean(known.get(name) or "")
        if not given[name]:
            wrong[name] = _("请填写此项。")
        elif len(given[name]) > most:
            wrong[name] = _("最多%(count)s个字。") % {"count": most}
    given["analysed_date"] = known.get("analysed_date") or today
    if given["analysed_date"] > today:
        wrong["analysed_date"] = _("分析日期不能晚于今天。")
    given["due_date"] = known.get("due_date") or today + timedelta(days=DRAFT_DAYS)
    given["occasion"] = known.get("occasion") or Occasion.REGULAR
    if given["occasion"] not in Occasion.values:
        wrong["occasion"] = _("请选择分析时机。")
    return given


def _method_head(method: str, head: Mapping[str, str]) -> dict[str, str]:
    """:raises Invalid: at ``head_…``, what the method's head asks and nobody told."""
    kept = {code: clean(head.get(code, ""))[:300] for code, _name in scheme.head_fields(method)}
    wrong: dict[str, Text] = {f"head_{code}": _("请填写此项。") for code, text in kept.items() if not text}
    if wrong:
        raise Invalid(fields=wrong)
    return kept


def _need_writer(actor: Actor, file_id: uuid.UUID) -> None:
    if not may_analyse(actor, file_id):
        raise NotPermitted


def _need_draft(actor: Actor, row: Analysis) -> None:
    _need_writer(actor, row.file_id)
    if row.status != "DRAFT":
        raise StaleState(_("只有编制中的分析可以修改；有效的分析请开始新版。"))
