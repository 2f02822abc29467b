"""The registry with many enterprises: lists, files, where a chemical is, grades of all units, the map's answer.

``--scale 1`` holds 10,000 enterprises with ten stock rows each; what is promised is ``--scale 10``. A private server
holds the demo district's people and its part of the registry, and the rest beside it by COPY, as the application's
role and under the same constraints: each has an organisation, a unit with two facilities, and ten stock rows of
chemicals by weights (chlorine one in a hundred). The copies have no journal and no assessments: what is measured reads
neither but the page of one file, for which a file of the demo is asked besides. Server time is from the request's entry
to the last byte of the answer, in process, through all middleware; as in the web process, what is loaded is kept out of
the collector's sight before. Processor times of this process and of its database process stand beside the wall's: on a
machine that others use they are what a quiet one would come near to.
"""

from __future__ import annotations

import itertools
import os
import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.harness import Result, Settings, percentile
from benchmarks.lists import _asker
from benchmarks.private import private_server

ENTERPRISES, STOCKS, PLACES = 10_000, 10, 500
#: Rows of the imported sheet: as many as one may have.
IMPORTED = 20_000
ROUNDS = 40
TARGET_MS, CHLORINE_MS, MAP_MS, MAP_KB, MOST_QUERIES = 100.0, 50.0, 150.0, 300.0, 15
#: Seconds on one core for 100,000 units with ten stocks each.
GRADES_S, GRADED_UNITS = 30.0, 100_000
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
#: Class and its share in a hundred; paper traders at ``--scale 10`` are nearly the 10,000 points of the map's promise.
_KINDS = (("petrol_station", 22), ("user", 30), ("trader_storage", 16), ("trader_paper", 9), ("laboratory", 8),
          ("alcohol_fuel", 10), ("pharmaceutical", 2), ("depot", 2), ("producer", 1))  # fmt: skip


def run(settings: Settings) -> Result:
    """Fill, then ask; everything is thrown away at the end."""
    result = Result()
    with private_server() as private:
        _fill(result, round(ENTERPRISES * settings.scale))
        private.analyse(result)
        _ask_pages(result, settings)
        _ask_queries(result, settings.rounds or ROUNDS)
        _grade(result)
        _import(result)
    return result


# Filling ---------------------------------------------------------------------------------------------------------


def _fill(result: Result, enterprises: int) -> None:
    from django.db import connection, transaction

    from quancheng.domains.registry import demo as registry_demo
    from quancheng.runtime import demo

    began = time.perf_counter()
    with transaction.atomic():
        district = demo._found(1, 1, NOW)
        demo._organise(district)
        demo._staff(district)
        registry_demo.load(district)
    result.add("the registry's part of the demo district", time.perf_counter() - began, "s")
    began = time.perf_counter()
    with transaction.atomic():
        rows = _copy_all(enterprises)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    seconds = time.perf_counter() - began
    result.add("enterprises by COPY", enterprises, "rows")
    result.add("stock by COPY", enterprises * STOCKS, "rows")
    result.add(f"{rows:,} rows by COPY, checked", seconds, "s")
    result.add("rows a second", rows / seconds, "1/s")


def _copy_all(enterprises: int) -> int:
    """Every table in turn, referred-to rows first; how many rows."""
    from quancheng.domains.registry.models import Completeness, Enterprise, Facility, Holding, SensitivePlace, Unit
    from quancheng.kernel.people.models import Organisation

    chance = random.Random(1)
    firms = list(_firms(enterprises, chance))
    chemicals = _chemicals()
    total = _copy(Organisation, _like(Organisation.objects.get(name="青岚区西关加油站"), firms, ("organisation",)))
    total += _copy(Enterprise, _like(Enterprise.objects.get(enterprise__name="青岚区西关加油站"), firms, ("file",)))
    total += _copy(Completeness, _like(Completeness.objects.filter(vacant_posts__gt=0)[0], firms, ("score",)))
    total += _copy(Unit, _like(Unit.objects.filter(kind="storage", boundary="dike")[0], firms, ("unit",)))
    total += _copy(Facility, _like(Facility.objects.filter(kind="tank")[0], firms, ("tank", "bay")))
    stock = _stocks(firms, chemicals, chance)
    total += _copy(Holding, _like(Holding.objects.filter(present_t__gt=0)[0], stock, ("holding",)))
    near = list(_near(firms, chance))
    return total + _copy(SensitivePlace, _like(SensitivePlace.objects.all()[0], near, ("place",)))


