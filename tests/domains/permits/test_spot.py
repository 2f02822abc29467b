"""Spot checks: the draw that anybody can repeat, a check by video, one on the spot, and who confirmed his rules."""

from __future__ import annotations

import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image
from tests.domains.permits.factories import ELSEWHERE, NOW, crew_of, make_permit
from tests.domains.training.factories import own_file
from tests.factories import District, client_of, make_actor, make_district

from quancheng.domains.permits.models import AuditFinding, Permit, SpotCheck, SpotDraw, SpotRate
from quancheng.domains.permits.queries import spot as queries
from quancheng.domains.permits.services import spot, working
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid
from quancheng.standards.gb30871.audit.spot import Rates, draw, questions, spot_score

pytestmark = pytest.mark.django_db
#: 10:30 in the district, after the hour of the draw.
LATER = NOW + timedelta(minutes=90)


@pytest.fixture
def district() -> District:
    return make_district()


def inspector_of(permit: Permit) -> Actor:
    return make_actor(permit.file.supervisor, "department.officer", "town.officer", "office.officer")


def photo() -> SimpleUploadedFile:
    held = BytesIO()
    Image.new("RGB", (40, 30), "white").save(held, "JPEG")
    return SimpleUploadedFile("现场.jpg", held.getvalue(), "image/jpeg")


def owed(district: District, kind: str = "CS") -> SpotCheck:
    permit = make_permit(district, kind, to="WORKING")
    return spot.choose(actor=inspector_of(permit), permit=permit, now=LATER)


def test_the_day_is_drawn_once_with_a_seed_that_gives_the_same_again(district: District) -> None:
    permit = make_permit(district, "CS", to="WORKING")
    assert spot.draw_daily(now=NOW) == 0, "before half past nine nobody draws"
    spot.draw_daily(now=LATER)
    spot.draw_daily(now=LATER + timedelta(minutes=10))
    row = SpotDraw.objects.get()
    assert row.owner_org_id == permit.file.supervisor_id
    (one,) = row.scored
    assert (one["permit"], dict(map(tuple, one["lines"]))["CS:"]) == (str(permit.pk), 45)
    scored = tuple(spot_score(facts, row.seed) for facts in queries.facts_of_many([permit], LATER))
    assert draw(scored, row.seed, Rates(**row.rates)) == {one["permit"] for one in row.scored if one["chosen"]}
    assert SpotCheck.objects.count() == row.chosen_count == sum(one["chosen"] for one in row.scored)


def test_drawn_ones_are_looked_at_by_video(district: District) -> None:
    crew = crew_of(district, "CS")
    other = make_permit(district, "CS", crew=crew, to="WORKING")
    actor = inspector_of(other)
    spot.set_rates(
        actor=district.director, reason="全部抽查", now=NOW,
        given={"high": 80, "middle": 50, "high_percent": 100, "middle_percent": 100, "low_percent": 100},
    )  # fmt: skip
    client = client_of(actor)
    assert client.post(reverse("permits:spot_draw_new")).status_code == 303
    check = SpotCheck.objects.get(permit=other)
    assert check.draw is not None
    url = reverse("permits:spot_online", args=[check.pk])
    given = {"camera": "3号球机", "seen_at": "2026-09-08T10:20", "seen": "监护人不在入口", "note": ""}
    assert client.post(url, {**given, "camera": ""}).status_code == 422
    assert client.post(url, {**given, "problem": "监护人离岗"}).status_code == 422, "a problem has its severity"
    assert client.post(url, {**given, "problem": "监护人离岗", "severity": "C"}).status_code == 303
    check.refresh_from_db()
    assert (check.status, check.mode, check.passed, check.camera) == ("DONE", "online", False, "3号球机")
    assert check.audit_score is not None, "the rules ran at the same moment"
    finding = AuditFinding.objects.get(permit=other, is_by_inspector=True)
    assert (finding.status, finding.severity, finding.note) == ("PUSHED", "C", "监护人离岗")
    other.refresh_from_db()
    assert (other.status, other.stop_reason) == ("SUSPENDED", "VIOLATION"), "what is critical stops the work"
    page = client_of(crew.safety).get(reverse("permits:spot_check", args=[check.pk]))
    assert "监护人不在入口" in page.content.decode()


