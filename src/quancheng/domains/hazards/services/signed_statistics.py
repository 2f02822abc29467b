"""Signed statistics of hidden dangers (隐患排查治理统计报表): owed, corrected, signed, taken in or returned."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import StatisticsKind, StatisticsReport
from quancheng.domains.hazards.queries import signed_statistics as queries
from quancheng.domains.hazards.queries.owed_periods import WORKING, working_files
from quancheng.domains.hazards.services.owed_periods import bind_periods
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.services.keeping import note as note_act
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.loops.services import enter, follow_owner, move
from quancheng.kernel.names import clean
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.schedule.models import RecurringRule
from quancheng.kernel.schedule.recurrence import Period
from quancheng.standards.hidden_dangers.self_checks import QUARTER, QUARTER_DAY, YEAR, YEAR_DAY, span_before

SIGN, JUDGE = "hazards.signed_statistics.sign", "hazards.signed_statistics.judge"
#: The kind of row that the schedule makes.
GENERATOR = "hazards.statistics_reports"
#: No number and no sum of money of one enterprise reaches this.
MOST = 10**11
_CLOCK = system_actor("hazards", SIGN)


def keep_reports(*, now: datetime) -> int:
    """What the clock does each hour: every working enterprise owes both reports. Of the others ends what may still
    be handed in; what is overdue stays owed, so that nobody is rid of it by a stop."""
    files = list(working_files().values_list("pk", "supervisor"))
    changed = 0
    for kind in StatisticsKind.values:
        wanted = {pk: (office, kind) for pk, office in files}
        changed += bind_periods(actor=_CLOCK, generator=GENERATOR, wanted=wanted, shape=_shape, now=now,
                                kinds=frozenset({kind}))  # fmt: skip
    idle = Enterprise.objects.filter(statistics_reports__status__in=("DUE", "RETURNED")).exclude(
        life__in=WORKING, merged_into__isnull=True
    )
    today = Calendar().local_date(now)
    for row in queries.open_of(list(idle.values_list("pk", flat=True).distinct()), since=today):
        move(actor=_CLOCK, row=row, name="end", now=now, changes={"closed_at": now})
    return changed


def _shape(kind: str) -> tuple[str, str, Mapping[str, object], Mapping[str, object]]:
    name = f"隐患排查治理统计{'季' if kind == QUARTER else '年'}报"
    if kind == YEAR:
        return name, "yearly", {"month": YEAR_DAY[0], "day": YEAR_DAY[1]}, {"kind": kind}
    return name, "quarterly", {"day": QUARTER_DAY, "months": [1, 4, 7, 10]}, {"kind": kind}


def make_report(
    rule: RecurringRule, period: Period, org: Organisation, due_date: date, now: datetime
) -> StatisticsReport:
    """The report of the quarter or year before, as the schedule asks for it."""
    file, kind = Enterprise.objects.get(pk=org.pk), rule.data["kind"]
    first, last = span_before(kind, period.due)
    # Who was bound anew, e.g. under another office, owes a period once.
    known = queries.standing(file.pk, kind, first)
    if known is not None:
        return _follow(known, file, now)
    label = f"{first.year}年" if kind == YEAR else f"{first.year}年第{(first.month + 2) // 3}季度"
    row = StatisticsReport(
        **file.row_scope(), file=file, supervisor_id=file.supervisor_id, kind=kind, first_date=first, last_date=last,
        due_date=due_date, created_at=now, title=f"{label}隐患排查治理统计报表",
    )  # fmt: skip
    try:
        with transaction.atomic():
            made: StatisticsReport = enter(actor=_CLOCK, row=row, now=now, facts={"kind": kind, "period": period.key})
    except IntegrityError:
        # Another made it this moment.
        known = queries.standing(file.pk, kind, first)
        if known is None:
            raise
        return known
    return made


def _follow(row: StatisticsReport, file: Enterprise, now: datetime) -> StatisticsReport:
    """What is open goes to the office that supervises the enterprise now."""
    if row.is_closed or row.supervisor_id == file.supervisor_id:
        return row
    before = row.supervisor_id
    StatisticsReport.objects.filter(pk=row.pk).update(supervisor=file.supervisor_id, updated_at=now)
    row.refresh_from_db()
    follow_owner(row)
    note_act(_CLOCK, "hazards.signed_statistics.follow", file.pk, row, now, {"before": before})
    return row


def sign_report(
    *, actor: Actor, row: StatisticsReport, figures: Mapping[str, int | Decimal], reasons: Mapping[str, str],
    signed: str, note: str, now: datetime, client_id: uuid.UUID | None = None,
) -> StatisticsReport:  # fmt: skip
    """The main person signs the numbers: each that differs from what the system counts now has its reason.

    :param figures: every figure by its code; money in yuan.
    :raises Invalid: by field ``figure_<code>``, ``reason_<code>`` or ``signed``.
    """
    proposed = queries.propose(row.file_id, row.first_date, row.last_date)
    wrong: dict[str, Text] = {}
    for code in queries.codes():
        value = figures.get(code)
        if value is None:
            wrong[f"figure_{code}"] = _("请填写此项。")
        elif not _is_sound(code, value):
            wrong[f"figure_{code}"] = _("应为不小于0的数；金额最多两位小数。")
        elif value != proposed[code] and not clean(reasons.get(code, "")):
            wrong[f"reason_{code}"] = _("与系统统计的%(count)s不同，请写明理由。") % {"count": proposed[code]}
    if clean(signed) != clean(actor.name):
        wrong["signed"] = _("请填写您本人的姓名作为签名。")
    if not wrong:
        wrong = _contradictions(figures)
    if wrong:
        raise Invalid(fields=wrong)
    told = {code: _plain(figures[code]) for code in queries.codes()}
    counted = {code: _plain(proposed[code]) for code in queries.codes()}
    kept = {code: clean(reasons[code])[:300] for code in told if told[code] != counted[code]}
    today = Calendar().local_date(now)
    changes = {
        "proposed": counted, "figures": told, "reasons": kept, "note": clean(note)[:1000], "signer_id": actor.user_id,
        "signed_name": clean(signed)[:130], "signed_at": now, "is_corrected": bool(kept), "returned_reason": "",
        # Late is who first signed late; a return is no new lateness.
        "is_late": row.is_late or (row.status == "DUE" and today > row.due_date),
    }  # fmt: skip
    given = {"signed": True, "figures": told, "reasons": kept, "note": changes["note"]}
    return move(actor=actor, row=row, name="sign", now=now, given=given, changes=changes,
                facts={"proposed": counted}, client_id=client_id)  # fmt: skip


def _is_sound(code: str, value: int | Decimal) -> bool:
    if isinstance(value, bool) or not Decimal(value).is_finite() or not 0 <= value < MOST:
        return False
    exact = Decimal(value)
    return exact == exact.quantize(Decimal("0.01") if code == queries.COST else Decimal(1))


def _plain(value: int | Decimal) -> int | str:
    return str(value.quantize(Decimal("0.01"))) if isinstance(value, Decimal) else int(value)


def _contradictions(figures: Mapping[str, int | Decimal]) -> dict[str, Text]:
    """What cannot be true together, at the figure that is a part or the whole of others."""
    wrong: dict[str, Text] = {}
    if figures["found"] != figures["found_general"] + figures["found_major"]:
        wrong["figure_found"] = _("应等于一般隐患与重大隐患之和。")
    elif figures["found"] != sum(value for code, value in figures.items() if code.startswith(queries.KIND)):
        wrong["figure_found"] = _("应等于各类别之和。")
    for part, whole in (("closed_major", "closed"), ("open_major", "open"), ("overdue", "open")):
        if figures[part] > figures[whole]:
            wrong[f"figure_{part}"] = _("不能大于“%(whole)s”。") % {"whole": queries.label_of(whole)}
    return wrong


def accept_report(
    *, actor: Actor, row: StatisticsReport, now: datetime, client_id: uuid.UUID | None = None
) -> StatisticsReport:
    """The office takes the report in; nothing changes it any more."""
    return move(actor=actor, row=row, name="accept", now=now, changes={"closed_at": now}, client_id=client_id)


def return_report(
    *, actor: Actor, row: StatisticsReport, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> StatisticsReport:
    """The office gives the report back; it is signed anew."""
    said = clean(reason)[:1000]
    return move(actor=actor, row=row, name="return", now=now, given={"reason": said},
                changes={"returned_reason": said}, client_id=client_id)  # fmt: skip
