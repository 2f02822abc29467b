"""Warnings raised, raised higher, and let calm down by the clock (预警时钟). All of it may run in two processes."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import GuarantorRole
from quancheng.domains.hazards.queries.guarantors import present_in, standing_of
from quancheng.domains.monitoring.models import RiskWarning, WarningCheck, WarningColour
from quancheng.domains.monitoring.notices import WARNING, WARNING_LAPSED
from quancheng.domains.monitoring.queries import escalation
from quancheng.domains.monitoring.queries.telling import chiefs_of
from quancheng.domains.monitoring.queries.warning_terms import WarningTerms, terms_at
from quancheng.domains.monitoring.queries.warnings import (
    Place,
    facts_of,
    files_just_changed,
    files_to_judge,
    hazard_of,
    lapsed,
)
from quancheng.domains.monitoring.services.one_by_one import each
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.notices.services import notify, people_for
from quancheng.standards.risk.colours import Colour
from quancheng.standards.signals.responses import Shade, escalated, five_rules_colour

HOUSE = system_actor("monitoring", "monitoring.answer", "monitoring.review")
#: The person of a major hazard who hears of a colour (major-hazard 5.8); who is graver hears as well.
_PERSON = {
    Colour.RED: GuarantorRole.MAIN, Colour.ORANGE: GuarantorRole.TECHNICAL, Colour.YELLOW: GuarantorRole.OPERATION,
}  # fmt: skip


def watch_changed(*, now: datetime) -> int:
    """Judge the enterprises about whose alarms something was just done. Cheap where nothing was."""
    return judge(files_just_changed(now=now), now=now)


def watch_all(*, now: datetime) -> int:
    """Judge every enterprise of which something may be to be said; what time alone brings is found here."""
    return judge(files_to_judge(now=now), now=now)


def judge(files: Collection[uuid.UUID], *, now: datetime) -> int:
    """Raise, raise higher, or let calm down the warnings of some enterprises; how many changed."""
    if not files:
        return 0
    terms, steps = terms_at(now), escalation.steps_at(now)

    def act(found: Enterprise) -> int:
        # Two processes at once: the second waits and then sees what the first made.
        locked = Enterprise.objects.select_for_update(no_key=True, of=("self",)).select_related("enterprise")
        file = locked.get(pk=found.pk)
        facts = facts_of({file.pk}, terms=terms, steps=steps, now=now)
        shades = {place: five_rules_colour(one) for place, one in facts.items()}
        return _bring_up(file, shades, terms=terms, now=now)

    return each(Enterprise.objects.filter(pk__in=files).order_by("pk"), act, what="judging")


def _bring_up(file: Enterprise, shades: dict[Place, Shade], *, terms: WarningTerms, now: datetime) -> int:
    standing = {
        (row.file_id, row.hazard_id): row
        for row in RiskWarning.objects.filter(file=file).exclude(status="CLOSED").select_related("hazard")
    }
    changed = 0
    for place in sorted({*shades, *standing}, key=str):
        shade, row = shades.get(place, Shade(None, ())), standing.get(place)
        if shade.colour is None:
            changed += row is not None and _calm(row, now)
        elif row is None:
            _raise(file, place, shade.colour, shade.reasons, terms=terms, now=now)
            changed += 1
        else:
            changed += _go_on(row, shade.colour, shade.reasons, terms=terms, now=now)
    return changed


def _calm(row: RiskWarning, now: datetime) -> bool:
    return bool(RiskWarning.objects.filter(pk=row.pk, calm_from__isnull=True).update(calm_from=now, updated_at=now))


def _raise(
    file: Enterprise, place: Place, colour: Colour, reasons: Iterable[str], *, terms: WarningTerms, now: datetime
) -> None:
    hazard = hazard_of(place[1])
    name = file.enterprise.name if file.enterprise is not None else ""
    row = RiskWarning(
        **file.row_scope(), file=file, hazard=hazard, supervisor_id=file.supervisor_id, colour=colour,
        facts_colour=colour, reasons=sorted(reasons), raised_at=now, turned_at=now,
        title=_title(f"{name} {hazard.name}" if hazard else name, colour),
        respond_by=terms.due(colour, "respond_s", now), report_by=terms.due(colour, "report_s", now),
    )  # fmt: skip
    enter(actor=HOUSE, row=row, now=now, facts={"colour": int(colour), "reasons": row.reasons})
    _call(row, terms=terms, now=now)


def _title(whose: str, colour: int) -> str:
    # Kept with the row, in Chinese as every record.
    return f"{whose}{_WORDS[Colour(colour)]}预警"[:300]


_WORDS = {Colour.RED: "红色", Colour.ORANGE: "橙色", Colour.YELLOW: "黄色", Colour.BLUE: "蓝色"}


def _go_on(row: RiskWarning, colour: Colour, reasons: Iterable[str], *, terms: WarningTerms, now: datetime) -> bool:
    """What still stands: graver than before it begins anew, else its reasons are kept up."""
    joined = sorted({*row.reasons, *reasons})
    if colour >= row.colour:
        known = RiskWarning.objects.filter(pk=row.pk).exclude(reasons=joined, calm_from__isnull=True)
        return bool(known.update(reasons=joined, calm_from=None, updated_at=now))
    changes = {**_changes(row, colour, terms=terms, now=now), "reasons": joined, "calm_from": None,
               "facts_colour": int(colour)}  # fmt: skip
    move(actor=HOUSE, row=row, name="rise", changes=changes, now=now, facts={"colour": int(colour)})
    _call(row, terms=terms, now=now)
    return True


def _changes(row: RiskWarning, colour: Colour, *, terms: WarningTerms, now: datetime) -> dict[str, object]:
    whose = row.title.removesuffix("预警").removesuffix(_WORDS[Colour(row.colour)])
    return {
        "colour": int(colour), "turned_at": now, "title": _title(whose, colour), "is_unanswered": False,
        "respond_by": terms.due(colour, "respond_s", now), "report_by": terms.due(colour, "report_s", now),
    }  # fmt: skip


def escalate_warnings(*, now: datetime) -> int:
    """Raise what nobody answered in time by a colour, and tell the next person; how many. Red is told once more."""
    terms = terms_at(now)
    return each(lapsed(now=now), lambda row: _lapse(row, terms=terms, now=now), what="escalating")


def _lapse(row: RiskWarning, *, terms: WarningTerms, now: datetime) -> bool:
    # Two processes at once, or an answer between: whoever counts first goes on.
    mine = RiskWarning.objects.filter(pk=row.pk, status="RAISED", respond_by=row.respond_by, is_unanswered=False)
    is_red = row.colour == WarningColour.RED
    if not mine.update(escalated_count=row.escalated_count + 1, is_unanswered=is_red):
        return False
    row.refresh_from_db()
    colour, _needs_call = escalated(Colour(row.colour), 0 if is_red else 1)
    changes = {} if is_red else _changes(row, colour, terms=terms, now=now)
    facts = {"colour": int(colour), "times": row.escalated_count}
    move(actor=HOUSE, row=row, name="lapse", changes=changes, now=now, facts=facts)
    _call(row, terms=terms, now=now, kind=WARNING_LAPSED)
    return True


def needs_call(row: RiskWarning) -> bool:
    """Whether a call must be on record: red, where the district phones at once, or two escalations."""
    return row.colour == WarningColour.RED or escalated(Colour(row.colour), row.escalated_count)[1]


def _call(row: RiskWarning, *, terms: WarningTerms, now: datetime, kind: str = WARNING) -> None:
    """Tell the enterprise and, of what it must act on, the office, which owes a check by its time."""
    _notify(row, {*_of_enterprise(row, now)}, kind, now)
    if terms.part(row.colour, "authority_s") is None:
        return
    due_at, call = terms.due(row.colour, "authority_s", row.turned_at), needs_call(row)
    title = _("核查：%(title)s") % {"title": row.title}
    check = WarningCheck.objects.filter(warning=row, status="DUE").first()
    if check is None:
        check = WarningCheck(
            **row.scope_columns(owner=row.supervisor_id, reach="chain"), warning=row,
            title=title[:300], colour=row.colour, due_at=due_at, needs_call=call,
        )  # fmt: skip
        enter(actor=HOUSE, row=check, now=now, facts={"warning": row.pk, "colour": row.colour})
    else:
        changes = {"title": title[:300], "colour": row.colour, "due_at": due_at, "needs_call": call}
        move(actor=HOUSE, row=check, name="raise", changes=changes, now=now)
    _notify(check, people_for(organisation_id=row.supervisor_id, duty="monitoring.review"), kind, now)
    if row.colour == WarningColour.RED:
        _notify(row, chiefs_of(row.supervisor_id), kind, now)


def _of_enterprise(row: RiskWarning, now: datetime) -> Iterable[uuid.UUID]:
    """Operators, and the person of the colour and of graver ones below it; without a hazard, who leads it."""
    yield from people_for(organisation_id=row.file_id, duty="monitoring.answer")
    if row.colour <= WarningColour.ORANGE:
        yield from people_for(organisation_id=row.file_id, duty="monitoring.confirm")
    if row.colour == WarningColour.RED:
        yield from chiefs_of(row.file_id)
    if row.hazard_id is not None:
        standing = standing_of(row.hazard_id, Calendar().local_date(now))
        roles = {role for colour, role in _PERSON.items() if colour >= row.colour}
        yield from present_in(row.file_id, [one.person_id for role, one in standing.items() if role in roles])


def _notify(row: RiskWarning | WarningCheck, users: Iterable[uuid.UUID], kind: str, now: datetime) -> None:
    notify(users=set(users), kind=kind, data={"title": row.title}, now=now, subject_type=row.row_type(),
           subject_id=row.pk)  # fmt: skip