@pytest.mark.clause("S1-4c")
def test_the_share_that_is_set_is_drawn_at_random_and_looked_at_by_video(district: District) -> None:
    one = make_permit(district, "CS", to="WORKING")
    other = make_permit(district, "CS", crew=crew_of(district, "CS", order=760), to="WORKING", at=ELSEWHERE)
    rates = {"high": 1, "middle": 0, "high_percent": 50, "middle_percent": 30, "low_percent": 10, "reason": "试点"}
    assert client_of(district.director).post(reverse("permits:spot_rates"), rates).status_code == 303
    client = client_of(inspector_of(one))
    assert client.post(reverse("permits:spot_draw_new")).status_code == 303
    check = SpotCheck.objects.get()
    assert check.permit_id in (one.pk, other.pk), "half of two are one"
    drawn = client.get(reverse("permits:spot_draw", args=[check.draw_id])).content.decode()
    assert one.number in drawn
    assert other.number in drawn
    url = reverse("permits:spot_online", args=[check.pk])
    given = {"camera": "3号球机", "seen_at": "2026-09-08T10:20", "seen": "监护人在入口"}
    assert client.post(url, given).status_code == 303
    page = client.get(reverse("permits:spot_check", args=[check.pk])).content.decode()
    assert "监护人在入口" in page
    check.refresh_from_db()
    assert (check.status, check.passed) == ("DONE", True)


def test_the_same_request_again_draws_and_sets_nothing_more(district: District) -> None:
    permit = make_permit(district, "CS", to="WORKING")
    actor, key = inspector_of(permit), uuid.uuid4()
    rates = {"high": 1, "middle": 0, "high_percent": 100, "middle_percent": 100, "low_percent": 100}
    for _n in range(2):
        spot.set_rates(actor=district.director, given=rates, reason="试点", now=NOW, client_id=key)
    assert SpotRate.objects.count() == 1
    key = uuid.uuid4()
    made = [spot.draw_by_hand(actor=actor, now=LATER, client_id=key).pk for _n in range(2)]
    assert made[0] == made[1]
    with pytest.raises(Conflict):
        spot.draw_by_hand(actor=actor, now=LATER)


def test_two_draws_that_choose_the_same_permit_at_once_are_refused(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    permit = make_permit(district, "CS", to="WORKING")
    actor = inspector_of(permit)
    rates = {"high": 1, "middle": 0, "high_percent": 100, "middle_percent": 100, "low_percent": 100}
    spot.set_rates(actor=district.director, given=rates, reason="试点", now=NOW)
    monkeypatch.setattr(queries, "candidates", lambda office_id: [permit])
    spot.draw_by_hand(actor=actor, now=LATER)
    with pytest.raises(Conflict):
        spot.draw_by_hand(actor=actor, now=LATER)


def test_the_enterprise_does_not_know_before_it_is_looked_at(district: District) -> None:
    check = owed(district)
    assert client_of(district.enterprise).get(reverse("permits:spot_check", args=[check.pk])).status_code == 404


def test_the_list_for_the_place_is_answered_on_a_phone_and_what_is_wrong_goes_out(district: District) -> None:
    check = owed(district)
    client = client_of(inspector_of(check.permit))
    url = reverse("permits:spot_on_site", args=[check.pk])
    asked = questions("CS")
    page = client.get(url).content.decode()
    assert page.count('name="answer_Q-') >= 3 * len(asked)
    given = {f"answer_{one.code}": "YES" for one in asked}
    short = client.post(url, {**given, "answer_Q-04": "NO"})
    assert short.status_code == 422, "a no says what is wrong"
    assert "请写明不符合的情况" in short.content.decode()
    assert client.post(url, {name: value for name, value in given.items() if "Q-08" not in name}).status_code == 422
    answer = client.post(url, {**given, "answer_Q-04": "NO", "note_Q-04": "监护人未戴标识", "photos": photo()})
    assert answer.status_code == 303
    check.refresh_from_db()
    assert (check.mode, check.passed) == ("on_site", False)
    assert check.answers["Q-04"] == ["NO", "监护人未戴标识"]
    finding = AuditFinding.objects.get(permit=check.permit, rule="Q-04")
    assert (finding.severity, finding.is_by_inspector, finding.status) == ("C", True, "PUSHED")
    assert Permit.objects.get(pk=check.permit_id).status == "SUSPENDED"
    shown = client.get(reverse("permits:spot_check", args=[check.pk])).content.decode()
    assert "监护人未戴标识" in shown
    assert client.get(url).status_code == 409, "recorded once"


def test_who_could_not_look_says_why_and_only_running_permits_are_chosen_once(district: District) -> None:
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew, to="WORKING")
    actor = inspector_of(permit)
    check = spot.choose(actor=actor, permit=permit, now=LATER)
    with pytest.raises(Conflict):
        spot.choose(actor=actor, permit=permit, now=LATER)
    url = reverse("permits:spot_check", args=[check.pk])
    assert client_of(actor).post(url, {"act": "drop", "text": "作业已结束"}).status_code == 303
    check.refresh_from_db()
    assert (check.status, check.note) == ("DROPPED", "作业已结束")
    working.void_permit(actor=crew.head, permit=permit, event="WORK_CHANGED", reason="重办", now=LATER)
    with pytest.raises(Conflict):
        spot.choose(actor=actor, permit=permit, now=LATER)


