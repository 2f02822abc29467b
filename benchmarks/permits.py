"""Special work of a district: 1,000 live permits found to meet or not, a million in the archive, checks, audit, pages.

A private server holds the demo district; one of its running permits is copied with all that hangs on it, 33 m apart, so
that some meet and most do not, each with people of its own, and one of its closed ones as often as an archive of years
holds it. ``--scale 1`` makes 1,000 live permits and 1,000,000 archived ones, of which 2,000 have people, measures and
readings; those of the archive share theirs. Copies have no
journal and no moves; their seals are not theirs, so that the clock would stop them: what it asks is measured, and not
what it does.
Server time and processor times are those of ``registry``.
"""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

from benchmarks.harness import Result, Settings
from benchmarks.private import private_server
from benchmarks.registry import _measure, _time

LIVE, ARCHIVED, ROUNDS = 1_000, 1_000_000, 20
TARGET_MS, BOARD_MS, ISSUE_MS = 100.0, 300.0, 50.0
#: Seconds of one core for the rules over so many permits, of the brief; and permits audited with all that is kept.
AUDIT_S, AUDITED, KEPT = 60.0, 100_000, 200
#: Copies that have people, measures and readings; and minutes between the windows of two archived ones.
WHOLE, APART_MIN = 2_000, 1.5
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
        audit(result)
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
    _copy(live, round(LIVE * scale), "L-")
    _copy(done, round(ARCHIVED * scale), "A-")
    result.add("permits", float(Permit.objects.count()), "rows")
    result.add("copies", time.perf_counter() - began, "s")


def _copy(first: Any, count: int, sign: str) -> None:
    """Rows by one statement. Archived ones lie one behind the other in time, live ones side by side."""
    from django.db import connection
    from django.db.models import DateTimeField

    from quancheng.domains.permits.models import GasTest, Permit, PermitMeasure, PermitPerson, PermitSiteCheck
    from quancheng.kernel.ids import uuid7

    told = {
        "id": "gen_random_uuid()", "number": f"'{sign}' || lpad(n::text, 7, '0')",
        "lon": f"lon + {_STEP} * (n %% {_ROW})", "lat": f"lat + {_STEP} * (n / {_ROW} %% {_ROW})",
    }  # fmt: skip
    if not first.level:
        # Those that have no level may stand for one another.
        told["kind"] = "(ARRAY['CS','BL','TE','EX','RC'])[n %% 5 + 1]"
    if sign == "L-":
        # Every tenth is wide hot work, which reaches those beside it.
        told["kind"] = "(ARRAY['HW','CS','TE','EX','RC'])[n %% 5 + 1]"
        told["level"] = "CASE WHEN n %% 5 = 0 THEN 'II' ELSE level END"
        told["radius_m"] = "CASE WHEN n %% 10 = 0 THEN 26 ELSE radius_m END"
    columns = [field.column for field in Permit._meta.concrete_fields]
    if sign == "A-":
        told |= {
            field.column: f"{field.column} - n * interval '{APART_MIN} minutes'"
            for field in Permit._meta.concrete_fields
            if isinstance(field, DateTimeField)
        }
    values = ", ".join(told.get(column, f'"{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO permits_permit ({names}) SELECT {values} "
            "FROM permits_permit, generate_series(1, %s) n WHERE id = %s",
            [count, first.pk],
        )
    own = _own_people(first, count) if sign == "L-" else {}
    whole = Permit.objects.filter(number__startswith=sign).exclude(pk=first.pk).order_by("number")[:WHOLE]
    keys = list(whole.values_list("pk", flat=True))
    for model in (PermitPerson, PermitMeasure, GasTest, PermitSiteCheck):
        children, rows = list(model._default_manager.filter(permit=first)), []
        for number, key in enumerate(keys):
            for child in children:
                again = _again(child)
                again.pk, again.permit_id = uuid7(), key
                if sign == "L-" and model is PermitPerson:
                    again.person_id = own[child.person_id][number]
                rows.append(again)
        model._default_manager.bulk_create(rows, batch_size=2000)


def _own_people(first: Any, count: int) -> dict[Any, list[Any]]:
    """Copies of the people of a permit, with what they may do: nobody works at a thousand places at once."""
    from quancheng.domains.permits.models import PermitPerson
    from quancheng.domains.training.models import Person, PersonPost, PersonQualification, TrainingRecord
    from quancheng.kernel.ids import uuid7

    own: dict[Any, list[Any]] = {}
    for key in PermitPerson.objects.filter(permit=first).values_list("person_id", flat=True).distinct():
        origin, made = Person.objects.get(pk=key), []
        for number in range(count):
            again = _again(origin)
            again.pk, again.staff_no, again.id_index = uuid7(), "", f"{origin.id_index}-{number}"
            made.append(again)
        Person.objects.bulk_create(made, batch_size=2000)
        own[key] = [one.pk for one in made]
        for model in (PersonPost, PersonQualification, TrainingRecord):
            children, rows = list(model._default_manager.filter(person=key)), []
            for one in made:
                for child in children:
                    again = _again(child)
                    again.pk, again.person_id = uuid7(), one.pk
                    rows.append(again)
            model._default_manager.bulk_create(rows, batch_size=2000)
    return own


def _again(row: Any) -> Any:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**values)


