"""Dual prevention of a district of 10,000 enterprises: its lists, statistics and map, the work of its nights and weeks.

``--scale 1`` holds 10,000 enterprises, some five million check records (日常排查记录) with the instances that they do,
a million hidden dangers and a month of announcements; ``--scale 0.1`` a tenth. A private server holds the demo
district's part of the registry, of risks and of hidden dangers, and the rest beside it by COPY, as the application's
role and under the same constraints (``prevention_rows``). The copies have no journal, no records of moves, no photos
and no answers to checklists: what is measured reads none of these but the page of one danger and of one record, for
which those of the demo are asked besides. Server time and processor times are those of ``registry``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.harness import Result, Settings, percentile
from benchmarks.prevention_rows import Year
from benchmarks.private import private_server
from benchmarks.registry import _copy_all, _measure, _server_s

ENTERPRISES, ROUNDS = 10_000, 20
TARGET_MS, STATISTICS_MS, MAP_MS, MOST_QUERIES = 100.0, 300.0, 150.0, 15
#: Seconds on one core for 10,000 enterprises; nothing is promised for the index of a night.
DUES_S, WEEK_S = 60.0, 60.0
#: Milliseconds until the browser has drawn the map.
FIRST_PAINT_MS = 1000.0


def run(settings: Settings) -> Result:
    """Fill, do a night's and a week's work, then ask; everything is thrown away at the end."""
    result = Result()
    with private_server() as private:
        load_demo(result)
        fill(result, settings)
        private.analyse(result)
        work(result, settings.scale)
        private.analyse(result)
        ask(result, settings.rounds or ROUNDS)
    return result


def load_demo(result: Result) -> None:
    """Of the demo district what this benchmark needs: people, registry, risks, hidden dangers."""
    from importlib import import_module

    from django.db import transaction
    from django.utils import timezone

    from quancheng.runtime import demo

    began = time.perf_counter()
    with transaction.atomic():
        district = demo._found(1, 1, timezone.now())
        demo._organise(district)
        demo._staff(district)
        for room in ("registry", "risk", "hazards"):
            import_module(f"quancheng.domains.{room}.demo").load(district)
    result.add("the demo district's part", time.perf_counter() - began, "s")


def fill(result: Result, settings: Settings) -> None:
    """The copies, the oldest first."""
    from django.db import connection, transaction
    from django.utils import timezone

    from quancheng.domains.hazards.models import CheckRun
    from quancheng.kernel.calendar import Calendar

    now, began = timezone.now(), time.perf_counter()
    with transaction.atomic():
        rows = _copy_all(round(ENTERPRISES * settings.scale))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    year = Year(now, Calendar().local_date(now))
    year.fill()
    # The clock made today's yesterday, and looks no further back.
    calendar = Calendar()
    until = calendar.start_of(year.today + timedelta(days=1))
    CheckRun.objects.update_or_create(code="other", defaults={"until": until, "at": now})
    CheckRun.objects.update_or_create(code="hour", defaults={"until": now, "at": now})
    seconds, rows = time.perf_counter() - began, rows + year.total
    for name, number in year.told.items():
        result.add(f"{name} by COPY", number, "rows")
    result.add(f"{rows:,} rows by COPY, checked", seconds, "s")
    result.add("rows a second", rows / seconds, "1/s")


# The work of nights and weeks ------------------------------------------------------------------------------------


def work(result: Result, scale: float) -> None:
    """What the clock does for all: instances, the week's evaluation, the index of a night, signs, the draw."""
    from django.utils import timezone

    from quancheng.domains.hazards.services.check_dues import make_dues
    from quancheng.domains.hazards.services.record_flags import flag_records
    from quancheng.domains.hazards.services.running import score_week
    from quancheng.domains.hazards.services.sums import fold
    from quancheng.domains.risk.services.index import work_out_all
    from quancheng.kernel.calendar import Calendar

    now = timezone.now()
    today = Calendar().local_date(now)
    monday = today - timedelta(days=today.weekday() + 7)
    night = now + timedelta(days=1)
    _do(result, "sums folded", fold, None)
    _do(result, "instances of tomorrow", lambda: make_dues(now=now, hourly=False), DUES_S * scale)
    _do(result, "instances of hours, a day", lambda: make_dues(now=now, hourly=True), DUES_S * scale)
    _do(result, "running effect, a week", lambda: score_week(monday=monday, now=now, freeze=False), WEEK_S * scale)
    _do(result, "running effect, frozen, with what follows",
        lambda: score_week(monday=monday, now=now, freeze=True), WEEK_S * scale)  # fmt: skip
    _do(result, "index, the first night", lambda: work_out_all(now=now), None)
    _do(result, "index, the next night", lambda: work_out_all(now=night), None)
    _do(result, "signs of made-up records", lambda: flag_records(now=now), None)