def test_rates_are_set_within_bounds_by_page(district: District) -> None:
    client, url = client_of(district.director), reverse("permits:spot_rates")
    given = {"high": 80, "middle": 50, "high_percent": 100, "middle_percent": 30, "low_percent": 10, "reason": "试点"}
    assert client_of(district.enterprise).get(url).status_code == 403
    assert client.post(url, {**given, "low_percent": 120}).status_code == 422
    assert client.post(url, {**given, "middle": 90}).status_code == 422
    assert client.post(url, given).status_code == 303
    assert queries.rates().middle_percent == 30


@pytest.mark.clause("S2-5c")
def test_enterprises_confirm_rules_training_and_self_checks_and_late_ones_are_listed(district: District) -> None:
    crew = crew_of(district, "CS")
    file_id = district.enterprise_org.pk
    page_of = reverse("permits:mechanism", args=[file_id])
    office, own = client_of(district.director), client_of(crew.safety)
    late = {"late": "1", "q": district.enterprise_org.name}
    assert page_of in office.get(reverse("permits:mechanisms"), late).content.decode()
    due = {"day": "2099-12-31", "reason": "新期限"}
    assert office.post(reverse("permits:mechanism_due"), due).status_code == 303
    url = reverse("permits:mechanism_new", args=[file_id])
    for matter in ("rules", "training", "self_check"):
        given = {"matter": matter, "title": f"制度{matter}", "issued": "2026-01-05", "text": ""}
        assert own.post(url, given).status_code == 422, "without a document nothing is confirmed"
        answer = own.post(url, {**given, "papers": SimpleUploadedFile("制度.txt", "危险作业制度".encode())})
        assert answer.status_code == 303
    assert page_of not in office.get(reverse("permits:mechanisms"), late).content.decode()
    page = office.get(reverse("permits:mechanism", args=[file_id])).content.decode()
    assert "制度rules" in page
    assert "制度.txt" in page
    assert office.post(reverse("permits:mechanism_due"), {"day": "2024-12-31", "reason": "按方案"}).status_code == 303
    assert page_of in office.get(reverse("permits:mechanisms"), late).content.decode(), "confirmed, but late"
    assert client_of(district.other_enterprise).get(url).status_code in (403, 404)


def test_what_cannot_be_is_refused(district: District) -> None:
    check = owed(district)
    actor = inspector_of(check.permit)
    ahead = spot.Seen(mode="online", camera="1", seen="x", seen_at=LATER + timedelta(hours=2))
    with pytest.raises(Invalid) as wrong:
        spot.record_check(actor=actor, row=check, seen=ahead, now=LATER)
    assert set(wrong.value.fields) == {"seen_at"}
    url = reverse("permits:spot_online", args=[check.pk])
    far = client_of(actor).post(url, {"camera": "1", "seen": "x", "seen_at": "0001-01-01T00:00"})
    assert far.status_code == 422


def test_the_list_of_mechanisms_asks_for_the_day_once(district: District) -> None:
    own_file(district)
    client = client_of(district.director)
    client.get(reverse("permits:mechanisms"))
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse("permits:mechanisms")).status_code == 200
    assert sum("mechanismdue" in one["sql"] and "LIMIT 1" in one["sql"] for one in asked) == 1
