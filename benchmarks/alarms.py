"""Alarm performance of a district: 1,000 enterprises with 300,000 alarms in thirteen months, kept sums and pages.

A private server is filled with the demo district, copies of one of its files, and alarms with their events, both by
one statement each. Then the sums of all months are worked out as the nightly job does, and each page is asked
``rounds`` times as the district's office, of which the 95th percentile counts. ``--scale`` multiplies enterprises.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from benchmarks.harness import Result, Settings, percentile
from benchmarks.private import private_server

ENTERPRISES, ALARMS_EACH, ROUNDS = 1_000, 300, 20
TARGET_MS, MOST_QUERIES = 300.0, 15
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def run(settings: Settings) -> Result:
    """Fill, work out, ask; everything is thrown away at the end."""
    from benchmarks import registry

    result = Result()
    with private_server() as private:
        registry._fill(result, round(ENTERPRISES * settings.scale))
        _fill(result)
        private.analyse(result)
        _work_out(result)
        private.analyse(result)
        _ask_pages(result, settings.rounds or ROUNDS)
    return result


#: Five points of each enterprise; of each alarm its two events, ten minutes apart; all of it over 390 days.
_TAGS = """
  INSERT INTO monitoring_tag (id, owner_org_id, enterprise_id, area_id, links, reach, number, code, name, name_en,
    file_id, place, key, quota_code, status, kind, parameter, unit, medium, scale, shift, deadband, on_delay_s,
    off_delay_s, roc_window_s, scan_s, is_by_exception, stale_after_s, priority, is_critical, is_latched, acks_itself,
    first_out_group, is_uploaded, service_reason, is_loosened, ended_reason, version, created_at, h)
  SELECT gen_random_uuid(), e.id, e.id, e.area_id, e.links, 'party', nextval('monitoring_tag_number'),
    'B.' || row_number() OVER () || '.' || n, 'P' || n, '', e.id, '', '', '', 'live', 'level', '', 'mm', '', 1, 0, 0, 0,
    0, 60, 10, false, 60, n %% 3 + 1, false, false, false, '', false, '', false, '', 1, %(now)s - interval '400 days', 1
  FROM registry_enterprise e, generate_series(1, 5) n
"""
_RAISED = """
  CREATE TEMPORARY TABLE came AS SELECT gen_random_uuid() AS id, t.id AS tag, t.file_id AS file, t.priority,
    t.owner_org_id, t.enterprise_id, t.area_id, t.links, t.reach,
    %(now)s - random() * interval '390 days' AS at, random() AS luck
  FROM monitoring_tag t, generate_series(1, %(each)s) n
"""
_EVENTS = """
  INSERT INTO monitoring_limitevent (tag_id, "limit", is_raised, at, value, is_late, noted_at, partition)
  SELECT tag, 'H', raised, at + CASE WHEN raised THEN interval '0' ELSE interval '10 minutes' END, 1, false,
    at + interval '1 second', 1 FROM came, unnest(ARRAY[true, false]) raised
"""
_ALARMS = """
  INSERT INTO monitoring_alarm (id, owner_org_id, enterprise_id, area_id, links, reach, status, loop_version, status_at,
    updated_at, tag_id, file_id, type, title, priority, is_critical, value, raised_at, noted_at, last_raised_at,
    cleared_at, again_count, is_late, respond_by, feedback_by, acknowledged_at, action, comment, reason, measures,
    answered_at, closed_at, step)
  SELECT id, owner_org_id, enterprise_id, area_id, links, reach, 'CLOSED', 1, at, at, tag, file, 'H', 'H', priority,
    false, 1, at, at + interval '1 second', at + interval '1 second', at + interval '10 minutes', 0, false,
    at + interval '61 seconds', at + interval '4 hours', at + luck * interval '5 minutes' + interval '2 seconds',
    'check', '', CASE WHEN luck < 0.1 THEN 'R06' ELSE 'R01' END, 'x', at + luck * interval '5 hours',
    at + interval '6 hours', 0 FROM came
"""


def _fill(result: Result) -> None:
    from django.db import connection, transaction

    from quancheng.domains.monitoring.models import Alarm

    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (_TAGS, _RAISED, _EVENTS, _ALARMS):
            cursor.execute(statement, {"now": NOW, "each": ALARMS_EACH // 5})
    result.add("alarms by INSERT", Alarm.objects.count(), "rows")
    result.add("alarms, events and tags", time.perf_counter() - began, "s")


def _work_out(result: Result) -> None:
    from quancheng.domains.monitoring.services.alarm_months import keep_past, keep_running

    for name, work in (("the running month's sums", keep_running), ("twelve past months' sums", keep_past)):
        began = time.perf_counter()
        done = work(now=NOW)
        result.add(name, time.perf_counter() - began, "s")
        result.add(f"{name}: enterprise months", done, "rows")


def _ask_pages(result: Result, rounds: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from tests.support.signing import signed_in

    from quancheng.domains.monitoring.models import AlarmMonth
    from quancheng.kernel.people.models import Membership

    client: Any = signed_in(Membership.objects.get(user__username="officer"))
    row = AlarmMonth.objects.filter(month="2026-10-01").order_by("-count")[0]
    pages = [
        ("district", "/monitoring/alarm-quality?month=2026-10"),
        ("ranking", "/monitoring/alarm-quality/enterprises?month=2026-10"),
        ("one enterprise", f"/monitoring/files/{row.file_id}/alarm-quality?month=2026-10"),
        ("rows of one enterprise", f"/monitoring/alarm-quality/rows?month=2026-10&file={row.file_id}"),
        ("rows of the district", "/monitoring/alarm-quality/rows?month=2026-10&code=acknowledged"),
        ("key time", "/monitoring/key-time"),
        ("leak objects", "/monitoring/leaks"),
        ("REST, district", "/api/v1/monitoring/alarm-quality?month=2026-10"),
    ]
    for name, address in pages:
        with CaptureQueriesContext(connection) as captured:
            status = client.get(address, HTTP_HOST="localhost").status_code
            asked = len(captured)
        if status != 200:
            result.notes.append(f"{name} answers {status}")
            continue
        spent = []
        for _ in range(rounds):
            began = time.perf_counter()
            client.get(address, HTTP_HOST="localhost")
            spent.append((time.perf_counter() - began) * 1000)
        result.add(f"{name}: p95", percentile(spent, 0.95), "ms", at_most=TARGET_MS)
        result.add(f"{name}: queries", asked, "", at_most=MOST_QUERIES)
