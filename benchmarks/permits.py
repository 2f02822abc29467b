"""Special work of a district: 1,000 live permits found to meet or not, asked each minute, and their pages.

A private server holds the demo district; one of its running permits is copied with all that hangs on it, a hundred
metres apart, so that some meet and most do not. ``--scale 1`` makes 1,000 live permits and 20,000 archived ones.
Copies have no journal and no moves; their seals are not theirs, so that the clock would stop them: what it asks is
measured, not what it does. Server time and processor times are those of ``registry``.
"""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

from benchmarks.harness import Result, Settings
from benchmarks.private import private_server
from benchmarks.registry import _measure, _time

LIVE, ARCHIVED, ROUNDS = 1_000, 20_000, 20
TARGET_MS = 100.0
#: Milliseconds for everything that meets in the district, of the brief; and for the questions of a minute.
SIMOPS_MS, MINUTE_MS = 1_000.0, 20_000.0
#: Degrees from one copy to the next, and copies in a row.
_STEP, _ROW = Decimal("0.000300"), 40


def run(settings: Settings) -> Result:
    """Fill, work, ask; everything is thrown away at the end."""
    result = Result()
    with private_server() as private:
        load_demo(result)
        fill(result, settings.scale)
        private.analyse(result)
        rounds = settings.rounds or ROUNDS
        work(result, rounds)
        ask(result, rounds)
    return result


def load_demo(result: Result) -> None:
    """Of the demo district what this benchmark needs."""
    from importlib import import_module

    from django.db import transaction
    from django.utils import timezone

    from quancheng.runtime import demo

    began = time.perf_counter()
    with transaction.atomic():
        district = demo._found(1, 1, timezone.now())
        demo._organise(district)
        demo._staff(district)
        for room in ("registry", "training", "risk", "hazards", "permits"):
            import_module(f"quancheng.domains.{room}.demo").load(district)
    result.add("the demo district's part", time.perf_counter() - began, "s")


def fill(result: Result, scale: float) -> None:
    """Copies of one running and one archived permit."""
    from quancheng.domains.permits.models import Permit

    began = time.perf_counter()
    live = Permit.objects.filter(status="WORKING").order_by("pk")[0]
    done = Permit.objects.filter(status="CLOSED").order_by("pk")[0]
    _copy(live, round(LIVE * scale), "L")
    _copy(done, round(ARCHIVED * scale), "A")
    result.add("permits", float(Permit.objects.count()), "rows")
    result.add("copies", time.perf_counter() - began, "s")


def _copy(first: Any, count: int, sign: str) -> None:
    from quancheng.domains.permits.models import GasTest, Permit, PermitMeasure, PermitPerson, PermitSiteCheck
    from quancheng.kernel.ids import uuid7

    kinds = ("HW", "CS", "BL", "WH", "LF", "TE", "EX", "RC")
    made: list[Any] = []
    for number in range(count):
        row = Permit.objects.get(pk=first.pk) if not made else _again(made[0])
        row.pk, row.number, row.kind = uuid7(), f"{sign}{number:06}", kinds[number % len(kinds)]
        row.lon, row.lat = first.lon + _STEP * (number % _ROW), first.lat + _STEP * (number // _ROW)
        row.window_start -= timedelta(minutes=number % 60) if sign == "A" else timedelta(0)
        made.append(row)
    Permit.objects.bulk_create(made, batch_size=2000)
    for model in (PermitPerson, PermitMeasure, GasTest, PermitSiteCheck):
        children = list(model._default_manager.filter(permit=first))
        rows = []
        for one in made[:2000]:
            for child in children:
                again = _again(child)
                again.pk, again.permit = uuid7(), one
                rows.append(again)
        model._default_manager.bulk_create(rows, batch_size=2000)


def _again(row: Any) -> Any:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**values)


def work(result: Result, rounds: int) -> None:
    """What the clock asks each minute."""
    from django.utils import timezone

    from quancheng.domains.permits.models import Permit
    from quancheng.domains.permits.queries.facts import Around
    from quancheng.domains.permits.queries.loading import load_many
    from quancheng.domains.permits.queries.simops import all_met
    from quancheng.domains.permits.services.clock import failing

    now = timezone.now()
    found = all_met(now=now)
    result.add("permits that meet others", float(sum(1 for rows in found.values() if rows)), "rows")
    _time(result, "everything that meets", lambda: all_met(now=now), rounds, at_most=SIMOPS_MS)

    def minute() -> None:
        around = Around()
        rows = Permit.objects.filter(status="WORKING").select_related("file__enterprise", "file__area", "requester")
        for one in load_many(list(rows)).values():
            failing(one, now, around)

    _time(result, "checks of all running work", minute, min(rounds, 3), at_most=MINUTE_MS)


def ask(result: Result, rounds: int) -> None:
    """Pages as who opens them."""
    from tests.support.signing import signed_in

    from quancheng.domains.permits.models import Permit
    from quancheng.kernel.people.models import Membership
    from quancheng.runtime.settle import load_addresses, loading

    clients = {name: signed_in(Membership.objects.get(user__username=name)) for name in ("officer", "enterprise1")}
    with loading():
        load_addresses()
    running = Permit.objects.filter(status="WORKING").order_by("pk")[0]
    pages = [
        ("permits: office", "officer", "/permits/"), ("permits: enterprise", "enterprise1", "/permits/"),
        ("permits: running", "officer", "/permits/?running=1"), ("permits: searched", "officer", "/permits/?q=A000123"),
        ("permits: page 100", "officer", "/permits/?page=100"), ("permit", "officer", f"/permits/{running.pk}"),
        ("permit: other work", "officer", f"/permits/{running.pk}?tab=simops"),
        ("permit: blocks", "officer", f"/permits/{running.pk}?tab=blocks"),
        ("operations", "officer", "/permits/operations"), ("stop orders", "officer", "/permits/orders"),
    ]  # fmt: skip
    for name, who, address in pages:
        _measure(result, name, clients[who], address, rounds, at_most=TARGET_MS)
