"""Anybody at the place stops the work by its code, without an account, where the enterprise switched it on."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.domains.hazards.factories import own_file
from tests.domains.permits.factories import NOW, crew_of, make_permit
from tests.factories import make_district

from quancheng.domains.permits.models import WorkAlarm
from quancheng.domains.permits.services import figures
from quancheng.domains.permits.services.printing import note_print
from quancheng.kernel.loops.models import MoveRecord
from quancheng.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db

AT = NOW + timedelta(minutes=20)


class Place:
    """Running work, the code that hangs there, and the clock of the pages."""

    def __init__(self, *, is_on: bool, to: str = "WORKING") -> None:
        self.district = make_district()
        self.crew = crew_of(self.district, "BL")
        if is_on:
            figures.set_figure(
                actor=self.crew.head, file=own_file(self.district), name="open_stop", value="1",
                from_date=(NOW - timedelta(days=1)).date(), reason="公司制度", now=NOW - timedelta(days=1),
            )  # fmt: skip
        self.permit = make_permit(self.district, "BL", crew=self.crew, to=to)
        code = note_print(actor=self.crew.safety, permit=self.permit, copies=(), medium="pdf", now=NOW)[0].code
        self.address = f"/w/{code}"

    def press(self, client: Client | None = None, **given: str) -> Any:
        return (client or Client()).post(self.address, given)

    def state(self) -> tuple[str, str]:
        self.permit.refresh_from_db()
        return self.permit.status, self.permit.stop_reason


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)


def test_a_passer_by_stops_running_work_within_seconds_and_the_crew_is_told() -> None:
    place = Place(is_on=True)
    client = Client(enforce_csrf_checks=True)
    page = client.get(place.address).content.decode()
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    began = time.monotonic()
    answer = place.press(
        client, reason="VIOLATION", words="有人没系安全带", csrfmiddlewaretoken=token.group(1)
    )
    assert time.monotonic() - began < 5
    assert answer.status_code == 302
    assert "作业已暂停，恢复前不得作业" in client.get(answer.headers["Location"]).content.decode()
    assert place.state() == ("SUSPENDED", "VIOLATION")
    move = MoveRecord.objects.get(subject_id=place.permit.pk, move="stop")
    assert move.given["by"] == "OPEN"
    assert move.given["note"] == "现场扫码叫停：有人没系安全带"
    assert Notice.objects.filter(kind="permits.stopped", user=place.crew.safety.user_id).exists()


def test_smelling_gas_raises_the_alarm_and_asks_for_a_new_test() -> None:
    place = Place(is_on=True)
    place.press(reason="GAS_ALARM")
    assert place.state() == ("SUSPENDED", "GAS_ALARM")
    assert WorkAlarm.objects.filter(permit=place.permit, source="PERSON").exists()


def test_where_it_is_not_switched_on_a_passer_by_is_asked_to_sign_in_and_stops_nothing() -> None:
    place = Place(is_on=False)
    page = Client().get(place.address).content.decode()
    assert "登录后叫停作业" in page
    assert "立即叫停作业" not in page
    place.press(reason="VIOLATION")
    assert place.state()[0] == "WORKING"


def test_work_that_rests_is_not_stopped_again() -> None:
    place = Place(is_on=True)
    for _time in range(2):
        assert place.press(reason="SOS").status_code == 302
    assert MoveRecord.objects.filter(subject_id=place.permit.pk, move="stop").count() == 1


def test_work_that_has_not_begun_has_nothing_to_stop() -> None:
    place = Place(is_on=True, to="ISSUED")
    assert "立即叫停作业" not in Client().get(place.address).content.decode()
    place.press(reason="SOS")
    assert place.state()[0] == "ISSUED"


def test_without_a_reason_it_says_so_and_keeps_the_words() -> None:
    place = Place(is_on=True)
    answer = place.press(words="三楼有人喊救命")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "请选择看到的情况" in page
    assert "三楼有人喊救命" in page
    assert place.state()[0] == "WORKING"
    english = Client().get(place.address, {"lang": "en"}).content.decode()
    assert "Stop the work now" in english


def test_a_guessed_code_stops_nothing_and_one_address_stops_only_so_often() -> None:
    place = Place(is_on=True)
    assert Client().post("/w/AAAAAAAAAAAAAAAAAAAA", {"reason": "SOS"}).status_code == 404
    for _time in range(6):
        place.press(reason="NONSENSE")
    assert place.press(reason="SOS").status_code == 429
    assert place.state()[0] == "WORKING"
