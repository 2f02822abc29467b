"""The code on a permit's paper: what anybody at the place reads, where who is signed in lands, when it ends."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from tests.domains.permits.factories import FOUND, LEARNED, NOW, START, accepted, crew_of, make_permit
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import Permit, PermitPerson
from quancheng.domains.permits.services import guarding, preparing, working
from quancheng.domains.permits.services.printing import note_print
from quancheng.domains.registry.models import Enterprise
from quancheng.standards.gb30871 import watching

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    """The clock of pages, which a test may set."""
    told = {"now": NOW + timedelta(minutes=20)}
    monkeypatch.setattr("django.utils.timezone.now", lambda: told["now"])
    return told


def code_of(actor, permit):
    return note_print(actor=actor, permit=permit, copies=(), medium="pdf", now=NOW)[0].code


def opened(code, **asked):
    answer = Client().get(f"/w/{code}", asked)
    return answer.status_code, answer.content.decode()


def test_a_passer_by_reads_state_place_time_and_whom_to_call_and_no_more_of_people_than_a_surname(clock):
    district = make_district()
    crew = crew_of(district, "BL")
    Enterprise.objects.update(emergency_phone="023-0000 0101")
    permit = make_permit(district, "BL", crew=crew, to="WORKING")
    preparing.check_site(actor=crew.safety, permit=permit, found=FOUND, now=NOW + timedelta(minutes=15))
    status, page = opened(code_of(crew.safety, permit))
    assert status == 200
    for words in ("盲板抽堵作业", "作业中", 'class="state green"', "空压站外墙", "2026-09-08 17:00", "在岗：是", "某某",
                  "023-0000 0101", "登录后叫停作业"):  # fmt: skip
        assert words in page
    for hidden in ("某监护人", "某作业人", "某负责人", permit.content, permit.number):
        assert hidden not in page
    clock["now"] = NOW + timedelta(minutes=80)
    assert "在岗：否" in opened(code_of(crew.safety, permit))[1]
    assert "Present: no" in opened(code_of(crew.safety, permit), lang="en")[1]


def test_work_past_its_window_shows_red_before_the_clock_suspends_it(clock):
    district = make_district()
    permit = make_permit(district, "BL", to="WORKING")
    clock["now"] = START + timedelta(hours=8, seconds=1)
    page = opened(code_of(district.enterprise, permit))[1]
    assert 'class="state red"' in page
    assert "有效期已过" in page


def test_a_void_permit_shows_red(clock):
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_permit(district, "BL", crew=crew, to="WORKING")
    code = code_of(crew.safety, permit)
    at = NOW + timedelta(minutes=15)
    working.void_permit(actor=crew.head, permit=permit, event="SERIOUS_VIOLATION", reason="违章", now=at)
    page = opened(code)[1]
    assert 'class="state red"' in page
    assert "已作废，不得作业" in page


def test_an_altered_permit_shows_red(clock):
    district = make_district()
    permit = make_permit(district, "BL", to="WORKING")
    code = code_of(district.enterprise, permit)
    Permit.objects.filter(pk=permit.pk).update(place="别处")
    assert "内容被改动，不得作业" in opened(code)[1]


def test_the_code_ends_with_the_archive_and_a_guessed_one_opens_the_same_page(clock):
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_permit(district, "BL", crew=crew, to="WORKING")
    code = code_of(crew.safety, permit)
    at = NOW + timedelta(minutes=15)
    working.finish_work(actor=crew.safety, permit=permit, note="已恢复", now=at)
    assert 'class="state grey"' in opened(code)[1]
    working.accept_work(actor=crew.head, permit=permit, note="合格", now=at, **accepted("BL"))
    working.close_permit(actor=crew.safety, permit=permit, now=at)
    ended, guessed = opened(code), opened("A" * 22)
    assert ended[0] == guessed[0] == 404
    assert "不得凭此作业" in ended[1]
    assert ended[1].replace(code, "") == guessed[1].replace("A" * 22, "")


def test_who_is_signed_in_and_sees_the_permit_lands_on_its_page(clock):
    district = make_district()
    permit = make_permit(district, "BL", to="WORKING")
    code = code_of(district.enterprise, permit)
    for actor in (district.enterprise, district.town):
        assert client_of(actor).get(f"/w/{code}")["Location"] == f"/permits/{permit.pk}"
    other = client_of(district.other_enterprise).get(f"/w/{code}")
    assert other.status_code == 200
    assert 'class="state green"' in other.content.decode()
    assert "暂停作业" in client_of(district.enterprise).get(f"/permits/{permit.pk}").content.decode()


def test_opening_codes_is_limited_by_address(clock, settings):
    settings.CODE_RATE = 3
    for _try in range(3):
        assert Client().get("/w/" + "B" * 22).status_code == 404
    assert Client().get("/w/" + "B" * 22).status_code == 429


def test_a_permit_that_was_not_begun_in_its_window_shows_red(clock):
    district = make_district()
    permit = make_permit(district, "BL")
    code = code_of(district.enterprise, permit)
    assert 'class="state blue"' in opened(code)[1]
    clock["now"] = permit.window_end + timedelta(seconds=1)
    assert 'class="state red"' in opened(code)[1]


def test_a_guardian_counts_as_present_by_his_own_look_since_he_came(clock):
    district = make_district()
    crew, spare = crew_of(district, "BL"), crew_of(district, "EX", order=740)
    permit = make_permit(district, "BL", crew=crew, to="WORKING")
    code, first = code_of(crew.safety, permit), PermitPerson.objects.get(permit=permit, part="GUARDIAN")
    good = dict.fromkeys((one.key for one in watching.guardian_items("BL")), True)
    at = NOW + timedelta(minutes=15)
    guarding.look(actor=crew.safety, permit=permit, guardian=first, items=good, now=at)
    assert "在岗：是" in opened(code)[1]
    working.suspend_work(actor=crew.safety, permit=permit, stop_reason="BREAK", now=at)
    assert "在岗：是" not in opened(code)[1]
    guarding.hand_over(
        actor=crew.safety, permit=permit, part="GUARDIAN", person=spare.guardian, outgoing=first, briefing="交接",
        educated_on=LEARNED, medical_on=LEARNED, exam_score=Decimal(90), experience_years=Decimal(3),
        now=at + timedelta(minutes=2),
    )  # fmt: skip
    # Who is asked is not who was there before.
    Permit.objects.filter(pk=permit.pk).update(status="WORKING")
    assert "在岗：是" not in opened(code)[1]
    second = PermitPerson.objects.get(permit=permit, part="GUARDIAN", ended_at__isnull=True)
    guarding.look(actor=crew.safety, permit=permit, guardian=second, items=good, now=at + timedelta(minutes=3))
    assert "在岗：是" in opened(code)[1]
