"""How good an alarm system was: figures by the standard, kept as they were worked out, each with exactly its rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.domains.monitoring.quality_scene import Told, tell_all
from tests.domains.monitoring.tag_scene import Scene, make_scene, make_tag
from tests.factories import NOW
from tests.support.signing import signed_in

from quancheng.domains.monitoring.models import Alarm, AlarmMonth, Tag
from quancheng.domains.monitoring.queries import alarm_boards, alarm_quality
from quancheng.domains.monitoring.queries.alarm_sums import FIGURES, GROUPS
from quancheng.domains.monitoring.queries.annunciations import Month, before, month_of
from quancheng.domains.monitoring.services import alarm_months, alarms
from quancheng.kernel.calendar import Calendar
from quancheng.standards.signals.alarm_quality import TARGETS, Occurrence, kpis

pytestmark = pytest.mark.django_db

SECOND, MINUTE, HOUR, DAY = (timedelta(**{name: 1}) for name in ("seconds", "minutes", "hours", "days"))
TODAY = Calendar().local_date(NOW)


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are asked at the time at which the alarms were told."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def text(response: Any) -> str:
    assert response.status_code == 200, response.content[:500]
    return str(response.content.decode())


def this_month(now: datetime = NOW) -> Month:
    return month_of(Calendar().local_date(now), now=now)


def report(scene: Scene, month: Month) -> alarm_quality.Report:
    return alarm_quality.report_of(actor=scene.district.enterprise, file=scene.file, month=month)


def test_each_figure_stands_in_one_group_and_has_its_rows() -> None:
    grouped = [code for _name, codes in GROUPS for code in codes]
    assert sorted(grouped) == sorted(FIGURES)
    assert set(FIGURES) - set(alarm_quality.ROW_CODES) == {"overstayed", "loosened"}
    assert set(TARGETS) <= set(FIGURES)


def test_acknowledging_is_measured_from_when_it_was_known_and_answers_by_their_time(scene: Scene) -> None:
    """Two of priority 1: one in time, one late and repeated after it was acknowledged; one of priority 3 untouched."""
    who, start = scene.district.enterprise, NOW - 2 * HOUR
    first, second, third = (make_tag(scene, f"A{n}", priority=n) for n in (1, 2, 3))
    Tag.objects.filter(pk=second.pk).update(priority=1)
    tell_all([(first, "H", True, start), (second, "H", True, start), (third, "H", True, start)])
    alarms.acknowledge(actor=who, row=Alarm.objects.get(tag=first), action="check", now=start + 30 * SECOND)
    alarms.acknowledge(actor=who, row=Alarm.objects.get(tag=second), action="check", now=start + 5 * MINUTE)
    tell_all([(second, "H", False, start + 6 * MINUTE), (second, "H", True, start + 7 * MINUTE)])
    found = report(scene, this_month())
    sums = found.sums
    assert (sums.count, sums.high, sums.in_60, sums.acknowledged) == (4, 3, 1, 2)
    assert sums.acknowledging_s == 330
    # The repetition and that of priority 3 were never acknowledged, and their times are over.
    assert (sums.ack_judged, sums.ack_on_time) == (4, 1)
    assert FIGURES["mtta_s"].of(sums) == 165
    assert found.rows["ack_on_time"] == 3
    late = alarm_quality.rows_of("ack_on_time", actor=who, month=this_month(), file=scene.file.pk)
    assert {(row.tag, row.at) for row in late} == {(second, start), (second, start + 7 * MINUTE), (third, start)}


def test_each_figure_opens_as_many_rows_as_it_says_and_only_ones_of_its_scope(scene: Scene) -> None:
    start, told = NOW - 3 * HOUR, []
    for place in range(12):
        tag = make_tag(scene, f"F{place}", priority=place % 3 + 1, acks_itself=place % 3 == 2)
        for again in range(4 if place < 2 else 1):
            at = start + (place * 20 + again * 15) * SECOND
            told += [(tag, "H", True, at), (tag, "H", False, at + 5 * SECOND)]
    tell_all(told)
    month = this_month()
    found = report(scene, month)
    assert found.sums.floods == 1
    assert (found.rows["floods"], found.rows["chattering"]) == (18, 8)
    assert [(one.tag.code, one.count) for one in found.frequent[:2]] == [("F0", 4), ("F1", 4)]
    Tag.objects.update(created_at=NOW - 40 * DAY)
    assert alarm_months.keep_running(now=NOW) == 1
    for code in alarm_quality.ROW_CODES:
        rows = alarm_quality.rows_of(code, actor=scene.district.town, month=month)
        assert rows.count() == found.rows[code], code
        assert not alarm_quality.rows_of(code, actor=scene.district.other_enterprise, month=month).exists()


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 20 * 24 * 60), st.one_of(st.none(), st.integers(1, 3 * 24 * 60))),
        max_size=12,
    )
)
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_figures_are_those_of_the_standard_and_what_is_kept_is_what_is_worked_out_now(
    scene: Scene, spans: list[tuple[int, int, int | None]]
) -> None:
    """Whatever alarms came, however often again: the same as the standard's own functions say of the events."""
    AlarmMonth.objects.all().delete()
    tags = [make_tag(scene, f"T{place}.{Tag.objects.count()}", priority=place + 1) for place in range(3)]
    Tag.objects.update(created_at=NOW - 400 * DAY)
    month = month_of(before(TODAY.replace(day=1), 1), now=NOW)
    told: list[Told] = []
    free = dict.fromkeys(range(3), month.start - timedelta(days=5))
    for place, minute, lasts in sorted(spans, key=lambda one: one[1]):
        at = month.start - timedelta(days=4) + timedelta(minutes=minute)
        if at <= free[place]:
            continue
        told.append((tags[place], "H", True, at))
        end = at + timedelta(days=200) if lasts is None else at + timedelta(minutes=lasts)
        if lasts is not None:
            told.append((tags[place], "H", False, end))
        free[place] = end
    tell_all(told)
    expected = []
    for tag, limit, is_raised, at in told:
        if is_raised:
            ends = [one[3] for one in told if one[0] is tag and not one[2] and one[3] >= at]
            expected.append(
                Occurrence(
                    key=f"{tag.pk} {limit}", raised_s=month.seconds(at),
                    cleared_s=month.seconds(min(ends)) if ends else None, priority=tag.priority,
                )
            )  # fmt: skip
    mine = Tag.objects.filter(pk__in=[tag.pk for tag in tags])
    site = alarm_quality.annunciations(mine, month).get(scene.file.pk, alarm_quality.Site())
    sums = alarm_quality.sums_of(site, month, alarm_quality.Kept())
    for figure in kpis(expected, start_s=0, end_s=month.length_s):
        assert FIGURES[figure.code].of(sums) == pytest.approx(figure.value), figure.code
    alarm_months.keep_past(now=NOW)
    kept = AlarmMonth.objects.get(month=month.first)
    assert alarm_boards.sums_kept(kept) == report(scene, month).sums
    for code in alarm_quality.ROW_CODES:
        opened = alarm_quality.rows_of(code, actor=scene.district.town, month=month)
        now = alarm_quality.rows_of(code, actor=scene.district.town, month=month, file=scene.file.pk)
        assert list(opened.values_list("pk")) == list(now.values_list("pk")), code


