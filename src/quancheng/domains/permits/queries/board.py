"""The permit board (许可看板): what runs, stands, is signed and to be signed, with how old its gas and its check are.

Twelve queries at most, whatever the number of permits and enterprises.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When

from quancheng.domains.permits.loops.permit import BEGUN
from quancheng.domains.permits.models import (
    GasTest,
    Part,
    Permit,
    PermitPerson,
    PermitScreen,
    PermitSignature,
    SpaceEntry,
)
from quancheng.domains.permits.queries.blocks import approval_row, departments_of
from quancheng.domains.permits.queries.figures import log_every
from quancheng.domains.permits.queries.guarding import last_looks, next_look
from quancheng.domains.permits.queries.open_pages import tone_of
from quancheng.domains.permits.queries.papers import level_colour, place_of
from quancheng.domains.permits.queries.rescue import is_down, newest_rescues
from quancheng.domains.permits.queries.staying import Stay, stays_of
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.standards.gb30871 import roles
from quancheng.standards.gb30871.kinds import rank

#: States that stand on the board, in its order.
STATES = ("WORKING", "SUSPENDED", "ISSUED", "APPROVING", "FINISHED")
#: Void with somebody inside still: stands before all others until he is out.
_INSIDE = Q(status="VOID") & Exists(SpaceEntry.objects.filter(permit=OuterRef("pk"), left_at__isnull=True))
_LIVE = ("ISSUED", "WORKING", "SUSPENDED")
#: A permit whose window ends so soon is told so.
SOON = timedelta(minutes=60)
#: Cards of one board at most; the list has the rest.
MOST = 120


@dataclass(frozen=True, slots=True)
class Card:
    """One permit on the board; ages in whole minutes, None where nothing was done yet."""

    permit: Permit
    tone: str
    meaning: str
    level_colour: str
    place: str
    #: Minutes to the end of the window; below 0 it is over.
    left_min: int
    is_soon: bool
    gas_min: int | None
    is_gas_late: bool
    check_min: int | None
    is_check_late: bool
    guardians: Sequence[str]
    #: How many are in the space, how long the longest is there, and whether somebody is longer than he may be.
    inside: int
    stay_min: int | None
    is_stay_late: bool
    #: Of a confined space in work: who should stand ready to get people out does not.
    is_rescue_down: bool
    #: The step that is signed next, and the department that countersigns; empty where nothing is.
    next_step: str
    next_department: str

    @property
    def gas_hours(self) -> int:
        """Whole hours since the last gas test; 0 below two, which are told in minutes."""
        return _hours(self.gas_min)

    @property
    def check_hours(self) -> int:
        """The same of the guardian's last look."""
        return _hours(self.check_min)


def _hours(minutes: int | None) -> int:
    return minutes // 60 if minutes is not None and minutes >= 120 else 0


@dataclass(frozen=True, slots=True)
class Board:
    """Cards by state, those whose window ends first at the head; how many there are by state and end soon, shown or
    not; how many of those shown are late."""

    groups: Sequence[tuple[str, Sequence[Card]]]
    total: int
    soon: int
    late: int
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def hidden(self) -> int:
        return max(0, self.total - MOST)


def on_board(*, actor: Actor, rows: QuerySet[Permit]) -> QuerySet[Permit]:
    """Of permits that a query gave to the actor those that stand on a board."""
    return rows.filter(Q(status__in=STATES) | _INSIDE)


def of_file(file: Enterprise) -> QuerySet[Permit]:
    """Permits of an enterprise for its own screen, which was found by its token."""
    rows = Permit.objects.filter(Q(status__in=STATES) | _INSIDE, file=file)
    return rows.select_related("enterprise", "unit", "facility")