def work(result: Result, rounds: int) -> None:
    """What the clock asks each minute."""
    from django.utils import timezone

    from quancheng.domains.permits.models import Permit
    from quancheng.domains.permits.queries.blocks import answers_of
    from quancheng.domains.permits.queries.facts import Around
    from quancheng.domains.permits.queries.loading import load_many, load_rows
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
    live = list(Permit.objects.filter(number__startswith="L-").order_by("number")[: rounds * 5])
    waiting = iter(live * 2)

    def check() -> None:
        row = Permit.objects.select_related("file__enterprise", "file__area", "requester").get(pk=next(waiting).pk)
        answers_of(load_rows(row), "issue", now)

    check()
    _time(result, "checks of one permit at its issue", check, len(live), at_most=ISSUE_MS)


def audit(result: Result) -> None:
    """The rules over permits that were read, on one core; and the audit of single ones with all that it keeps."""
    from django.utils import timezone

    from quancheng.domains.permits.models import Permit
    from quancheng.domains.permits.queries.audit_facts import audited, surroundings_of
    from quancheng.domains.permits.queries.audits import rule_book
    from quancheng.domains.permits.queries.loading import load_rows
    from quancheng.domains.permits.services.auditing import audit_permit
    from quancheng.standards.gb30871.audit.registry import audit as run

    now, book = timezone.now(), rule_book()
    archived = Permit.objects.filter(number__startswith="A-").select_related("file__enterprise").order_by("number")
    # One of each kind, as the demo district played them.
    issued = Permit.objects.filter(issued_at__isnull=False).exclude(number__startswith="A-")
    played = issued.exclude(number__startswith="L-").select_related("file__enterprise").order_by("kind", "pk")
    rows = list({row.kind: row for row in played}.values())
    read = [(audited(load_rows(row), now), surroundings_of(row, now), book(now.date())) for row in rows]
    began = time.process_time()
    rounds = max(1, AUDITED // 10 // len(read))
    for _round in range(rounds):
        for seen, around, rules in read:
            run(seen, "NIGHT", around, rules)
    took = (time.process_time() - began) / (rounds * len(read))
    result.add("audit: kinds of permits", float(len(read)), "")
    result.add(f"audit: rules over {AUDITED:,} permits, of a tenth of them", took * AUDITED, "s", at_most=AUDIT_S)
    kept = list(archived[:KEPT])
    began = time.perf_counter()
    for row in kept:
        audit_permit(permit=row, moment="NIGHT", now=now, rules=book)
    result.add("audit: read, judged and kept, each", (time.perf_counter() - began) * 1000 / len(kept), "ms")


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
        ("permits: running", "officer", "/permits/?running=1"),
        ("permits: searched", "officer", "/permits/?q=A-0000123"),
        ("permits: page 100", "officer", "/permits/?page=100"), ("permit", "officer", f"/permits/{running.pk}"),
        ("permit: other work", "officer", f"/permits/{running.pk}?tab=simops"),
        ("permit: blocks", "officer", f"/permits/{running.pk}?tab=blocks"),
        ("operations", "officer", "/permits/operations"), ("stop orders", "officer", "/permits/orders"),
    ]  # fmt: skip
    for name, who, address in pages:
        _measure(result, name, clients[who], address, rounds, at_most=TARGET_MS)
    for name, who, address in (
        ("board: enterprise", "enterprise1", "/permits/board"), ("board: office", "officer", "/permits/board"),
        ("map", "officer", "/permits/map"), ("statistics", "officer", "/permits/statistics"),
    ):  # fmt: skip
        _measure(result, name, clients[who], address, rounds, at_most=BOARD_MS)
