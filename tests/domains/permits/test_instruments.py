"""Gas analysis from an instrument's own message: taken as it stands, or refused with the clause."""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from tests.domains.permits.factories import NOW, own_file
from tests.domains.permits.instrument_scene import GOOD, Scene
from tests.domains.registry.factories import make_unit
from tests.factories import client_of

from quancheng.domains.monitoring.models import Tag, TagStatus
from quancheng.domains.permits.models import PermitWarning, WorkAlarm
from quancheng.domains.permits.queries import facts
from quancheng.domains.permits.queries import instruments as known_instruments
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.kernel.journal.models import JournalEntry
from quancheng.standards.gb30871 import gas_times

pytestmark = pytest.mark.django_db
NOT_ACCURATE, BY_HAND, BAD = 80, 216, 4


@pytest.fixture
def scene(telemetry_url: str, settings: Any, at: list[datetime]) -> Any:
    return lambda to="ISSUED": Scene(telemetry_url, settings, to, at)


def test_a_reading_is_taken_as_the_instrument_told_it_and_nothing_of_it_can_be_typed(scene: Any) -> None:
    here = scene()
    tag = here.tag()
    here.tell(tag, 9.0, ago_s=40)
    key = here.tell(tag, 2.5)
    page = here.client.get(here.url)
    assert "2.5 %LEL" in page.content.decode()
    assert "可以取用" in page.content.decode()
    answer = here.take(value="0.0001", unit="ppm", sampled_at="2026-01-01T00:00", calibration_due="2030-01-01")
    assert answer.status_code == 303, answer.content.decode()
    row = here.tests().get()
    assert (row.value, row.unit, row.gas, row.quantity) == (2.5, "%LEL", "methane", "COMBUSTIBLE")
    assert (row.verdict, row.instrument, row.calibration_due) == ("PASS", "HF.GDS1", date(2027, 1, 1))
    assert row.sampled_at == here.now - timedelta(seconds=5)
    assert (row.reading, row.message["quality"], row.is_manual) == (key, GOOD, False)
    entry = JournalEntry.objects.filter(act="permits.gas.enter").order_by("-id")[0]
    assert entry.facts["reading"] == key
    told = {one.is_manual for one in load_rows(here.permit).gas if one.reading}
    assert told == {False}
    shown = here.client.get(reverse("permits:permit", args=[here.permit.pk]) + "?tab=gas").content.decode()
    assert key in shown
    assert "仪器读数" in shown
    # The same message is one sample; the next one is another.
    again = here.take()
    assert again.status_code == 409
    assert "已经用于本作业票" in again.content.decode()
    here.tell(tag, 2.6, ago_s=1)
    assert here.take().status_code == 303
    assert here.tests().count() == 2
    # With which gas a detector of propane is calibrated nobody told: what it reads may be twice as much.
    other = here.tag("HF.GDS2", medium="74-98-6")
    here.tell(other, 9.0)
    assert "须注明仪器标定气体" in here.take("HF.GDS2").content.decode()
    here.tell(other, 9.8, ago_s=1)
    assert here.take("HF.GDS2").status_code == 303
    assert here.tests().get(instrument="HF.GDS2").verdict == "FAIL"


def test_a_reading_that_is_none_of_this_work_is_refused_with_its_clause(scene: Any) -> None:
    here = scene()
    strange = open_own_file(actor=here.district.other_enterprise, kind="depot", known={}, now=NOW)
    cases = {
        "A": ({}, {"ago_s": 61}, "没有新的读数"),
        "B": ({}, {"quality": BAD}, "没有有效读数"),
        "C": ({}, {"quality": NOT_ACCURATE}, "读数质量为"),
        "D": ({}, {"quality": BY_HAND}, "读数质量为“人工置数”"),
        "E": ({"calibrated_until": here.now.date() - timedelta(days=1)}, {}, "取样时已过期"),
        "F": ({"calibrated_until": None}, {}, "检定有效期未知"),
        "G": ({"medium": ""}, {}, "没有登记被测气体"),
        "H": ({"status": TagStatus.SERVICE, "service_until": here.now}, {}, "正在检维修"),
        "I": ({"file": strange, "unit_place": None}, {}, "本单位没有这台气体检测仪器"),
        "J": ({}, {"ago_s": -300}, "没有新的读数"),
        "M": ({"unit_place": None}, {}, "不能确认读数代表本作业点"),
        "N": ({"kind": "toxic", "unit": "mg/m3", "medium": ""}, {}, "有毒气体须注明名称"),
        "O": ({"medium": "某混合气"}, {}, "须注明气体"),
    }  # fmt: skip
    for code, (known, told, _words) in cases.items():
        here.tell(here.tag(code, **known), 1.0, **told)
    for code, (_known, _told, words) in cases.items():
        answer = here.client.post(
            f"/api/v1/permits/permits/{here.permit.pk}/gas-readings",
            json.dumps({"instrument": code, "point": "一", "analyst": "某", "distance_m": "3"}),
            content_type="application/json",
        )  # fmt: skip
        assert answer.status_code == 422, (code, answer.content.decode())
        problem = answer.json()
        assert words in problem["fields"]["instrument"], (code, problem)
        assert "GB 30871-2022" in problem["fields"]["instrument"], problem
        if code != "I":
            assert words in here.take(code).content.decode()
    assert not here.tests().exists()
    # One that hangs in another unit than the work says nothing of it.
    far = make_unit(here.district.enterprise, own_file(here.district), code="U-2", name="装卸区")
    here.tell(here.tag("K", unit_place=far), 1.0)
    assert "不在作业所在单元" in here.take("K").content.decode()
    here.tell(here.tag("L"), 1.0)
    assert here.take("L").status_code == 303
    # Nor does one that hangs somewhere tell of the inside, or of a place that nobody measured.
    here.tell(here.tag("P"), 1.0)
    for position in ("UPPER", "INSIDE"):
        assert "固定安装的仪器" in here.take("P", position=position).content.decode()
    assert here.take("P", distance_m="").status_code == 422
    assert not here.tests().filter(instrument="P").exists()