def board_of(rows: QuerySet[Permit], now: datetime) -> Board:
    """The board of permits on it. Ages are counted at ``now``."""
    order = ("VOID", *STATES)
    by_state = Case(*(When(status=state, then=n) for n, state in enumerate(order)))
    shown = list(rows.order_by(by_state, "window_end", "pk")[:MOST])
    counts = dict(rows.order_by().values_list("status").annotate(count=Count("pk", distinct=True)))
    soon = rows.filter(status__in=_LIVE, window_end__lte=now + SOON).order_by().values("pk").distinct().count()
    keys = [one.pk for one in shown]
    gas = _newest_gas(keys)
    every = log_every({one.file_id for one in shown if one.kind == "CS"}, Calendar().local_date(now))
    checks = last_looks(shown)
    guardians: dict[uuid.UUID, list[str]] = {}
    people = PermitPerson.objects.filter(permit__in=keys, part=Part.GUARDIAN, ended_at__isnull=True)
    for one in people.select_related("person").order_by("permit", "number"):
        guardians.setdefault(one.permit_id, []).append(one.person.name[:1])
    signed: dict[uuid.UUID, list[PermitSignature]] = {}
    waiting = [one.pk for one in shown if one.status in ("APPROVING", "ISSUED")]
    for each in PermitSignature.objects.filter(permit__in=waiting, withdrawn_at__isnull=True).order_by("pk"):
        signed.setdefault(each.permit_id, []).append(each)
    stays = stays_of(shown, now)
    rescues = newest_rescues([one.pk for one in shown if one.kind == "CS" and one.status in BEGUN])
    unready = {key for key, row in rescues.items() if is_down(row, now)}
    cards = [
        _card(
            one, now, stays.get(one.pk, ()), gas.get(one.pk), every.get(one.file_id), checks.get(one.pk),
            guardians.get(one.pk, []), signed.get(one.pk, []), one.pk in unready,
        )
        for one in shown
    ]  # fmt: skip
    groups = [(state, [one for one in cards if one.permit.status == state]) for state in order]
    return Board(
        groups=groups, total=sum(counts.values()), soon=soon,
        late=sum(one.is_gas_late or one.is_check_late or one.is_stay_late or one.is_rescue_down for one in cards),
        counts={state: counts.get(state, 0) for state in order},
    )  # fmt: skip


def _newest_gas(keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    rows = GasTest.objects.filter(permit__in=keys).order_by("permit", "-sampled_at").distinct("permit")
    return dict(rows.values_list("permit", "sampled_at"))


def _card(
    one: Permit, now: datetime, stays: Sequence[Stay], gas: datetime | None, every: timedelta | None,
    check: datetime | None, guardians: Sequence[str], signed: Sequence[PermitSignature], is_rescue_down: bool,
) -> Card:  # fmt: skip
    tone, meaning = tone_of(one, now)
    works, due = one.status == "WORKING", next_look(one, check)
    step, department = next_step(one, signed)
    left = int((one.window_end - now).total_seconds() // 60)
    return Card(
        permit=one, tone=tone, meaning=meaning, level_colour=level_colour(one), place=place_of(one), left_min=left,
        is_soon=one.status in _LIVE and one.window_end - now <= SOON,
        gas_min=_age(gas, now),
        is_gas_late=works and one.kind == "CS" and every is not None and (gas is None or now - gas > every),
        check_min=_age(check, now), is_check_late=due is not None and due < now,
        inside=len(stays), stay_min=max((each.minutes for each in stays), default=None),
        is_stay_late=any(each.is_late for each in stays), is_rescue_down=is_rescue_down,
        guardians=guardians, next_step=step, next_department=department,
    )  # fmt: skip


def _age(at: datetime | None, now: datetime) -> int | None:
    return None if at is None else max(0, int((now - at).total_seconds() // 60))


def next_step(permit: Permit, signed: Sequence[PermitSignature]) -> tuple[str, str]:
    """The step that is signed next and the department that countersigns, by what stands on the permit; both empty
    where nothing is to be signed. Who really must sign is asked anew when he does."""
    if permit.status not in ("APPROVING", "ISSUED"):
        return "", ""
    row = approval_row(permit, None)
    if permit.kind in ("HW", "WH", "LF"):
        codes = [code for code in (permit.level, permit.effective) if code]
        row = roles.approval(permit.kind, max(codes, key=lambda code: rank(permit.kind, code)))
    steps = list(row.steps_to_issue)
    if permit.kind == "HW" and permit.base == "S" and permit.is_upgraded:
        steps.insert(-1, "CHIEF_ON_DUTY")
    if permit.risk_approver and "APPROVER" not in steps:
        steps.append("APPROVER")
    if permit.status == "ISSUED":
        steps = [step for step in ("SHIFT_LEADER",) if step in row.steps]
    given = {one.step for one in signed}
    for step in steps:
        if step == "COUNTERSIGNER" and step in given:
            have = {one.department for one in signed if one.step == step}
            missing = [one for one in departments_of(permit) if one not in have]
            if missing:
                return step, missing[0]
        elif step not in given:
            return step, (departments_of(permit) or ("",))[0] if step == "COUNTERSIGNER" else ""
    return "", ""


def screens_of(file: Enterprise) -> Sequence[PermitScreen]:
    """Screens of an enterprise, those in use first."""
    return list(PermitScreen.objects.filter(file=file).order_by("revoked_at", "-made_at", "pk"))


def get_screen(*, file: Enterprise, screen_id: uuid.UUID) -> PermitScreen:
    """A screen of a file that a query gave to the actor. :raises NotFound: there is none."""
    found = PermitScreen.objects.filter(file=file, pk=screen_id).first()
    if found is None:
        raise NotFound
    return found
