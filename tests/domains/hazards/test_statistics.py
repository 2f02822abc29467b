"""Statistics of hidden dangers: formulas to be checked, numbers that open their rows, in the reader's scope."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from tests.domains.hazards.factories import make_finding, own_file
from tests.domains.registry.factories import make_file
from tests.factories import NOW, client_of, make_district

from quancheng.domains.hazards.loops.finding import NOT_COUNTED
from quancheng.domains.hazards.models import CheckRecord, CheckSum, Finding
from quancheng.domains.hazards.queries import statistics
from quancheng.domains.hazards.queries.statistics import closing_median, counts, counts_of, median_of
from quancheng.domains.hazards.services.sums import fold
from quancheng.kernel.access.services import share
from quancheng.standards.risk.danger_statistics import closing_days

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
#: What the house promises of its pages.
MOST = 15


def test_indicators_are_counted_from_the_rows_that_their_links_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    district = make_district()
    file = own_file(district)
    other = make_file(district.department, area=district.other_street_area, name="示例他处有限公司")
    rows = [make_finding(district.enterprise, file, name=f"隐患{number}") for number in range(3)]
    theirs = make_finding(district.department, other, name="他处隐患", is_major=True)
    rows[0].refresh_from_db()
    Finding.objects.filter(pk=rows[0].pk).update(
        status="CLOSED", closed_at=NOW, accepted_at=NOW, accepted_by=district.department.user_id, deadline=TODAY,
        cost_yuan=25_000,
    )  # fmt: skip
    Finding.objects.filter(pk=rows[1].pk).update(deadline=TODAY - timedelta(days=4), extension_count=1)
    told = counts(actor=district.department, first=TODAY.replace(day=1), last=TODAY, today=TODAY)
    assert (told["found"], told["found_major"], told["found_by_enterprise"]) == (4, 1, 3)
    assert (told["closed"], told["due"], told["closed_on_time"], told["extended"]) == (1, 2, 1, 1)
    assert (told["overdue"], told["overdue_days"], told["accepted_first"]) == (1, 4, 1)
    assert (str(told["cost_wan_yuan"]), told["units"], told["units_without"]) == ("2.50", 2, 0)
    office = client_of(district.department)
    page = office.get(reverse("hazards:statistics")).content.decode()
    assert "25.0%" in page
    assert "75.0%" in page
    listed = office.get(reverse("hazards:findings") + f"?found_from={TODAY}&found_to={TODAY}&level=major")
    assert theirs.name in listed.content.decode()
    assert rows[0].name not in listed.content.decode()
    assert "去年同期" in page
    assert "-100.0个百分点" in page  # all had a danger now, none the month before
    sheet = office.get(reverse("hazards:statistics") + "?export=xlsx")
    assert sheet.status_code == 200
    assert "spreadsheet" in sheet["Content-Type"]
    on_time = office.get(reverse("hazards:findings") + f"?due_from={TODAY}&due_to={TODAY}&on_time=1").content.decode()
    assert rows[0].name in on_time
    assert rows[1].name not in on_time
    # A street counts what lies in it, an enterprise its own.
    own = counts(actor=district.enterprise, first=TODAY, last=TODAY, today=TODAY)
    town = counts(actor=district.other_town, first=TODAY, last=TODAY, today=TODAY)
    assert (own["found"], town["found"]) == (3, 1)
    assert client_of(district.enterprise).get(reverse("hazards:statistics") + "?period=aeon").status_code == 422


def test_several_spans_are_counted_as_each_is_by_itself() -> None:
    district = make_district()
    file = own_file(district)
    for number in range(3):
        row = make_finding(district.enterprise, file, name=f"隐患{number}")
        Finding.objects.filter(pk=row.pk).update(deadline=TODAY - timedelta(days=30 * number), is_repeat=number == 1)
    spans = [(TODAY - timedelta(days=back + 29), TODAY - timedelta(days=back)) for back in (0, 30, 400)]
    for actor in (district.department, district.enterprise, district.other_town):
        together = counts_of(actor=actor, spans=spans, today=TODAY)
        assert together == [counts(actor=actor, first=first, last=last, today=TODAY) for first, last in spans]
    due = [one["due"] for one in counts_of(actor=district.enterprise, spans=spans, today=TODAY)]
    assert due == [1, 1, 0]


@pytest.mark.parametrize("asked", ["", "?period=year", "?period=week", "?period=month&day=2026-05-03"])
def test_the_page_asks_at_most_fifteen_queries_of_whoever_opens_it(asked: str) -> None:
    district = make_district()
    other = make_file(district.department, area=district.other_street_area, name="示例他处有限公司")
    own = make_finding(district.enterprise, own_file(district), name="本企业隐患")
    # Each office also sees rows that no sum of its own holds.
    for actor in (district.town, district.other_town, district.department, district.officer):
        row = make_finding(district.department, other, name=f"移交{actor.name}的隐患")
        share(actor=district.officer, row=row, why="support", now=NOW, to_org=actor.organisation_id)
        share(actor=district.officer, row=own, why="support", now=NOW, to_org=actor.organisation_id)
    readers = (district.town, district.other_town, district.department, district.officer, district.enterprise)
    address = reverse("hazards:statistics") + asked
    for actor in readers:
        client = client_of(actor)
        client.get(address)  # what a process keeps once it was read
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= MOST, [one["sql"] for one in queries]


def _later(row: Finding, pick: Random) -> None:
    """Change whatever sums are made of, as loops and repairs do."""
    moment = NOW - timedelta(days=pick.randrange(150))
    is_closed = pick.random() < 0.5
    Finding.objects.filter(pk=row.pk).update(
        found_at=moment, is_major=pick.random() < 0.3, channel=pick.choice(["enterprise", "district"]),
        status="CLOSED" if is_closed else pick.choice(["REPORTED", *NOT_COUNTED]), is_repeat=pick.random() < 0.3,
        merged_into=row, accepted_at=moment + timedelta(days=5) if is_closed or pick.random() < 0.2 else None,
        accepted_by=row.finder, closed_at=moment + timedelta(days=pick.randrange(60)) if is_closed else None,
        deadline=(moment + timedelta(days=pick.randrange(60))).date() if pick.random() < 0.8 else None,
        cost_yuan=pick.choice([None, 1000]), is_planned=pick.random() < 0.5, extension_count=pick.choice([0, 1]),
        reject_count=pick.choice([0, 1]), reach=pick.choice(["own", "party", "party", "chain"]),
        links=pick.choice([["produce"], ["use"], ["trade", "use"]]),
    )  # fmt: skip


def test_months_added_up_from_sums_are_those_counted_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    pick = Random(7)
    district = make_district()
    files = [
        own_file(district),
        make_file(district.department, area=district.other_street_area, name="示例他处有限公司"),
    ]
    rows = [
        make_finding(district.enterprise if file is files[0] else district.department, file, name=f"隐患{number}")
        for number in range(30) for file in files
    ]  # fmt: skip
    spans = [(date(2026, month, 1), date(2026, month + 1, 1) - timedelta(days=1)) for month in range(1, 12)]
    spans += [(date(2026, 1, 1), date(2026, 12, 31)), (date(2025, 1, 1), date(2025, 12, 31))]
    actors = (district.department, district.officer, district.town, district.other_town)
    for number in range(40):
        CheckRecord.objects.create(
            file=pick.choice(files), content="查看罐区", form="daily", status=0, person_id=district.enterprise.user_id,
            person_name="示例", at=NOW - timedelta(days=7 * number), client_at=NOW, received_at=NOW,
        )  # fmt: skip
    seen = 0
    for step in range(3):
        for row in rows:
            _later(row, pick)
        if step == 1:
            # One that its town does not see by place is shared with it; one goes for good.
            share(actor=district.officer, row=rows[1], why="support", now=NOW, to_org=district.town.organisation_id)
            gone = Finding.objects.filter(pk=rows.pop().pk)
            gone._raw_delete(gone.db)
        if step == 2:
            assert fold() > 0
            assert fold() == 0
        for actor in actors:
            for town in ("", district.street_area.path):
                summed = counts_of(actor=actor, spans=spans, town=town, today=TODAY)
                seen += sum(one["found"] or 0 for one in summed)
                medians = [closing_median(actor=actor, first=first, last=last, town=town) for first, last in spans]
                with monkeypatch.context() as patch:
                    patch.setattr(statistics, "are_whole_months", lambda spans: False)
                    assert summed == counts_of(actor=actor, spans=spans, town=town, today=TODAY)
                    assert medians == [
                        closing_median(actor=actor, first=one, last=two, town=town) for one, two in spans
                    ]
    assert seen > 100


def test_only_months_to_which_something_was_added_are_folded() -> None:
    old, new = date(2026, 8, 1), date(2026, 9, 1)
    file = own_file(make_district())
    for month, is_folded in ((old, True), (old, True), (new, True), (new, False)):
        CheckSum.objects.create(month=month, file=file, checks=2, is_folded=is_folded)
    assert fold() == 1
    told = CheckSum.objects.order_by("month", "pk").values_list("month", "checks", "is_folded")
    assert list(told) == [(old, 2, True), (old, 2, True), (new, 4, True)]
    CheckSum.objects.create(month=old, file=file, checks=-4)
    assert fold() == 3
    assert list(CheckSum.objects.values_list("month", "checks")) == [(new, 4)]


@given(st.lists(st.integers(0, 400), max_size=30))
def test_the_median_of_counted_days_is_that_of_the_days(days: list[int]) -> None:
    assert median_of(Counter(days)) == closing_days(days).median