def test_a_number_that_no_instrument_tells_is_no_reading_and_the_page_stands(scene: Any) -> None:
    here = scene()
    here.tell(here.tag("Q"), 3.4e38)
    here.tell(here.tag("R"), 1.0)
    page = here.client.get(here.url)
    assert (page.status_code, "没有有效读数" in page.content.decode()) == (200, True)
    assert here.take("Q").status_code == 422
    assert here.take("R").status_code == 303


@pytest.mark.parametrize("known", [
    {"medium": ""}, {"status": TagStatus.SERVICE, "service_until": NOW}, {"unit_place": None}, {"quality": BAD},
])  # fmt: skip
def test_a_grave_reading_of_a_doubtful_instrument_stops_work(scene: Any, known: dict[str, Any]) -> None:
    here = scene("WORKING")
    told = dict(known)
    quality = told.pop("quality", GOOD)
    here.tell(here.tag(**told), 60.0, quality=quality)
    assert here.take(phase="PERIODIC").status_code == 303
    here.permit.refresh_from_db()
    assert (here.permit.status, here.permit.stop_reason) == ("SUSPENDED", "GAS_ALARM")


def test_what_one_detector_found_no_other_lifts(scene: Any) -> None:
    here = scene()
    here.tell(here.tag("A"), 30.0, ago_s=20)
    assert here.take("A").status_code == 303
    here.tell(here.tag("B"), 1.0, ago_s=10)
    assert here.take("B").status_code == 303
    found = [facts._sample(one, {}) for one in load_rows(here.permit).gas if one.reading]
    assert {one.instrument for one in gas_times.standing(found, here.now)} == {"A", "B"}
    here.tell(Tag.objects.get(code="A"), 1.0, ago_s=2)
    assert here.take("A").status_code == 303
    found = [facts._sample(one, {}) for one in load_rows(here.permit).gas if one.reading]
    assert all(one.value == 1 for one in gas_times.standing(found, here.now))


def test_a_reading_that_fails_suspends_running_work_at_once_whatever_its_quality(scene: Any) -> None:
    here = scene("WORKING")
    tag = here.tag(calibrated_until=None)
    key = here.tell(tag, 25.0, quality=NOT_ACCURATE)
    assert here.take(phase="PERIODIC").status_code == 303
    here.permit.refresh_from_db()
    assert (here.permit.status, here.permit.stop_reason) == ("SUSPENDED", "GAS_ALARM")
    assert here.tests().get().reading == key
    assert WorkAlarm.objects.filter(permit=here.permit, code="GAS").exists()
    assert not PermitWarning.objects.exists()


def test_by_rest_the_same_request_takes_one_reading_and_only_the_enterprise_may(scene: Any) -> None:
    here = scene("WORKING")
    tag = here.tag()
    key = here.tell(tag, 1.0)
    url = f"/api/v1/permits/permits/{here.permit.pk}/gas-readings"
    body = {"instrument": tag.code, "point": "取样点一", "phase": "PERIODIC", "distance_m": "2", "analyst": "网关"}
    mark = str(uuid.uuid4())

    def post(client: Any, **known: Any) -> Any:
        return client.post(url, json.dumps({**body, **known}), content_type="application/json",
                           HTTP_IDEMPOTENCY_KEY=mark)  # fmt: skip

    first = post(here.client)
    assert first.status_code == 201, first.content.decode()
    told = first.json()
    assert (told["reading"], told["is_manual"], told["verdict"]) == (key, False, "PASS")
    here.tell(tag, 30.0, ago_s=1)
    assert post(here.client).json()["id"] == told["id"]
    assert here.tests().count() == 1
    assert post(here.client, point="别处").status_code == 409
    assert post(here.client, value="0.1").status_code == 422
    mark = str(uuid.uuid4())
    assert post(client_of(here.district.department)).status_code == 403
    assert post(client_of(here.district.other_enterprise)).status_code == 404


def test_without_the_store_it_is_said_and_typing_goes_on(scene: Any, monkeypatch: Any) -> None:
    here = scene()
    here.tag()

    def away(*_given: Any) -> Any:
        raise known_instruments.InstrumentsAway("仪器读数暂时读不到")

    monkeypatch.setitem(known_instruments._providers, "monitoring", away)
    page = here.client.get(here.url)
    assert (page.status_code, "仪器读数暂时读不到" in page.content.decode()) == (200, True)
    assert here.take().status_code == 422
    assert not here.tests().exists()
    assert here.client.get(reverse("permits:permit", args=[here.permit.pk])).status_code == 200