def _firms(number: int, chance: random.Random) -> Iterator[dict[str, dict[str, Any]]]:
    from quancheng.domains.registry.kinds import LINKS_OF
    from quancheng.kernel.areas.models import Area

    streets = list(Area.objects.filter(level="street").values_list("pk", flat=True))
    kinds = [kind for kind, _share in _KINDS]
    shares = [share for _kind, share in _KINDS]
    for place in range(number):
        pk, unit, area = _uuid(chance), _uuid(chance), chance.choice(streets)
        kind = chance.choices(kinds, shares)[0]
        lon, lat = (Decimal(f"{middle + chance.gauss(0, 0.05):.6f}") for middle in (122.6, 35.6))
        grade = chance.choice((1, 2, 3, 4, 4, 4)) if chance.random() < 0.01 else None
        name, sort = f"测试企业{place:06d}", f"ceshiqiye{chance.randrange(10**6):06d}"
        links = list(LINKS_OF[kind])
        yield {
            "organisation": {"id": pk, "name": name, "short_name": "", "credit_code": None, "pinyin": sort,
                             "initials": "csqy", "area_id": area, "links": links},
            "file": {"id": pk, "owner_org_id": pk, "enterprise_id": pk, "area_id": area, "links": links, "kind": kind,
                     "lon": lon, "lat": lat, "boundary": None, "verified_at": NOW if chance.random() < 0.8 else None,
                     "life": "operating" if chance.random() < 0.95 else "stopped",
                     "address": f"测试路{place}号"},
            "score": {"file_id": pk, "score": chance.randrange(20, 101), "vacant_posts": 1 + place % 3},
            "unit": {"id": unit, "file_id": pk, "code": "U1", "legal_grade": grade, "legal_r": None,
                     "legal_s": Decimal(1) if grade else 0, "present_grade": None},
            "tank": {"id": _uuid(chance), "unit_id": unit, "code": "V-1", "kind": "tank"},
            "bay": {"id": _uuid(chance), "unit_id": unit, "code": "K-1", "kind": "bay"},
        }  # fmt: skip


def _stocks(
    firms: Sequence[dict[str, dict[str, Any]]], chemicals: Sequence[uuid.UUID], chance: random.Random
) -> Iterator[dict[str, dict[str, Any]]]:
    """Ten chemicals an enterprise, five in each facility; the first of ``chemicals`` in one row of a hundred."""
    for firm in firms:
        held = chance.sample(chemicals[1:], STOCKS)
        if chance.random() < STOCKS / 100:
            held[0] = chemicals[0]
        for place, chemical in enumerate(held):
            present = Decimal(chance.randrange(1, 40_000)) / 1000
            yield {
                "holding": {"id": _uuid(chance), "file_id": firm["file"]["id"], "chemical_id": chemical, "product": "",
                            "facility_id": firm["tank" if place < STOCKS // 2 else "bay"]["id"],
                            "present_t": present, "design_t": present * 2, "licensed_t": present * 2}
            }  # fmt: skip


def _near(firms: Sequence[dict[str, dict[str, Any]]], chance: random.Random) -> Iterator[dict[str, dict[str, Any]]]:
    for number in range(PLACES):
        firm = chance.choice(firms)["file"]
        where = {"lon": firm["lon"] + Decimal("0.004"), "lat": firm["lat"], "boundary": None}
        where["area_id"] = firm["area_id"]
        yield {"place": {"id": _uuid(chance), "name": f"测试学校{number}", "pinyin": f"ceshi{number}", **where}}


def _chemicals() -> list[uuid.UUID]:
    """Those whose data ship, chlorine first."""
    from quancheng.domains.registry.models import Chemical

    rows = list(Chemical.objects.exclude(hazard_classes=[]).order_by("pinyin").values_list("name", "pk"))
    return [pk for name, pk in rows if name == "氯"] + [pk for name, pk in rows if name != "氯"]


def _uuid(chance: random.Random) -> uuid.UUID:
    return uuid.UUID(int=(1 << 124) | chance.getrandbits(120))


def _like(row: Any, given: Iterable[dict[str, dict[str, Any]]], parts: Sequence[str]) -> Iterator[list[Any]]:
    """Rows like one that a service made, with what differs."""
    from django.db.models import JSONField
    from psycopg.types.json import Jsonb

    fields = [field for field in row._meta.concrete_fields if not field.generated]
    columns = [field.attname for field in fields]
    values = [(field, getattr(row, field.attname)) for field in fields]
    base = [Jsonb(value) if isinstance(field, JSONField) and value is not None else value for field, value in values]
    for one in given:
        for part in parts:
            changes = one[part]
            yield [changes.get(name, value) for name, value in zip(columns, base, strict=True)]


def _copy(model: Any, rows: Iterable[list[Any]]) -> int:
    from django.db import connection

    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields if not field.generated)
    total = 0
    statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            total += 1
    return total


# Asking ----------------------------------------------------------------------------------------------------------