def _do(result: Result, name: str, act: Callable[[], int], at_most: float | None) -> None:
    """How much was made, wall and processor times; the promise is of one core: of both processes together."""
    process, server, began = time.process_time(), _server_s(), time.perf_counter()
    made = act()
    wall = time.perf_counter() - began
    process, server = time.process_time() - process, _server_s() - server
    result.add(f"{name}: rows", made, "")
    result.add(f"{name}: wall", wall, "s")
    result.add(f"{name}: processor here", process, "s")
    result.add(f"{name}: processor of the database", server, "s")
    result.add(f"{name}: one core", process + server, "s", at_most=at_most)


# Asking ----------------------------------------------------------------------------------------------------------


def ask(result: Result, rounds: int, only: str = "") -> None:
    """Every page as who opens it; ``only``: those whose name begins so."""
    from django.conf import settings
    from tests.support.signing import signed_in

    from quancheng.kernel.people.models import Membership
    from quancheng.runtime.settle import load_addresses, loading

    wanted = ("officer", "emb", "street1", "enterprise1", "b.safety77", "b.worker77")
    clients = {name: signed_in(Membership.objects.get(user__username=name)) for name in wanted}
    with loading():
        load_addresses()
    for name, who, address, at_most in [*_pages(), *_figures(), *_maps()]:
        if name.startswith(only):
            _measure(result, name, clients[who], address, rounds, at_most=at_most)
    if "paint".startswith(only):
        first_paint(result, clients["officer"], Path(settings.VAR_DIR))


def _pages() -> list[tuple[str, str, str, float]]:
    from quancheng.domains.hazards.models import CheckRecord, Finding, RunningWeek

    own = Finding.objects.exclude(code__startswith="YH9")
    danger = own.filter(status="CLOSED").order_by("pk")[0]
    copied = Finding.objects.filter(code__startswith="YH9", status="FIXING").order_by("-found_at")[100]
    record = CheckRecord.objects.filter(edition__isnull=False).order_by("-at")[0]
    plain = CheckRecord.objects.filter(file__enterprise__name__startswith="测试企业").order_by("-at")[100]
    week = RunningWeek.objects.filter(file__enterprise__name__startswith="测试企业").order_by("-monday", "pk")[100]
    firm = plain.file_id
    asked = [
        ("dangers: office", "officer", "/hazards/"),
        ("dangers: department", "emb", "/hazards/"),
        ("dangers: street", "street1", "/hazards/"),
        ("dangers: enterprise", "b.safety77", "/hazards/"),
        ("dangers: by state", "officer", "/hazards/?status=FIXING"),
        ("dangers: by state, street", "street1", "/hazards/?status=FIXING"),
        ("dangers: overdue", "officer", "/hazards/?overdue=1"),
        ("dangers: major", "officer", "/hazards/?level=major"),
        ("dangers: searched, rare", "officer", "/hazards/?q=000004711"),
        ("dangers: searched, rare, street", "street1", "/hazards/?q=000004711"),
        ("dangers: searched, common", "officer", "/hazards/?q=静电接地"),
        ("dangers: page 100", "officer", "/hazards/?page=100"),
        ("dangers: count", "officer", "/hazards/?part=count"),
        ("dangers: count, street", "street1", "/hazards/?part=count"),
        ("records: office", "officer", "/hazards/checks/records"),
        ("records: department", "emb", "/hazards/checks/records"),
        ("records: street", "street1", "/hazards/checks/records"),
        ("records: enterprise", "b.safety77", "/hazards/checks/records"),
        ("records: late", "officer", "/hazards/checks/records?late=1"),
        ("records: searched, common", "officer", "/hazards/checks/records?q=仓库"),
        ("records: searched, an enterprise", "officer", "/hazards/checks/records?q=测试企业000123"),
        ("records: page 100", "officer", "/hazards/checks/records?page=100"),
        ("records: count", "officer", "/hazards/checks/records?part=count"),
        ("instances: office", "officer", "/hazards/checks"),
        ("instances: missed, street", "street1", "/hazards/checks?state=missed"),
        ("instances: enterprise", "b.safety77", "/hazards/checks"),
        ("tasks: office", "officer", "/hazards/checks/tasks"),
        ("tasks: street", "street1", "/hazards/checks/tasks"),
        ("tasks: enterprise", "b.safety77", "/hazards/checks/tasks"),
        ("tasks: page 100", "officer", "/hazards/checks/tasks?page=100"),
        ("enterprises' checks: office", "officer", "/hazards/checks/enterprises"),
        ("risk list: office", "officer", "/risk/"),
        ("risk list: street", "street1", "/risk/"),
        ("risk list: enterprise", "b.safety77", "/risk/"),
        ("risk list: red", "officer", "/risk/?level=1"),
        ("announcements: office", "officer", "/risk/announcements"),
        ("announcements: street", "street1", "/risk/announcements"),
        ("announcements: page 100", "officer", "/risk/announcements?page=100"),
        ("weeks: office", "officer", "/hazards/running"),
        ("weeks: street", "street1", "/hazards/running"),
        ("weeks: by grade", "officer", "/hazards/running?grade=poor"),
        ("weeks: one", "officer", f"/hazards/running/{week.pk}"),
        ("index: office", "officer", "/risk/index"),
        ("index: one", "officer", f"/risk/enterprises/{firm}/index"),
        ("danger: the demo's, closed", "officer", f"/hazards/findings/{danger.pk}"),
        ("danger: a copy, open", "officer", f"/hazards/findings/{copied.pk}"),
        ("record: the demo's, with a checklist", "officer", f"/hazards/checks/records/{record.pk}"),
        ("record: a copy", "officer", f"/hazards/checks/records/{plain.pk}"),
        ("Today: office", "officer", "/"),
        ("Today: enterprise", "b.safety77", "/"),
        ("Today: worker", "b.worker77", "/"),
        ("Today's checks: worker", "b.worker77", "/hazards/checks/today"),
    ]
    return [(*one, TARGET_MS) for one in asked]


