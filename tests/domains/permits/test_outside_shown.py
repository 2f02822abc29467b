"""Permits of other systems in the audit's statistics and on the map, seen by who sees our own."""

from __future__ import annotations

import uuid
from datetime import timedelta
from math import hypot

import pytest
from django.urls import reverse
from tests.domains.permits.factories import NOW, make_permit
from tests.domains.permits.test_outside import TICKETS, System, at, system, ticket
from tests.factories import client_of

from quancheng.domains.permits.models import OutsidePermit, Permit
from quancheng.domains.permits.queries.maps import DOT, OUTSIDE_SIDE, draw

__all__ = ["system"]
pytestmark = pytest.mark.django_db
DAY = {"day": "2026-09-08"}


def sent(here: System) -> None:
    """One that fails two rules, a good one, and one that was never issued and that nobody judges."""
    early = {"ISSUE_TIME": at(NOW + timedelta(minutes=30)), "END_TIME": at(NOW + timedelta(hours=80))}
    draft = {"ID": str(uuid.UUID(int=31)), "TICKET_STATUS": "0", "ISSUE_TIME": ""}
    other = {"ID": str(uuid.UUID(int=32)), "TICKET_CONTENT": "清理外部地沟"}
    assert here.codes(TICKETS, ticket(**early), ticket(**draft), ticket(**other)) == []
    # The test's day is long past by the clock of the door: all are told late, which is not what is asked here.
    OutsidePermit.objects.filter(content="清理外部地沟").update(failed=[], score=100, worst="")


def test_statistics_count_them_apart_by_enterprise_and_rule_and_each_number_opens_its_rows(system: System) -> None:
    sent(system)
    office = client_of(system.district.department)
    page = office.get(reverse("permits:audit_statistics"), DAY)
    told = page.context["outside"]
    (line,) = told["rows"]
    assert (line["line"].key, line["line"].audited, line["line"].failing) == (system.file.pk, 2, 1)
    assert {"A-002", "A-012"} <= {code for code, *_rest in told["rules"]}
    assert page.context["whole"]["line"].audited == 0, "never added to our own"
    assert "外部作业票（企业自有系统）" in page.content.decode()
    assert f"file={system.file.pk}" in line["url"], "by its key: a name may stand in another's"
    rows = office.get(line["url"]).content.decode()
    assert "更换外部管段" in rows
    assert "清理外部地沟" in rows
    failing = office.get(line["failing_url"]).content.decode()
    assert "清理外部地沟" not in failing
    by_rule = next(url for code, _text, _mark, _number, url in told["rules"] if code == "A-012")
    assert "更换外部管段" in office.get(by_rule).content.decode()
    own = client_of(system.head).get(reverse("permits:audit_enterprise", args=[system.file.pk]), DAY)
    assert own.context["outside"]["whole"]["line"].audited == 2
    # Who may not see the enterprise counts nothing of it.
    stranger = client_of(system.district.other_enterprise)
    assert stranger.get(reverse("permits:audit_statistics"), DAY).context["outside"]["rows"] == []
    assert stranger.get(reverse("permits:audit_enterprise", args=[system.file.pk]), DAY).status_code == 404


def test_they_are_squares_on_the_map_at_the_point_that_they_told(system: System, monkeypatch) -> None:
    sent(system)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(hours=1))
    office = client_of(system.district.department)
    page = office.get(reverse("permits:map"))
    spots = page.context["outside_spots"]
    assert len(spots) == 2, "what was not issued is not at work"
    assert {one.permit.content for one, _paint, _level in spots} == {"更换外部管段", "清理外部地沟"}
    assert {(one.tone, one.is_doubtful) for one, _paint, _level in spots} == {("green", False)}
    first, second = (one for one, _paint, _level in spots)
    assert (first.x, first.y) != (second.x, second.y), "two at one point stand beside each other"
    text = page.content.decode()
    assert text.count('class="pmt-pin outside green"') == 2
    assert reverse("permits:outside_permit", args=[first.permit.pk]) in text
    # One that cannot be there is drawn at its enterprise, where that has a point, and says so.
    OutsidePermit.objects.filter(content="清理外部地沟").update(lon="121.4", lat="31.2")
    type(system.file).objects.filter(pk=system.file.pk).update(lon="118.500000", lat="37.400000")
    text = office.get(reverse("permits:map"), {"of": "kind"}).content.decode()
    assert "位置存疑，画在企业处" in text
    assert 'class="pmt-pin outside hot"' in text
    assert client_of(system.district.other_enterprise).get(reverse("permits:map")).context["outside_spots"] == []
    site = client_of(system.head).get(reverse("permits:site", args=[system.file.pk])).content.decode()
    assert "更换外部管段" in site
    assert "平面图没有坐标" in site


def test_a_square_at_our_own_permit_covers_it_not(system: System) -> None:
    sent(system)
    rows = list(OutsidePermit.objects.select_related("file").order_by("pk"))
    permit = make_permit(system.district, "CS", to="PREPARING")
    type(permit.file).objects.filter(pk=permit.file_id).update(lon=rows[0].lon, lat=rows[0].lat)
    drawing = draw([Permit.objects.select_related("file").get(pk=permit.pk)], NOW, rows[:1])
    (spot,), (square,) = drawing.spots, drawing.outside
    assert hypot(square.x - spot.x, square.y - spot.y) > DOT + OUTSIDE_SIDE / 2
