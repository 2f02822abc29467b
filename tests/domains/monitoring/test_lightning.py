"""Detectors of lightning: what they tell warns the work of their enterprise, and ends by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone
from tests.domains.permits.factories import NOW, crew_of, make_permit, own_file
from tests.factories import client_of, make_actor, make_district

from quancheng.domains.monitoring.models import Tag
from quancheng.domains.monitoring.queries.alarm_terms import Terms
from quancheng.domains.monitoring.services.alarm_terms import set_terms
from quancheng.domains.monitoring.services.lightning import colour_of, watch_lightning
from quancheng.domains.permits.models import WeatherWarning
from quancheng.domains.permits.services.weather_clock import lapse_warnings
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.stream.store import client as store

pytestmark = pytest.mark.django_db
MIN = timedelta(minutes=1)


@pytest.fixture
def at(monkeypatch: Any) -> list[datetime]:
    now = [NOW + 30 * MIN]
    monkeypatch.setattr("django.utils.timezone.now", lambda: now[0])
    return now


class Here:
    """Work at height in the open, and a detector of its enterprise."""

    def __init__(self, telemetry_url: str, settings: Any, at: list[datetime]) -> None:
        settings.TELEMETRY_URL = telemetry_url
        self.store, self.clock = store.connect(telemetry_url), at
        store.ensure_tables(self.store)
        self.district = make_district()
        self.crew = crew_of(self.district, "WH")
        self.permit = make_permit(self.district, "WH", crew=self.crew, to="WORKING")
        at[0] = self.permit.status_at + 5 * MIN
        self.tag = self.detector(own_file(self.district), "LD.1")

    @property
    def now(self) -> datetime:
        return self.clock[0]

    def detector(self, file: Any, code: str, **known: Any) -> Tag:
        told = {"name": "雷电预警仪", "kind": "lightning", "unit": "km", **known}
        row = Tag.objects.create(**file.row_scope(), file=file, code=code, created_at=NOW, **told)
        row.refresh_from_db()
        return row

    def tell(self, value: float, *, ago: timedelta = timedelta(seconds=20), tag: Tag | None = None) -> None:
        ms = int((self.now - ago).timestamp() * 1000)
        row = ((tag or self.tag).number, ms, value, 192, 0, 0)
        store.write(self.store, "readings", np.array([row], store.READING))

    def state(self) -> tuple[str, str]:
        self.permit.refresh_from_db()
        return self.permit.status, self.permit.stop_reason


@pytest.fixture
def here(telemetry_url: str, settings: Any, at: list[datetime]) -> Here:
    return Here(telemetry_url, settings, at)


def standing(here: Here) -> list[str]:
    rows = WeatherWarning.objects.filter(ended_at__isnull=True, valid_to__gt=here.now)
    return sorted(rows.values_list("colour", flat=True))


def test_a_flash_near_by_warns_its_enterprise_alone_stops_work_and_ends_after_quiet_minutes(here: Here) -> None:
    here.tell(40.0)
    assert watch_lightning(now=here.now) == 0
    assert standing(here) == []
    here.tell(25.0, ago=timedelta(seconds=10))
    assert watch_lightning(now=here.now) == 1
    # Yellow stops nothing that runs.
    assert (standing(here), here.state()[0]) == (["YELLOW"], "WORKING")
    here.clock[0] += MIN
    here.tell(6.0)
    watch_lightning(now=here.now)
    assert standing(here) == ["RED", "YELLOW"]
    assert here.state() == ("SUSPENDED", "WEATHER")
    row = WeatherWarning.objects.get(colour="RED")
    assert (row.file_id, row.issuer, row.stopped_count) == (here.tag.file_id, "LD.1", 1)
    # Told again it holds longer, and is no second one.
    until = row.valid_to
    here.clock[0] += 10 * MIN
    here.tell(7.0)
    watch_lightning(now=here.now)
    row.refresh_from_db()
    assert row.valid_to == until + 10 * MIN
    assert WeatherWarning.objects.filter(colour="RED").count() == 1
    here.clock[0] += 30 * MIN
    watch_lightning(now=here.now)
    lapse_warnings(now=here.now)
    assert standing(here) == []
    row.refresh_from_db()
    assert row.ended_at == row.valid_to


def test_who_is_no_neighbour_of_the_enterprise_reads_nothing_and_its_work_goes_on(here: Here) -> None:
    strange = open_own_file(actor=here.district.other_enterprise, kind="depot", known={}, now=NOW)
    here.tell(3.0, tag=here.detector(strange, "LD.2"))
    watch_lightning(now=here.now)
    row = WeatherWarning.objects.get()
    assert row.file_id == strange.pk
    assert here.state()[0] == "WORKING"
    page = reverse("permits:weather_warning", args=[row.pk])
    assert client_of(here.crew.safety).get(page).status_code == 404
    assert client_of(here.district.other_enterprise).get(page).status_code == 200
    shown = client_of(here.district.director).get(page).content.decode()
    assert "LD.2" in shown
    assert here.district.other_enterprise_org.name in shown


def test_a_bad_message_warns_of_nothing_and_an_old_one_of_nothing_now(here: Here) -> None:
    ms = int(here.now.timestamp() * 1000) - 5000
    store.write(here.store, "readings", np.array([(here.tag.number, ms, 2.0, 4, 0, 0)], store.READING))
    here.tell(2.0, ago=40 * MIN)
    assert watch_lightning(now=here.now) == 0
    assert not WeatherWarning.objects.exists()


def test_a_run_that_was_missed_loses_no_flash_whose_warning_would_still_hold(here: Here) -> None:
    here.tell(3.0, ago=20 * MIN)
    assert watch_lightning(now=here.now) == 1
    row = WeatherWarning.objects.get()
    assert (row.colour, row.valid_to) == ("RED", here.now + 10 * MIN)
    assert here.state() == ("SUSPENDED", "WEATHER")


def test_levels_are_the_districts_to_set_by_distance_and_by_field(here: Here) -> None:
    mill = here.detector(here.tag.file, "EF.1", unit="kV/m")
    usual = Terms()
    told = {value: colour_of(here.tag, value, usual) for value in (0.0, 8.0, 8.1, 15.0, 15.1, 30.0, 30.1, -1.0)}
    assert told == {0.0: "red", 8.0: "red", 8.1: "orange", 15.0: "orange", 15.1: "yellow", 30.0: "yellow", 30.1: "",
                    -1.0: ""}  # fmt: skip
    field = {value: colour_of(mill, value, usual) for value in (1.9, -2.0, 5.0, -8.0)}
    assert field == {1.9: "", -2.0: "yellow", 5.0: "orange", -8.0: "red"}
    figures = {name: getattr(usual, name) for name in Terms.__slots__} | {"lightning_red_km": 12}
    officer = make_actor(here.district.office_org, "office.officer")
    set_terms(actor=officer, figures=figures, reason="山区", from_date=timezone.localdate(here.now), now=here.now)
    here.tell(11.0)
    watch_lightning(now=here.now)
    assert standing(here) == ["RED"]