def _ask_pages(result: Result, settings: Settings) -> None:
    from tests.support.signing import signed_in

    from quancheng.domains.registry.models import Chemical, Enterprise
    from quancheng.kernel.people.models import Membership
    from quancheng.runtime.settle import load_addresses, loading

    clients = {
        username: signed_in(Membership.objects.get(user__username=username))
        for username in ("officer", "emb", "street1")
    }
    copied = Enterprise.objects.filter(enterprise__name__startswith="测试企业").order_by("pk")[100]
    depot = Enterprise.objects.get(enterprise__name="青岚区蓝湾石化储运有限公司")
    chlorine = Chemical.objects.get(name="氯")
    with loading():
        load_addresses()
    pages = [
        ("list, office", "officer", "/registry/enterprises"),
        ("list, department", "emb", "/registry/enterprises"),
        ("list, street", "street1", "/registry/enterprises"),
        ("list, page 100", "officer", "/registry/enterprises?page=100"),
        ("list, by class", "officer", "/registry/enterprises?kind=depot"),
        ("list, major hazards", "officer", "/registry/enterprises?major=1"),
        ("list, searched", "officer", "/registry/enterprises?q=009999"),
        ("list, sorted by grade", "officer", "/registry/enterprises?sort=grade"),
        ("list, count", "officer", "/registry/enterprises?part=count"),
        ("file, ten stocks", "officer", f"/registry/enterprises/{copied.pk}"),
        ("file, the demo's depot", "officer", f"/registry/enterprises/{depot.pk}"),
        ("chemical: where is chlorine", "officer", f"/registry/chemicals/{chlorine.pk}"),
        ("chemical, as a street", "street1", f"/registry/chemicals/{chlorine.pk}"),
        ("empty posts of the district", "officer", "/registry/posts"),
        ("map page", "officer", "/registry/map"),
    ]
    rounds = settings.rounds or ROUNDS
    for name, who, address in pages:
        _measure(result, name, clients[who], address, rounds, at_most=TARGET_MS)
    narrowed = "?life=operating" if settings.scale == 1 else "?kind=trader_paper"
    for name, who, query in (
        ("map", "officer", narrowed),
        ("map, street", "street1", ""),
        ("map, whole", "officer", ""),
    ):
        address = f"/registry/map/data{query}"
        content = clients[who].get(address, HTTP_HOST="localhost").content
        drawn = content.count(b",")
        _measure(result, f"{name}: answer", clients[who], address, rounds, at_most=MAP_MS)
        result.add(f"{name}: size", len(content) / 1000, "kB", at_most=MAP_KB)
        result.add(f"{name}: numbers in it", drawn + 1, "")


def _measure(result: Result, name: str, client: Any, address: str, rounds: int, *, at_most: float) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ask = _asker(client, address)
    with CaptureQueriesContext(connection) as captured:
        status = ask()
        asked = len(captured)
    if status != 200:
        result.notes.append(f"{name} ({address}) answers {status} and was not measured")
        return
    _time(result, name, ask, rounds, at_most=at_most)
    result.add(f"{name}: queries", asked, "", at_most=MOST_QUERIES)


def _time(result: Result, name: str, ask: Callable[[], object], rounds: int, *, at_most: float | None) -> None:
    """Wall time, and processor time of this process and of its server's process: what a quiet machine would take."""
    spent = []
    process, server = time.process_time(), _server_s()
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        spent.append((time.perf_counter() - began) * 1000)
    process, server = time.process_time() - process, _server_s() - server
    result.add(f"{name}: p95", percentile(spent, 0.95), "ms", at_most=at_most)
    result.add(f"{name}: processor here, mean", process * 1000 / rounds, "ms")
    result.add(f"{name}: processor of the database, mean", server * 1000 / rounds, "ms")


def _server_s() -> float:
    """Processor seconds of the database's process for this connection, as the kernel counts them; 0 where it is far."""
    from django.db import connection

    connection.ensure_connection()
    try:
        told = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text()
    except OSError:
        return 0.0
    fields = told.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _ask_queries(result: Result, rounds: int) -> None:
    """Where chlorine is: the first 100 places, most first, with their neighbours, without the page around them."""
    from quancheng.domains.registry.models import Chemical
    from quancheng.domains.registry.queries import chemicals
    from quancheng.kernel.people.actors import actor_for
    from quancheng.kernel.people.models import Membership

    actor = actor_for(Membership.objects.get(user__username="officer"), now=NOW)
    chlorine = Chemical.objects.get(name="氯")
    result.add("chlorine: enterprises", chemicals.total_held(actor=actor, chemical=chlorine).enterprises, "")
    for name, ask in (
        ("where is chlorine: as its page asks", lambda: chemicals.most_held(actor=actor, chemical=chlorine)),
        ("where is chlorine: 100 places", lambda: list(chemicals.where_held(actor=actor, chemical=chlorine)[:100])),
        ("chlorine: sum", lambda: chemicals.total_held(actor=actor, chemical=chlorine)),
        ("chlorine: neighbours of 100 places",
         lambda: chemicals.beside(list(chemicals.where_held(actor=actor, chemical=chlorine)[:100]))),
    ):  # fmt: skip
        _time(result, name, ask, rounds, at_most=CHLORINE_MS if name.startswith("where") else None)