def burst(scene: Scene, *, start: datetime = NOW - 3 * HOUR) -> None:
    """Twelve alarms within four minutes, of which one chatters."""
    told: list[Told] = []
    for place in range(12):
        tag = make_tag(scene, f"B{place}", priority=place % 3 + 1)
        for again in range(4 if place == 0 else 1):
            at = start + (place * 20 + again * 15) * SECOND
            told += [(tag, "H", True, at), (tag, "H", False, at + 5 * SECOND)]
    Tag.objects.update(created_at=NOW - 40 * DAY)
    tell_all(told)


def test_the_page_of_an_enterprise_leads_from_each_figure_to_its_rows(scene: Scene, at_now: None) -> None:
    burst(scene)
    client = signed_in(scene.district.enterprise)
    page = text(client.get(f"/monitoring/files/{scene.file.pk}/alarm-quality"))
    assert "15 条" in page
    assert "报警泛滥" in page
    assert "B0" in page
    listed = text(client.get(f"/monitoring/alarm-quality/rows?code=chattering&file={scene.file.pk}"))
    assert listed.count("<tr") - 1 >= 4
    assert "B0" in listed
    assert "B1" not in listed
    assert client.get("/monitoring/alarm-quality/rows?code=nothing").status_code == 422
    assert client.get("/monitoring/alarm-quality/rows?month=2199-01").status_code == 422
    assert client.get(f"/monitoring/files/{scene.file.pk}/alarm-quality?month=x").status_code == 422
    assert client.get("/monitoring/alarm-quality/holds").status_code == 200
    assert client.get("/monitoring/alarm-quality/limits").status_code == 200


def test_a_district_reads_kept_sums_ranks_enterprises_and_sees_its_own_alone(scene: Scene, at_now: None) -> None:
    burst(scene)
    assert alarm_months.keep_running(now=NOW) == 1
    client = signed_in(scene.district.town)
    with CaptureQueriesContext(connection) as asked:
        page = text(client.get("/monitoring/alarm-quality?by=peak"))
    assert len(asked) <= 15
    assert scene.file.enterprise is not None
    assert scene.file.enterprise.name in page
    ranking = text(client.get("/monitoring/alarm-quality/enterprises?sort=-peak"))
    assert scene.file.enterprise.name in ranking
    other = signed_in(scene.district.other_town)
    assert scene.file.enterprise.name not in text(other.get("/monitoring/alarm-quality"))
    told = client.get("/api/v1/monitoring/alarm-quality").json()
    one = client.get(f"/api/v1/monitoring/alarm-quality?enterprise_id={scene.file.pk}").json()
    assert (told["alarms"], told["enterprises"], one["alarms"]) == (15, 1, 15)
    by_code = {figure["code"]: figure for figure in one["figures"]}
    assert (by_code["peak"]["value"], by_code["peak"]["grade"], by_code["chattering"]["rows"]) == (15, "missed", 4)
    assert other.get(f"/api/v1/monitoring/alarm-quality?enterprise_id={scene.file.pk}").status_code == 404
