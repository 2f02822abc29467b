"""Listed supervision from the candidate to the archive: who acts, the number, what is published, terms, visits."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.domains.hazards.factories import make_finding, own_file
from tests.domains.hazards.test_findings import picture
from tests.factories import NOW, District, client_of, make_actor, make_district, make_org

from quancheng.domains.hazards.models import Finding, Listing, ListingVisit
from quancheng.domains.hazards.services import listings as services
from quancheng.domains.hazards.services.listings import ListingSpec, propose_listing, serve_listing, sign_listing
from quancheng.kernel.errors import Conflict, Invalid, StaleState
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.ladder.models import Escalation, LadderRung
from quancheng.kernel.ladder.services.climbing import climb
from quancheng.kernel.loops.services import history
from quancheng.kernel.papers.models import Service
from quancheng.kernel.people.models import Organisation

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def late_major(district: District, **known: Any) -> Finding:
    row = make_finding(district.enterprise, own_file(district), name="液氨用软管", is_major=True, criterion="CH-07")
    fields = {"status": "FIXING", "is_planned": True, "deadline": TODAY - timedelta(days=40), **known}
    Finding.objects.filter(pk=row.pk).update(**fields)
    row.refresh_from_db()
    return row


def act(client: Client, row: Any, name: str, **given: Any) -> Any:
    address = "hazards:listing_visit" if isinstance(row, ListingVisit) else "hazards:listing"
    return client.post(reverse(address, args=[row.pk]), {"act": name, **given})


def ok(answer: Any) -> None:
    assert answer.status_code in (302, 303), answer.content.decode()[-1500:]


def given(**known: Any) -> dict[str, Any]:
    return {"reason": "超期未改", "requirement": "停用并改造", "inspector": "示例甲",
            "term_date": (TODAY + timedelta(days=60)).isoformat(), **known}  # fmt: skip


def test_a_major_danger_is_listed_by_a_leader_published_visited_and_taken_off_when_it_is_gone() -> None:
    district = make_district()
    Organisation.objects.filter(pk=district.office_org.pk).update(document_word="示安")
    government = make_org("示例区人民政府", kind="government")
    leader = make_actor(government, "leader")
    row = late_major(district)
    department, office = client_of(district.department), client_of(district.director)
    listed = department.get(reverse("hazards:listing_candidates")).content.decode()
    assert row.name in listed
    assert "超期40天" in listed
    address = reverse("hazards:listing_new", args=[row.pk])
    long = department.post(address, given(term_date=(TODAY + timedelta(days=370)).isoformat()))
    assert long.status_code == 422
    assert "停用并改造" in long.content.decode()
    ok(department.post(address, given()))
    made = Listing.objects.get()
    assert department.post(address, given()).status_code == 409
    own = client_of(district.enterprise)
    assert own.get(reverse("hazards:listing", args=[made.pk])).status_code == 404
    assert act(department, made, "agree").status_code in (403, 404, 409, 422)
    ok(act(office, made, "agree"))
    made.refresh_from_db()
    assert (made.status, made.signer_org_id) == ("REVIEWED", government.pk)
    assert act(office, made, "sign").status_code in (403, 404, 409, 422)
    signer = client_of(leader)
    ok(act(signer, made, "sign"))
    made.refresh_from_db()
    assert (made.status, made.number_text) == ("SIGNED", "示安督〔2026〕1号")
    assert made.paper is not None
    assert "停用并改造" in made.paper.body
    ledger = reverse("hazards:majors")
    theirs = own.get(ledger).content.decode()
    assert made.number_text in department.get(ledger).content.decode()
    assert row.name in theirs
    assert made.number_text not in theirs  # signed, but not served
    ok(act(office, made, "serve"))
    assert made.number_text in own.get(ledger).content.decode()
    made.refresh_from_db()
    assert (made.status, made.published_at) == ("RUNNING", NOW)
    assert Service.objects.get(paper=made.paper).status == "SENT"
    assert made.number_text in own.get(reverse("hazards:listing", args=[made.pk])).content.decode()
    open_page = Client().get(reverse("hazards:listings_published"))
    assert "液氨用软管" in open_page.content.decode()
    visit = ListingVisit.objects.get(listing=made)
    assert visit.due_date == TODAY + timedelta(days=15)
    assert own.get(reverse("hazards:listing_visit", args=[visit.pk])).status_code == 404
    assert act(department, visit, "visit", progress="50", text="已停用").status_code == 422
    ok(act(department, visit, "visit", progress="50", text="已停用", evidence=picture(81)))
    made.refresh_from_db()
    assert made.progress == 50
    assert ListingVisit.objects.filter(listing=made, status="DUE").count() == 1
    assert act(own, made, "apply", text="已整改").status_code == 409  # it is still being put right
    Finding.objects.filter(pk=row.pk).update(status="CANCELLING")
    report = SimpleUploadedFile("报告.txt", "已整改".encode(), content_type="text/plain")
    ok(act(own, made, "apply", text="已整改", evidence=report))
    until = (TODAY + timedelta(days=30)).isoformat()
    ok(act(department, made, "fail", reason="仍有泄漏", until=until, stop="part"))
    made.refresh_from_db()
    row.refresh_from_db()
    assert (made.status, made.failed_terms, made.term_date.isoformat(), row.stop) == ("RUNNING", 1, until, "part")
    ok(act(own, made, "apply", text="再次整改"))
    assert act(department, made, "pass", text="合格").status_code == 409  # the danger itself is not cancelled yet
    Finding.objects.filter(pk=row.pk).update(
        status="CLOSED", accepted_at=NOW, accepted_by=leader.user_id, closed_at=NOW
    )  # fmt: skip
    ok(act(department, made, "pass", text="合格"))
    ok(act(office, made, "lift"))
    made.refresh_from_db()
    assert made.status == "LIFTED"
    assert made.lift_paper is not None
    assert made.lift_paper.number_text == "示安督〔2026〕2号"
    assert not ListingVisit.objects.filter(listing=made, status="DUE").exists()


def test_what_is_sensitive_is_served_but_not_published_and_an_upgrade_waits_for_its_rule() -> None:
    district = make_district()
    Organisation.objects.filter(pk=district.office_org.pk).update(document_word="示安")
    row = late_major(district)
    spec = ListingSpec("超期", "改造", "示例甲", TODAY + timedelta(days=60), is_sensitive=True)
    made = propose_listing(actor=district.department, finding=row, spec=spec, now=NOW)
    services.review_listing(actor=district.officer, row=made, now=NOW)
    sign_listing(actor=district.director, row=made, now=NOW)  # no leader in the house: the office's director
    serve_listing(actor=district.officer, row=made, now=NOW)
    assert made.published_at is None
    assert "液氨用软管" not in Client().get(reverse("hazards:listings_published")).content.decode()
    with pytest.raises(StaleState):
        services.note_listing(actor=district.officer, row=made, name="upgrade", text="提级", now=NOW)
    for days in (61, 121):
        services.review_lifting(actor=district.department, row=made, name="miss", text="未完成",
                                until=TODAY + timedelta(days=days + 59), now=NOW + timedelta(days=days))  # fmt: skip
    services.note_listing(actor=district.officer, row=made, name="upgrade", text="两次未完成", now=NOW)
    assert made.level == "city"
    with pytest.raises(Invalid):  # a longer term is asked 20 working days before its end
        services.ask_longer(actor=district.enterprise, row=made, until=TODAY + timedelta(days=200), reason="等设备",
                            now=NOW + timedelta(days=170))  # fmt: skip
    longer = TODAY + timedelta(days=200)
    services.ask_longer(actor=district.enterprise, row=made, until=longer, reason="等设备", now=NOW)
    services.judge_longer(actor=district.department, row=made, granted=True, until=TODAY + timedelta(days=200),
                          reason="", now=NOW)  # fmt: skip
    assert (made.status, made.term_date) == ("RUNNING", TODAY + timedelta(days=200))
    general = make_finding(district.enterprise, row.file, name="标牌褪色")
    with pytest.raises(Conflict):
        propose_listing(actor=district.department, finding=general, spec=spec, now=NOW)


def running(district: District, row: Finding) -> Listing:
    Organisation.objects.filter(pk=district.office_org.pk).update(document_word="示安")
    spec = ListingSpec("超期", "改造", "示例甲", TODAY + timedelta(days=60))
    made = propose_listing(actor=district.department, finding=row, spec=spec, now=NOW)
    services.review_listing(actor=district.officer, row=made, now=NOW)
    sign_listing(actor=district.director, row=made, now=NOW)
    return serve_listing(actor=district.officer, row=made, now=NOW)


def test_an_ordered_stop_is_part_of_its_move_once_and_makes_no_graver_one_less() -> None:
    district = make_district()
    row = late_major(district, stop="all")
    made, key, late = running(district, row), uuid.uuid4(), NOW + timedelta(days=61)
    until, actor = TODAY + timedelta(days=120), district.department

    def miss(stop: str) -> None:
        services.review_lifting(actor=actor, row=made, name="miss", text="未完成", until=until, stop=stop, now=late,
                                client_id=key)  # fmt: skip

    miss("part")
    row.refresh_from_db()
    assert (row.stop, row.is_stop_ordered) == ("all", True)
    assert history(made)[0].given["stop"] == "part"
    told = JournalEntry.objects.get(act="hazards.finding.order_stop", subject_id=row.pk)
    assert (told.facts["ordered"], told.facts["stop"]) == ("part", "all")
    # Work was allowed again meanwhile: the same request, told again, stops nothing.
    Finding.objects.filter(pk=row.pk).update(resumed_at=late)
    miss("part")
    row.refresh_from_db()
    assert (made.failed_terms, row.is_stopped) == (1, False)
    with pytest.raises(Conflict):
        miss("all")


def test_what_is_asked_of_a_longer_term_is_not_asked_again_of_the_same_request() -> None:
    district = make_district()
    made = running(district, late_major(district))
    until, asked, judged = TODAY + timedelta(days=90), uuid.uuid4(), uuid.uuid4()
    for days in (0, 50):  # the second, when it would be too late to ask
        services.ask_longer(actor=district.enterprise, row=made, until=until, reason="等设备", client_id=asked,
                            now=NOW + timedelta(days=days))  # fmt: skip
    for _again in range(2):
        services.judge_longer(actor=district.department, row=made, granted=True, until=until, reason="", now=NOW,
                              client_id=judged)  # fmt: skip
    assert (made.status, made.term_date) == ("RUNNING", until)


def test_a_late_danger_climbs_its_own_ladder_and_a_major_one_begins_with_the_order_on_the_spot() -> None:
    district = make_district()
    rungs = LadderRung.objects.filter(kind="danger").order_by("step")
    assert rungs[0].remind_days == [3, 1]
    assert len(rungs) == 5
    major = make_finding(district.enterprise, own_file(district), name="重大的", is_major=True)
    general = make_finding(district.enterprise, own_file(district), name="一般的")
    climb(now=NOW + timedelta(days=9))
    found = {one.about_id: one.step for one in Escalation.objects.filter(ladder="danger")}
    assert found == {major.pk: 3, general.pk: 1}
