"""The risk map: enterprises in their colours, now and at the end of any day, for who may see them; the way down."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.domains.registry.factories import make_file
from tests.domains.risk.factories import make_event, make_measure, make_object, make_unit
from tests.factories import District, client_of, house_actor, make_district

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Measure, TownOutline
from quancheng.domains.risk.services import assessing, risks
from quancheng.kernel.access.actor import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def firm(district: District, number: int, **known: Any) -> Enterprise:
    at = {"lon": Decimal("122.600000") + Decimal(number) / 1000, "lat": Decimal("35.600000")}
    return make_file(
        house_actor(), area=district.street_area, name=f"示例企业{number}", kind="unlicensed", code="", **at | known
    )


def assess(event: Any, likelihood: int, severity: int, at: Any, stage: str = "residual") -> None:
    assessing.assess(
        actor=house_actor(), event=event, stage=stage, method="LS",
        values={"likelihood": likelihood, "severity": severity}, facts={}, assessed_by="示例组", day=at.date(),
        text="", now=at,
    )  # fmt: skip


def risky(file: Enterprise, likelihood: int = 2, severity: int = 3, *, days: int = 20) -> Measure:
    """An object with one event that has been assessed so many days ago: inherent 4 × 4, residual as given."""
    house: Actor = house_actor()
    event = make_event(house, make_unit(house, make_object(house, file)))
    measure = make_measure(house, event)
    at = timezone.now() - timedelta(days=days)
    for model in (type(event), type(event.unit), type(event.unit.object)):
        model._default_manager.all().update(created_at=at - timedelta(days=1))
    assess(event, 5, 5, at, stage="inherent")
    assess(event, likelihood, severity, at)
    return measure


def colours(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content.decode()[:400]
    flat = answer.json()["points"]
    return [flat[at + 3] for at in range(0, len(flat), 4)]


@pytest.mark.clause("S3-4.3c", "S3-4.3d", "S1-14a")
def test_the_map_shows_each_enterprise_in_its_colour_now_and_as_it_stood_on_any_day(district: District) -> None:
    file = firm(district, 1)
    firm(district, 2)
    measure = risky(file)
    office = client_of(district.director)
    data, today = reverse("risk:map_data"), timezone.localdate()
    assert sorted(colours(office.get(data))) == [0, 4]
    assert sorted(colours(office.get(data, {"of": "inherent"}))) == [0, 1]
    assert sorted(colours(office.get(data, {"of": "graded"}))) == [0, 0]
    risks.mark_failed(actor=house_actor(), row=measure, because="报警不响", now=timezone.now())
    assert sorted(colours(office.get(data))) == [0, 3]
    assert sorted(colours(office.get(data, {"of": "residual"}))) == [0, 4]
    # Yesterday it still was blue, a month ago nobody had assessed anything.
    yesterday = (today - timedelta(days=1)).isoformat()
    for of, level in (("present", 4), ("residual", 4), ("inherent", 1)):
        assert sorted(colours(office.get(data, {"day": yesterday, "of": of}))) == [0, level], of
    assert colours(office.get(data, {"day": (today - timedelta(days=40)).isoformat()})) == [0, 0]
    assert colours(office.get(data, {"level": "3"})) == [3]
    # Whoever may not see the enterprise sees no point of it, in the list neither.
    for outside in (district.other_town, district.other_enterprise):
        assert colours(client_of(outside).get(data)) == []
    page = office.get(reverse("risk:map"), {"day": yesterday}).content.decode()
    assert "示例企业1" in page
    assert "低风险" in page
    assert f"{yesterday}日终" in page
    assert "示例企业1" not in client_of(district.other_town).get(reverse("risk:map")).content.decode()


def test_an_object_that_ended_colours_its_enterprise_only_until_then(district: District) -> None:
    file = firm(district, 1)
    measure = risky(file, 4, 4)
    parent = measure.event.unit.object
    risks.end_object(actor=house_actor(), row=parent, reason="拆除", now=timezone.now())
    office, data = client_of(district.director), reverse("risk:map_data")
    assert colours(office.get(data)) == [0]
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    assert colours(office.get(data, {"day": yesterday})) == [2]


@pytest.mark.parametrize("query", ["day=2999-01-01", "day=gestern", "of=green", "level=7", "hazard=x", "colour=1"])
def test_what_the_map_cannot_read_is_refused_and_never_shown_as_the_whole(district: District, query: str) -> None:
    firm(district, 1)
    office = client_of(district.director)
    assert office.get(f"{reverse('risk:map_data')}?{query}").status_code in (400, 422)
    page = office.get(f"{reverse('risk:map')}?{query}")
    assert page.status_code in (400, 422)
    assert "示例企业1" not in page.content.decode()


def test_a_point_leads_to_the_site_and_the_way_goes_down_to_the_event_and_back(district: District) -> None:
    file = firm(district, 1)
    measure = risky(file)
    office = client_of(district.director)
    found = office.get(reverse("risk:map_at"), {"lon": "122.60100", "lat": "35.60000"})
    site = reverse("risk:site", args=[file.pk])
    assert found.headers["Location"] == site
    event = measure.event
    page = office.get(site).content.decode()
    for address in (reverse("risk:map"), reverse("risk:object", args=[event.unit.object_id]),
                    reverse("risk:unit", args=[event.unit_id])):  # fmt: skip
        assert address in page
    assert site in office.get(reverse("risk:object", args=[event.unit.object_id])).content.decode()
    unit = office.get(reverse("risk:unit", args=[event.unit_id])).content.decode()
    assert reverse("risk:object", args=[event.unit.object_id]) in unit
    assert reverse("risk:unit", args=[event.unit_id]) in office.get(
        reverse("risk:event", args=[event.pk])
    ).content.decode()
    assert client_of(district.other_town).get(site).status_code == 404


def test_towns_with_an_outline_are_areas_in_their_worst_colour(district: District) -> None:
    risky(firm(district, 1))
    ring = [[122.5, 35.5], [122.7, 35.5], [122.7, 35.7], [122.5, 35.5]]
    TownOutline.objects.create(
        area=district.street_area, ring={"type": "Polygon", "coordinates": [ring]}, source="示意",
        entered_at=timezone.now(),
    )  # fmt: skip
    told = client_of(district.director).get(reverse("risk:map_data")).json()["areas"]
    assert [(level, path, len(flat)) for level, path, flat in told] == [(4, district.street_area.path, 6)]
    assert client_of(district.other_town).get(reverse("risk:map_data")).json()["areas"] == []