def _figures() -> list[tuple[str, str, str, float]]:
    before = _day_before(40)
    asked = [
        ("statistics: office, month", "officer", "/hazards/statistics"),
        ("statistics: office, year", "officer", "/hazards/statistics?period=year"),
        ("statistics: office, a past month", "officer", f"/hazards/statistics?day={before}"),
        ("statistics: street, month", "street1", "/hazards/statistics"),
        ("statistics: enterprise, month", "b.safety77", "/hazards/statistics"),
        ("statistics: weeks by town", "officer", "/hazards/running/towns"),
        ("statistics: index by town", "officer", "/risk/index/towns"),
        ("statistics: colours by town", "officer", "/risk/colours"),
    ]
    return [(*one, STATISTICS_MS) for one in asked]


def _maps() -> list[tuple[str, str, str, float]]:
    past = _day_before(60)
    asked = [
        ("map: page", "officer", "/risk/map", TARGET_MS),
        ("map: page, a past day", "officer", f"/risk/map?day={past}", FIRST_PAINT_MS),
        ("map: answer", "officer", "/risk/map/data", MAP_MS),
        ("map: answer, street", "street1", "/risk/map/data", MAP_MS),
        ("map: answer, graded", "officer", "/risk/map/data?of=graded", MAP_MS),
        ("map: answer, a past day", "officer", f"/risk/map/data?day={past}", FIRST_PAINT_MS),
        ("map: answer, graded, a past day", "officer", f"/risk/map/data?of=graded&day={past}", FIRST_PAINT_MS),
        ("map: towns", "officer", "/risk/towns", STATISTICS_MS),
    ]
    return asked


def _day_before(days: int) -> str:
    from django.utils import timezone

    from quancheng.kernel.calendar import Calendar

    return (Calendar().local_date(timezone.now()) - timedelta(days=days)).isoformat()


def first_paint(result: Result, client: Any, folder: Path) -> None:
    """The map in a browser, from the click on: words on the page, the map's answer, all enterprises drawn.

    The web process as it really runs, in a process of its own; the median of five openings after one to warm up.
    """
    from django.conf import settings
    from tests.support.browser import chromium, open_browser, watched_page
    from tests.support.webserver import web_server

    if chromium() is None:
        result.notes.append("there is no Chromium here: the first paint was not measured")
        return
    found: dict[str, list[float]] = {}
    os.environ["FILES_URL"] = settings.FILES_URL
    with web_server(folder) as address, open_browser() as browser, watched_page(browser) as watched:
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        watched.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
        watched.context.add_init_script(_NOTE_READY)
        for opening in range(6):
            watched.page.goto(f"{address}/risk/map")
            watched.page.wait_for_selector("[data-registry-map][data-ready]", timeout=60_000)
            for name, spent in watched.page.evaluate(_TIMES).items():
                if opening:
                    found.setdefault(name, []).append(spent)
    for name, spent in found.items():
        promise = FIRST_PAINT_MS if name == "first words" else None
        result.add(f"paint: {name}", percentile(spent, 0.5), "ms", at_most=promise)


#: Kept in the page: when the map had drawn everything.
_NOTE_READY = """
new MutationObserver(() => {
  if (!window.readyAt && document.querySelector("[data-registry-map][data-ready]")) window.readyAt = performance.now();
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
_TIMES = """
({
  "first byte": performance.getEntriesByType("navigation")[0].responseStart,
  "first words": performance.getEntriesByName("first-contentful-paint")[0].startTime,
  "the map's answer": performance.getEntriesByType("resource")
    .find(({ name }) => name.includes("/map/data")).responseEnd,
  "all drawn": window.readyAt,
})
"""
