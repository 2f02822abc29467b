"""The database of major dangers: numbers open their rows, what its mechanism lacks, violations told by count."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse
from tests.domains.hazards.factories import make_finding, own_file
from tests.factories import NOW, client_of, make_district

from quancheng.domains.hazards.models import Finding, Violation
from quancheng.domains.hazards.queries.majors import board
from quancheng.domains.hazards.views.majors import LEDGER

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.mark.clause("S2-1b")
@pytest.mark.clause("S2-1c")
@pytest.mark.clause("S1-9b")
def test_counts_per_channel_year_and_link_open_the_rows_they_count() -> None:
    district = make_district()
    file = own_file(district)
    old = make_finding(district.enterprise, file, name="多年未改", is_major=True)
    Finding.objects.filter(pk=old.pk).update(
        found_at=NOW.replace(year=2023), deadline=TODAY - timedelta(days=9), status="FIXING", is_planned=True,
        plan={"interim": ["stop"]}, links=["storage"],
    )  # fmt: skip
    new = make_finding(district.department, file, name="新近发现", is_major=True)
    Finding.objects.filter(pk=new.pk).update(links=["use"])
    found = board(actor=district.director, today=TODAY)
    clear = found.clearing
    assert (clear.is_zero, clear.new, clear.open, clear.overdue, clear.stock, clear.alarms) == (False, 1, 2, 1, 1, 1)
    assert clear.unprotected == 1
    assert found.open_old == 1
    assert {one.code: one.total for one in found.channels if one.total} == {"enterprise": 1, "district": 1}
    assert {one.code: one.open for one in found.links if one.open} == {"storage": 1, "use": 1}
    office = client_of(district.director)
    page = office.get(reverse("hazards:majors_board")).content.decode()
    assert "尚未动态清零" in page
    ledger = re.search(r'href="(/hazards/majors\?cols=[^"]+)"', office.get(reverse("hazards:majors")).content.decode())
    assert ledger is not None
    whole = office.get(unescape(ledger[1])).content.decode()
    assert all(f'value="{key}" checked' in whole for key in LEDGER)
    listed = reverse("hazards:majors")
    for asked, those in (
        ("found_from=2023-01-01&found_to=2023-12-31&open=1", {"多年未改"}), ("overdue=1", {"多年未改"}),
        ("unlisted=1", {"多年未改"}), ("unprotected=1", {"新近发现"}), ("channel=district", {"新近发现"}),
        ("link=storage", {"多年未改"}), ("open=1", {"多年未改", "新近发现"}),
    ):  # fmt: skip
        shown = office.get(f"{listed}?{asked}").content.decode()
        assert {name for name in ("多年未改", "新近发现") if name in shown} == those, asked
    assert board(actor=district.other_town, today=TODAY).clearing.open == 0


@pytest.mark.clause("S2-G2c")
def test_each_major_danger_tells_which_of_the_five_groups_lacks_what() -> None:
    district = make_district()
    row = make_finding(district.enterprise, own_file(district), name="重大的", is_major=True)
    office = client_of(district.department)
    page = reverse("hazards:finding", args=[row.pk]) + "?tab=mechanism"
    assert office.get(page).content.decode().count("尚缺") == 11
    mark = reverse("hazards:mark_new", args=[row.pk])
    assert office.post(mark, {"part": "loop", "note": "已闭环"}).status_code == 422  # told by the records alone
    assert office.post(mark, {"part": "justice", "note": ""}).status_code == 422
    spared = office.post(mark, {"part": "justice", "is_spared": "on", "note": "不涉嫌犯罪"})
    assert spared.status_code in (302, 303)
    assert office.post(mark, {"part": "town", "note": "已扣分"}).status_code in (302, 303)
    shown = office.get(page).content.decode()
    assert shown.count("尚缺") == 9
    assert "不涉嫌犯罪" in shown
    assert "移交司法机关" not in _cell(office.get(reverse("hazards:majors")).content.decode())
    own = client_of(district.enterprise)
    assert own.post(mark, {"part": "people", "note": "x"}).status_code == 403
    assert own.get(page).status_code == 422  # the enterprise has no such tab
    assert "移交纪检监察机关" in _cell(office.get(reverse("hazards:majors")).content.decode())
    theirs = _cell(own.get(reverse("hazards:majors")).content.decode())
    assert "重大的" in theirs
    assert "移交纪检监察机关" not in theirs


def _cell(page: str) -> str:
    """The rows of a list page, without its filters."""
    return page[page.index("<tbody") :]


@pytest.mark.clause("S3-5.3d")
def test_an_unsafe_act_names_type_and_worker_inside_and_is_a_count_outside() -> None:
    district = make_district()
    row = make_finding(district.enterprise, own_file(district), name="动火未戴面罩", classification="act")
    own, office = client_of(district.enterprise), client_of(district.department)
    address = reverse("hazards:violation_new", args=[row.pk])
    told: dict[str, Any] = {"kind": "work", "worker": "示例工人丁"}
    kept = own.post(address, {**told, "kind": ""})
    assert kept.status_code == 422
    assert "示例工人丁" in kept.content.decode()
    assert own.post(address, told).status_code in (302, 303)
    assert "示例工人丁" in own.get(reverse("hazards:violations")).content.decode()
    assert Violation.objects.get().kind == "work"
    assert office.get(reverse("hazards:violations")).status_code == 403
    theirs = client_of(district.other_enterprise).get(reverse("hazards:violations")).content.decode()
    assert "示例工人丁" not in theirs
    seen = office.get(reverse("hazards:finding", args=[row.pk])).content.decode()
    assert "示例工人丁" not in seen
    assert "违章作业" in office.get(reverse("hazards:statistics")).content.decode()
    condition = make_finding(district.enterprise, row.file, name="护栏缺失", classification="condition")
    refused = own.post(reverse("hazards:violation_new", args=[condition.pk]), told)
    assert refused.status_code == 409


def test_the_page_of_a_major_danger_counts_behind_its_tabs_at_once_and_reads_the_open_one(
    django_assert_max_num_queries: Any,
) -> None:
    district = make_district()
    row = make_finding(district.department, own_file(district), name="重大隐患甲", is_major=True)
    like = make_finding(district.department, own_file(district), name="重大隐患乙", is_major=True)
    Finding.objects.filter(pk__in=[row.pk, like.pk]).update(place="罐区")
    client = client_of(district.department_head)
    at = reverse("hazards:finding", args=[row.pk])
    client.get(at)
    with django_assert_max_num_queries(16) as asked:
        page = client.get(at).content.decode()
    told = [one["sql"] for one in asked.captured_queries]
    tables = ("listing", "lookback", "handover", "expiryreview", "majorreport")
    assert {name: sum(f'"hazards_{name}"' in sql for sql in told) for name in tables} == dict.fromkeys(tables, 1)
    assert re.search(r"疑似同一隐患.{0,120}?1", page, re.S), "the number stands on the tab"
    assert "重大隐患乙" not in page
    assert "重大隐患乙" in client.get(f"{at}?tab=doubles").content.decode()


def test_the_page_of_a_danger_of_which_only_the_name_is_told_stands() -> None:
    district = make_district()
    row = make_finding(district.enterprise, own_file(district), name="只有名称的隐患")
    Finding.objects.filter(pk=row.pk).update(place="")
    page = client_of(district.enterprise).get(reverse("hazards:finding", args=[row.pk]))
    assert page.status_code == 200
    assert "只有名称的隐患" in page.content.decode()
