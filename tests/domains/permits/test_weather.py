"""Warnings of weather: entered or taken in, they stop open work in their area until they ended."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.domains.permits.factories import FOUND, crew_of, make_permit
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import Permit, WeatherRuleChange, WeatherWarning, WorkAlarm
from quancheng.domains.permits.queries import weather
from quancheng.domains.permits.queries.loading import load_many
from quancheng.domains.permits.services import clock, preparing
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.notices.models import Notice
from quancheng.runtime import weather_service

pytestmark = pytest.mark.django_db
API = "/api/v1/permits/weather-warnings"
MIN = timedelta(minutes=1)


class Scene:
    """A permit of a kind at work in a town of the district, an office above it, and the clock."""

    def __init__(self, at: list[datetime], kind: str, to: str, **known: Any) -> None:
        self.district, self.clock = make_district(), at
        self.crew = crew_of(self.district, kind)
        self.permit = make_permit(self.district, kind, crew=self.crew, to=to, **known)
        at[0] = self.permit.status_at + 5 * MIN
        self.office = client_of(self.district.department)
        self.own = client_of(self.crew.safety)

    @property
    def now(self) -> datetime:
        return self.clock[0]

    def told(self, kind: str, colour: str, **known: Any) -> dict[str, Any]:
        return {
            "kind": kind, "colour": colour, "issuer": "示例气象台", "reference": f"R-{kind}", "text": "过程来临",
            "valid_from": self.now.isoformat(), "valid_to": (self.now + timedelta(hours=2)).isoformat(),
            "issued_at": self.now.isoformat(), **known,
        }  # fmt: skip

    def tell(self, kind: str, colour: str, *, client: Any = None, **known: Any) -> Any:
        return (client or self.office).post(
            API, json.dumps(self.told(kind, colour, **known)), content_type="application/json",
            HTTP_IDEMPOTENCY_KEY=str(uuid.uuid4()),
        )  # fmt: skip

    def end(self, warning: str, client: Any = None) -> Any:
        return (client or self.office).post(
            f"{API}/{warning}/end", json.dumps({"note": "系统移出"}), content_type="application/json"
        )

    def move(self, name: str) -> Any:
        given = {"act": name, "client_id": str(uuid.uuid4()), "from_state": self.permit.status}
        return self.own.post(reverse("permits:permit", args=[self.permit.pk]), given)

    def state(self) -> tuple[str, str]:
        self.permit.refresh_from_db()
        return self.permit.status, self.permit.stop_reason


@pytest.fixture
def scene(at: list[datetime]) -> Any:
    return lambda kind="WH", to="WORKING", **known: Scene(at, kind, to, **known)


def test_a_warning_suspends_open_work_at_once_tells_its_people_and_ends_before_work_goes_on(scene: Any) -> None:
    here = scene()
    yellow = here.tell("LIGHTNING", "YELLOW")
    assert yellow.status_code == 201, yellow.content.decode()
    # Yellow lightning stops nothing that runs.
    assert here.state() == ("WORKING", "")
    orange = here.tell("LIGHTNING", "ORANGE")
    assert orange.status_code == 201, orange.content.decode()
    assert (orange.json()["id"], orange.json()["stopped_count"]) == (yellow.json()["id"], 1)
    assert here.state() == ("SUSPENDED", "WEATHER")
    assert Notice.objects.filter(kind="permits.stopped", subject_id=here.permit.pk).exists()
    assert WorkAlarm.objects.filter(permit=here.permit, code="WTH").exists()
    here.clock[0] += 5 * MIN
    refused = here.move("resume")
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "C-57" in page
    assert "雷电橙色预警" in page
    assert here.state()[0] == "SUSPENDED"
    # Another office's warning is not the town's to end; its own office does.
    assert here.end(orange.json()["id"], client_of(here.district.town)).status_code == 403
    ended = here.end(orange.json()["id"])
    assert ended.status_code == 200, ended.content.decode()
    assert ended.json()["ended_at"]
    assert here.end(orange.json()["id"]).status_code == 409
    preparing.check_site(
        actor=here.crew.safety, permit=here.permit, found={**FOUND, "reconfirmed": True}, now=here.now
    )
    assert here.move("resume").status_code == 303
    assert here.state() == ("WORKING", "")
    acts = set(JournalEntry.objects.filter(act__startswith="permits.weather").values_list("act", flat=True))
    assert acts == {"permits.weather.tell", "permits.weather.end"}
    assert here.tell("LIGHTNING", "RED").status_code == 409


def test_what_a_warning_does_turns_on_kind_colour_place_and_time(scene: Any) -> None:
    here = scene("HW", "ISSUED")
    # Blinding is not touched by wind; hot work in the open is.
    assert here.tell("WIND", "BLUE").status_code == 201
    page = here.move("start").content.decode()
    assert "大风蓝色预警" in page
    assert here.state()[0] == "ISSUED"
    # It lapses by itself at the end of its time.
    here.clock[0] += timedelta(hours=2)
    clock.keep_time(now=here.now)
    row = WeatherWarning.objects.get()
    assert row.ended_at == row.valid_to
    # One that begins later stops work when it begins, by the clock.
    here.office = client_of(here.district.department)
    assert here.tell("WIND", "RED", reference="later", valid_from=(here.now + 30 * MIN).isoformat(),
                     valid_to=(here.now + 90 * MIN).isoformat()).status_code == 201  # fmt: skip
    assert WeatherWarning.objects.get(reference="later").stopped_count == 0
    Permit.objects.filter(pk=here.permit.pk).update(status="WORKING", started_at=here.now)
    clock.watch_running(now=here.now + 29 * MIN)
    assert here.state()[1] != "WEATHER"
    Permit.objects.filter(pk=here.permit.pk).update(status="WORKING", stop_reason="", stopped_at=None)
    clock.watch_running(now=here.now + 31 * MIN)
    permit = Permit.objects.get(pk=here.permit.pk)
    assert permit.status == "SUSPENDED"


def test_a_warning_over_another_town_and_work_indoors_are_not_touched(scene: Any) -> None:
    here = scene("CS", "WORKING", work={"outdoor": False})
    assert here.tell("LIGHTNING", "RED").status_code == 201
    assert here.state() == ("WORKING", "")
    other = client_of(here.district.other_town)
    Permit.objects.filter(pk=here.permit.pk).update(work={**here.permit.work, "outdoor": True})
    WeatherWarning.objects.all().delete()
    told = here.tell("LIGHTNING", "RED", client=other, reference="elsewhere")
    assert told.status_code == 201, told.content.decode()
    assert here.state() == ("WORKING", "")
    # A town has no word over the whole district.
    type(here.district.area).objects.filter(pk=here.district.area.pk).update(code="990102")
    refused = here.tell("LIGHTNING", "RED", client=other, reference="home", area_code="990102")
    assert refused.status_code == 422
    assert here.tell("HEAT", "YELLOW", area_code="990102").json()["area_code"] == "990102"


def test_only_an_office_tells_a_warning_and_a_bad_one_is_refused_by_field(scene: Any) -> None:
    here = scene("WH", "ISSUED")
    assert here.tell("WIND", "RED", client=here.own).status_code == 403
    assert here.tell("FOG", "BLUE").json()["fields"]["colour"]
    assert here.tell("WIND", "RED", valid_to=(here.now - MIN).isoformat()).json()["fields"]["valid_to"]
    assert here.tell("WIND", "RED", valid_to=(here.now + timedelta(days=8)).isoformat()).json()["fields"]["valid_to"]
    assert here.tell("WIND", "RED", area_code="999").json()["fields"]["area_code"]
    assert here.tell("WIND", "PINK").status_code == 422
    assert here.tell("WIND", "RED", colours="x").status_code == 422
    assert not WeatherWarning.objects.exists()
    assert here.own.get(reverse("permits:weather_new")).status_code == 403


def test_the_office_enters_and_ends_a_warning_by_page_and_everybody_reads_the_register(scene: Any) -> None:
    here = scene()
    form = here.office.get(reverse("permits:weather_new"))
    over = form.context["form"].fields["over"].queryset.first()
    given = {
        "kind": "FOG", "colour": "YELLOW", "over": str(over.pk), "issuer": "示例气象台",
        "valid_from": "2026-09-08T08:00", "valid_to": "2026-09-08T20:00", "client_id": str(uuid.uuid4()),
    }  # fmt: skip
    made = here.office.post(reverse("permits:weather_new"), given)
    assert made.status_code == 303, made.content.decode()
    assert here.state() == ("SUSPENDED", "WEATHER")
    listed = here.own.get(reverse("permits:weather"), {"standing": "1"}).content.decode()
    assert "大雾" in listed
    page = here.own.get(made["Location"]).content.decode()
    assert str(here.permit.number) in page
    assert "8.2.6" in page
    # What an enterprise that is not under it sees of permits is its own alone.
    other = client_of(here.district.other_enterprise).get(made["Location"]).content.decode()
    assert str(here.permit.number) not in other
    assert here.own.post(made["Location"], {"act": "end", "note": "x"}).status_code in (403, 404)
    done = here.office.post(made["Location"], {"act": "end", "note": "雾散", "client_id": str(uuid.uuid4())})
    assert done.status_code == 303
    assert WeatherWarning.objects.get().end_note == "雾散"
    assert here.own.get(API, {"standing": "true"}).json()["items"] == []
    assert [one["kind"] for one in here.own.get(API, {"kind": "FOG"}).json()["items"]] == ["FOG"]


def test_an_office_sets_what_a_warning_does_and_the_newest_setting_counts(scene: Any) -> None:
    here = scene()
    url = reverse("permits:weather_rule", args=["LIGHTNING", "YELLOW"])
    office = client_of(here.district.director)
    given = {"forbids": ["WH"], "stops": ["WH"], "reason": "本区雷暴多发", "client_id": str(uuid.uuid4())}
    answer = office.post(url, given)
    assert answer.status_code == 303, answer.content.decode()
    assert here.own.post(url, given).status_code == 403
    assert "本区雷暴多发" in office.get(url).content.decode()
    assert WeatherRuleChange.objects.get().stops == ["WH"]
    assert here.tell("LIGHTNING", "YELLOW").status_code == 201
    assert here.state() == ("SUSPENDED", "WEATHER")
    assert office.get(reverse("permits:weather_rule", args=["HEAT", "BLUE"])).status_code == 404


def test_what_the_standard_demands_is_not_taken_away_and_what_the_house_set_is_told_as_its_own(scene: Any) -> None:
    here = scene()
    office = client_of(here.district.director)
    fog = reverse("permits:weather_rule", args=["FOG", "RED"])
    less = office.post(fog, {"stops": ["LF"], "forbids": ["WH"], "reason": "x", "client_id": str(uuid.uuid4())})
    assert less.status_code == 422
    assert "不能低于标准要求" in less.content.decode()
    assert not WeatherRuleChange.objects.exists()
    more = {"stops": ["WH", "LF", "HW"], "forbids": [], "reason": "雾中不动火", "client_id": str(uuid.uuid4())}
    assert office.post(fog, more).status_code == 303
    page = office.get(reverse("permits:weather_rules")).content.decode()
    assert "本区设置：雾中不动火" in page
    warning = WeatherWarning(kind="FOG", colour="RED", valid_from=here.now, valid_to=here.now + MIN)
    rules = weather.standing_rules()
    told = {kind: weather.warned([warning], rules, kind, here.now)[0].clause for kind in ("WH", "HW")}
    assert ("8.2.6" in told["WH"], told["HW"]) == (True, "")


def test_an_older_word_undoes_no_graver_one_and_the_page_tells_what_was_in_force(scene: Any) -> None:
    here = scene()
    assert here.tell("LIGHTNING", "RED").status_code == 201
    assert here.state() == ("SUSPENDED", "WEATHER")
    late = here.tell("LIGHTNING", "YELLOW", issued_at=(here.now - 20 * MIN).isoformat())
    assert late.status_code == 409
    assert here.tell("LIGHTNING", "RED", valid_from=(here.now + MIN).isoformat()).json()["fields"]["valid_from"]
    assert here.tell("LIGHTNING", "RED", issued_at=(here.now + 60 * MIN).isoformat()).json()["fields"]["issued_at"]
    row = WeatherWarning.objects.get()
    assert row.colour == "RED"
    here.clock[0] += MIN
    assert here.tell("LIGHTNING", "YELLOW").status_code == 201
    entry = JournalEntry.objects.filter(act="permits.weather.tell").order_by("-id")[0]
    assert (entry.facts["former"]["colour"], entry.facts["colour"]) == ("RED", "YELLOW")
    # What is set after its end says nothing of what it did.
    here.end(str(row.pk))
    here.clock[0] += MIN
    office = client_of(here.district.director)
    given = {"forbids": ["EX"], "stops": ["EX"], "reason": "后来设置", "client_id": str(uuid.uuid4())}
    assert office.post(reverse("permits:weather_rule", args=["LIGHTNING", "YELLOW"]), given).status_code == 303
    page = here.own.get(reverse("permits:weather_warning", args=[row.pk])).content.decode()
    assert "后来设置" not in page


def test_what_may_lie_under_a_warning_is_under_it_for_act_count_and_list(scene: Any) -> None:
    here = scene()
    home = type(here.district.area).objects.get(is_home=True)
    town = type(home).objects.filter(path__startswith=home.path).exclude(pk=home.pk).first()
    assert town is not None
    warning = WeatherWarning(over=town)
    for area, is_under in ((None, True), (home, True), (town, True)):
        Permit.objects.filter(pk=here.permit.pk).update(area=area)
        row = Permit.objects.get(pk=here.permit.pk)
        assert weather.is_over(warning, row) is is_under
        assert Permit.objects.filter(weather.under(town), pk=row.pk).exists() is is_under


def test_the_area_of_many_permits_is_read_once_while_a_warning_stands(scene: Any) -> None:
    here = scene("WH", "ISSUED")
    make_permit(here.district, "WH", crew=here.crew, to="DRAFT")
    assert here.tell("HEAT", "YELLOW").status_code == 201
    with CaptureQueriesContext(connection) as asked:
        found = load_many(list(Permit.objects.select_related("file__enterprise", "file__area")))
    assert len(found) == 2
    assert all(one.weather for one in found.values())
    assert sum('FROM "areas_area"' in one["sql"] for one in asked) == 1


def test_the_trial_weather_service_tells_a_storm_that_comes_and_goes(scene: Any, monkeypatch: Any) -> None:
    here = scene()

    def post(house: Any, path: str, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        times = here.told("WIND", "BLUE")
        body = {**body, **{name: times[name] for name in body if name.endswith(("_from", "_to", "_at"))}}
        answer = here.office.post(
            f"/api/v1/permits/{path}", json.dumps(body), content_type="application/json", HTTP_IDEMPOTENCY_KEY=key
        )
        return answer.status_code, answer.json()

    monkeypatch.setattr(weather_service.House, "post", post)
    house = weather_service.House("http://127.0.0.1:1", "x")
    states = [
        (status, here.state()[0])
        for status, _told in weather_service.tell_scene(house, "thunderstorm", area="", minutes=60, run="T1")
    ]
    assert states == [(201, "WORKING"), *[(201, "SUSPENDED")] * 3, *[(200, "SUSPENDED")] * 2]
    assert not WeatherWarning.objects.filter(ended_at__isnull=True).exists()