def _grade(result: Result) -> None:
    """Every unit by its design maxima and by its stock: read, calculated, nothing written; in this process alone."""
    from quancheng.domains.registry.services.regrading import calculate_all

    began, processor = time.perf_counter(), time.process_time()
    units = majors = 0
    for one in calculate_all(today=NOW.date()):
        units += 1
        majors += one.legal is not None and one.legal.grade is not None
    spent = time.process_time() - processor
    result.add("units graded, both ways", units, "")
    result.add("grades: major hazards among them", majors, "")
    result.add("grades: whole", time.perf_counter() - began, "s", at_most=GRADES_S * units / GRADED_UNITS)
    result.add("grades: processor of this process", spent, "s", at_most=GRADES_S * units / GRADED_UNITS)


# Importing -------------------------------------------------------------------------------------------------------


def _import(result: Result) -> None:
    """One sheet of stock as an office fills it: ten lines an enterprise, in two tanks of a unit that is new with them.

    Read without writing, then committed with the journal's entries and the grades of all units that it touched.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from quancheng.kernel.exchange.imports import services
    from quancheng.kernel.people.actors import actor_for
    from quancheng.kernel.people.models import Membership

    actor = actor_for(Membership.objects.get(user__username="officer"), now=NOW)
    firms = IMPORTED // STOCKS
    # A small one first, about others, whose statements are counted.
    for first, rows in ((firms, IMPORTED // 40), (0, IMPORTED)):
        content = _sheet(actor, first, rows)
        began = [(time.perf_counter(), time.process_time(), _server_s())]
        run = services.check_upload(
            actor=actor, code="registry.stock", name="存量.xlsx", content=content, given={}, now=NOW
        )
        began.append((time.perf_counter(), time.process_time(), _server_s()))
        if run.state != "checked":
            result.notes.append(f"the sheet of {rows} rows was refused: {run.errors[:3]}")
            return
        if rows < IMPORTED:
            with CaptureQueriesContext(connection) as captured:
                services.commit(actor=actor, run_id=run.pk, now=NOW)
            result.add("import: statements of a commit, a row", len(captured) / rows, "")
            continue
        services.commit(actor=actor, run_id=run.pk, now=NOW)
        began.append((time.perf_counter(), time.process_time(), _server_s()))
        for name, (before, after) in zip(("dry run", "commit"), itertools.pairwise(began), strict=True):
            wall, here, server = (later - sooner for sooner, later in zip(before, after, strict=True))
            result.add(f"import of {rows:,} rows, {name}", wall, "s")
            result.add(f"import, {name}: rows a second", rows / wall, "1/s")
            result.add(f"import, {name}: processor here", here, "s")
            result.add(f"import, {name}: processor of the database", server, "s")


def _sheet(actor: Any, first: int, rows: int) -> bytes:
    """Lines about copied enterprises from the ``first`` on: liquids that the demo's catalogue passes over."""
    from quancheng.domains.registry.models import Chemical, Enterprise, Restriction
    from quancheng.kernel.exchange.imports.declare import get_register
    from quancheng.kernel.exchange.sheets import write_xlsx

    register = get_register("registry.stock")
    assert register is not None
    columns = register.session(actor=actor, given={}, now=NOW).columns()
    kept_out = Restriction.objects.values("chemical")
    liquids = Chemical.objects.filter(hazard_classes__0__startswith="易燃液体")
    known = liquids.exclude(pk__in=kept_out).order_by("pinyin")
    chemicals = list(known.values_list("name", flat=True)[:STOCKS])
    firms = Enterprise.objects.filter(enterprise__name__startswith="测试企业").order_by("pk")
    names = firms.values_list("enterprise__name", flat=True)[first : first + rows // STOCKS]
    lines = [
        {"file": name, "unit_code": "U9", "unit_name": "导入罐区", "unit_kind": "储存单元",
         "facility_code": "V-91" if place % 2 else "V-92", "facility_kind": "储罐", "chemical": chemical,
         "licensed": "2 t", "design": "2 t", "present": "1.25 t"}
        for name in names for place, chemical in enumerate(chemicals)
    ]  # fmt: skip
    return write_xlsx([column for column in columns if column.is_read], lines, title="存量", demo=True)
