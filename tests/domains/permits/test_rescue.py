"""Rescue from a confined space: told before the issue, confirmed for the whole window; asked where switched on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.domains.permits.factories import NOW, START, crew_of, make_draft, make_permit, sign_all
from tests.domains.permits.test_papers import pdf_text
from tests.domains.permits.test_sanctions import typed
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import RescueReadiness
from quancheng.domains.permits.services import figures, preparing, working
from quancheng.domains.permits.services.checking import Refused
from quancheng.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def space(at):
    """A permit of a confined space that is prepared, of an enterprise that asks for rescue or does not."""

    def of(*, is_asked=True):
        district = make_district()
        crew = crew_of(district, "CS")
        permit = make_permit(district, "CS", crew=crew, to="PREPARING")
        if is_asked:
            figures.set_figure(
                actor=crew.head, file=permit.file, name="rescue_asked", value="1", from_date=NOW.date(),
                reason="企业规定", now=NOW - timedelta(hours=1),
            )  # fmt: skip
        return district, crew, permit

    return of


def told(**known):
    return {
        "plan": "三脚架提升，正压式呼吸器进入", "team": "气防站一班", "people": "3", "air_sets": "2",
        "drill_date": (NOW.date() - timedelta(days=30)).isoformat(), "since": typed(START), "is_confirmed": "on",
        "until": typed(START + timedelta(hours=8)), "confirmed_by": "某班长", **known,
    }  # fmt: skip


def issued(crew, permit):
    at = NOW + timedelta(minutes=6)
    preparing.present_permit(actor=crew.safety, permit=permit, now=at)
    sign_all(crew, permit, now=at)
    return permit.status


def test_a_confined_space_is_not_issued_while_its_rescue_team_is_not_confirmed(space):
    district, crew, permit = space()
    client, url = client_of(crew.safety), f"/permits/{permit.pk}/rescue"
    with pytest.raises(Refused) as refused:
        issued(crew, permit)
    (answer,) = refused.value.facts["answers"]
    assert answer["code"] == "C-66"
    assert answer["clause"].startswith("本系统要求：救援准备")
    assert answer["remedy"]
    assert client.get(url).status_code == 200
    assert client.post(url, told(confirmed_by="")).status_code == 422
    assert client.post(url, told(plan="")).status_code == 422
    assert client.post(url, told(until=typed(START))).status_code == 422
    assert client.post(url, told(is_confirmed="", confirmed_by="")).status_code == 303
    page = client.get(f"/permits/{permit.pk}?tab=papers").content.decode()
    assert "队伍未确认" in page
    with pytest.raises(Refused):
        sign_all(crew, permit, now=NOW + timedelta(minutes=20))
    assert client.post(url, told()).status_code == 303
    sign_all(crew, permit, now=NOW + timedelta(minutes=21))
    assert permit.status == "ISSUED"
    rest = client_of(district.department).get(f"/api/v1/permits/permits/{permit.pk}/rescues").json()
    assert [one["is_confirmed"] for one in rest] == [True, False]
    printed = client.post(f"/permits/{permit.pk}/paper", {"what": "1", "medium": "pdf"})
    assert "救援准备：气防站一班3人（某班长已确认）" in pdf_text(printed.content)


@pytest.mark.parametrize(
    ("known", "fact"),
    [
        ({"air_sets": "1"}, "rescue.air_sets"),
        ({"drill_date": (NOW.date() - timedelta(days=200)).isoformat()}, "rescue.drilled_on"),
        ({"drill_date": ""}, "rescue.drilled_on"),
        ({"until": typed(START + timedelta(hours=7))}, "rescue.until"),
    ],
)
def test_what_is_missing_of_the_rescue_is_named(space, known, fact):
    _district, crew, permit = space()
    client = client_of(crew.safety)
    assert client.post(f"/permits/{permit.pk}/rescue", told(**known)).status_code == 303
    with pytest.raises(Refused) as refused:
        issued(crew, permit)
    assert [one["fact"] for one in refused.value.facts["answers"]] == [fact]


def test_an_enterprise_that_did_not_switch_it_on_is_asked_nothing(space):
    _district, crew, permit = space(is_asked=False)
    assert issued(crew, permit) == "ISSUED"
    assert not RescueReadiness.objects.exists()


def test_other_work_has_no_rescue_and_another_enterprise_tells_none(space, at):
    district, crew, permit = space()
    hot = make_draft(district, "HW", crew)
    assert client_of(crew.safety).get(f"/permits/{hot.pk}/rescue").status_code == 404
    assert client_of(district.other_enterprise).post(f"/permits/{permit.pk}/rescue", told()).status_code == 404
    assert client_of(district.department).post(f"/permits/{permit.pk}/rescue", told()).status_code == 403


@pytest.mark.parametrize(
    "known", [{"is_confirmed": "", "confirmed_by": ""}, {"until": typed(START + timedelta(hours=2))}]
)
def test_a_team_that_stands_down_while_work_runs_is_told_at_once_and_marked_on_the_board(space, at, known):
    _district, crew, permit = space()
    client, url = client_of(crew.safety), f"/permits/{permit.pk}/rescue"
    assert client.post(url, told()).status_code == 303
    assert issued(crew, permit) == "ISSUED"
    working.start_work(actor=crew.safety, permit=permit, now=START + timedelta(minutes=15))
    at[0] = START + timedelta(minutes=30)
    client = client_of(crew.safety)
    assert client.post(url, told()).status_code == 303
    assert not Notice.objects.filter(kind="permits.rescue_down").exists()
    assert "救援队伍不在待命" not in client.get("/permits/board").content.decode()
    at[0] = START + timedelta(minutes=31)
    assert client.post(url, told(**known)).status_code == 303
    users = set(Notice.objects.filter(kind="permits.rescue_down").values_list("user", flat=True))
    assert {crew.safety.user_id, crew.head.user_id} <= users
    # The team that leaves earlier is there until then.
    is_gone = "until" not in known
    assert ("救援队伍不在待命" in client.get("/permits/board").content.decode()) is is_gone
    at[0] = START + timedelta(hours=3)
    assert "救援队伍不在待命" in client_of(crew.safety).get("/permits/board").content.decode()
