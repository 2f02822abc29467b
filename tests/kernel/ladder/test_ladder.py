"""The ladder: only the reminder is automatic, everything above waits for a person."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from tests.factories import NOW, District, client_of, make_district, make_org
from tests.kernel.ladder.factories import make_item

from quancheng.kernel.errors import Conflict, Invalid, NotFound, NotPermitted, StaleState
from quancheng.kernel.events.models import Event
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.ladder import queries
from quancheng.kernel.ladder.models import Escalation, LadderRung
from quancheng.kernel.ladder.services.climbing import climb
from quancheng.kernel.ladder.services.deciding import (
    drop_escalation,
    open_to_target,
    postpone_escalation,
    propose_by_hand,
    sign_escalation,
)
from quancheng.kernel.numbering.models import IssuedNumber
from quancheng.kernel.papers.models import Paper, Service
from quancheng.kernel.papers.services import serving
from quancheng.kernel.papers.services.signing import void_paper
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def district() -> District:
    return make_district()


def only() -> Escalation:
    return Escalation.objects.get()


def serve(district: District, row: Escalation, *, now=NOW) -> Service:
    service = Service.objects.get(paper=row.paper)
    serving.send_service(actor=district.officer, service=service, now=now)
    return serving.acknowledge_service(actor=district.department, service=service, now=now)


def sign_and_serve(district: District, row: Escalation, *, now=NOW) -> Service:
    sign_escalation(actor=district.director, escalation=row, now=now)
    return serve(district, row, now=now)


def test_what_is_late_is_proposed_with_facts_and_draft_and_nothing_goes_out(district: District) -> None:
    item = make_item(district, due_in_days=-3)
    assert climb(now=NOW).proposed == 1
    row = only()
    assert (row.status, row.step, row.rung_name, row.trigger) == ("PROPOSED", 1, "警示提醒函", "overdue")
    assert (row.target, row.owner_org, row.issuer) == (
        district.department_org,
        district.office_org,
        district.office_org,
    )
    assert (row.days_late, row.facts["due"], row.facts["today"]) == (3, "2026年9月5日", "2026年9月8日")
    assert row.facts["title"] == item.title
    assert row.draft_title == "关于“开展储存场所专项检查”逾期的警示提醒函"  # without our own code
    assert "已超期3天" in row.draft_body
    assert "5个工作日内" in row.draft_body
    assert (Paper.objects.count(), IssuedNumber.objects.count(), Service.objects.count()) == (0, 0, 0)
    decision = WorkItem.objects.get(subject_id=row.pk)
    assert (decision.owner_org, decision.duty) == (district.office_org, "ladder.sign")


def test_climbing_again_the_same_day_or_the_next_proposes_nothing_twice(district: District) -> None:
    make_item(district, due_in_days=-3)
    climb(now=NOW)
    assert climb(now=NOW).proposed == 0
    assert climb(now=NOW + DAY).proposed == 0
    assert only().days_late == 3


def test_the_day_after_the_due_day_is_late_and_the_due_day_is_not(district: District) -> None:
    make_item(district, due_in_days=0)
    assert climb(now=NOW).proposed == 0
    assert climb(now=NOW + DAY).proposed == 1


def test_signing_numbers_the_paper_and_service_opens_it_to_the_unit(district: District) -> None:
    """A proposed warning notice is signed, numbered, served and seen on the unit's own file."""
    make_item(district, due_in_days=-3)
    climb(now=NOW)
    row = only()
    sign_escalation(actor=district.director, escalation=row, now=NOW)
    assert (row.status, row.paper.status, row.paper.number_text) == ("SIGNED", "SIGNED", "示安办警〔2026〕1号")
    assert row.paper.origin == "ladder"
    assert not queries.unit_file(actor=district.department, organisation_id=district.department_org.pk).exists()
    serve(district, row)
    for event in Event.objects.filter(kind__startswith="papers.service."):
        open_to_target(event, NOW)
    seen = queries.unit_file(actor=district.department, organisation_id=district.department_org.pk)
    assert [one.pk for one in seen] == [row.pk]
    assert not queries.unit_file(actor=district.town, organisation_id=district.department_org.pk).exists()


def test_only_who_holds_the_duty_signs_and_the_unit_cannot_even_see_it(district: District) -> None:
    make_item(district, due_in_days=-3)
    climb(now=NOW)
    with pytest.raises(NotPermitted):
        sign_escalation(actor=district.officer, escalation=only(), now=NOW)
    with pytest.raises(NotFound):
        sign_escalation(actor=district.department_head, escalation=only(), now=NOW)
    assert only().status == "PROPOSED"
    assert Paper.objects.count() == 0


def test_the_second_of_two_signers_is_refused_and_one_number_is_given(district: District) -> None:
    make_item(district, due_in_days=-3)
    climb(now=NOW)
    row, other = only(), only()
    sign_escalation(actor=district.director, escalation=row, now=NOW)
    with pytest.raises(StaleState) as refusal:
        sign_escalation(actor=district.director, escalation=other, now=NOW)
    assert "已签发" in str(refusal.value)
    assert (Paper.objects.count(), IssuedNumber.objects.count()) == (1, 1)


def test_the_next_rung_waits_for_signature_service_and_the_replys_time(district: District) -> None:
    make_item(district, due_in_days=-1)
    climb(now=NOW)
    row = only()
    assert climb(now=NOW + 20 * DAY).proposed == 0  # not signed
    sign_escalation(actor=district.director, escalation=row, now=NOW)
    assert climb(now=NOW + 20 * DAY).proposed == 0  # not served
    service = serve(district, row)
    assert service.reply_due == date(2026, 9, 15)
    assert climb(now=NOW + 7 * DAY).proposed == 0  # the last day of the reply, and only 8 days late
    assert climb(now=NOW + 8 * DAY).proposed == 1
    second = Escalation.objects.get(step=2)
    assert (second.rung_name, second.days_late) == ("督促函", 9)
    assert second.facts["earlier"] == [
        {"step": 1, "name": "警示提醒函", "number": "示安办警〔2026〕1号", "signed": "2026年9月8日"}
    ]
    assert "示安办警〔2026〕1号" in second.draft_body


def test_served_late_the_replys_time_begins_late(district: District) -> None:
    make_item(district, due_in_days=-1)
    climb(now=NOW)
    sign_escalation(actor=district.director, escalation=only(), now=NOW)
    service = serve(district, only(), now=NOW + 14 * DAY)
    last_day = NOW + (service.reply_due - NOW.date())
    assert (last_day - NOW).days >= 21
    assert climb(now=last_day).proposed == 0
    assert climb(now=last_day + DAY).proposed == 1


def test_an_answer_that_waits_for_the_office_does_not_climb_and_a_returned_one_does(district: District) -> None:
    make_item(district, due_in_days=-1)
    climb(now=NOW)
    service = sign_and_serve(district, only())
    serving.reply_to_service(actor=district.department, service=service, reply="正在办理", now=NOW + DAY)
    assert climb(now=NOW + 20 * DAY).proposed == 0
    serving.return_reply(actor=district.officer, service=service, reason="无时间表", now=NOW + 20 * DAY)
    assert climb(now=NOW + 20 * DAY).proposed == 1


def test_an_accepted_promise_holds_until_its_day_and_no_longer(district: District) -> None:
    make_item(district, due_in_days=-1)
    climb(now=NOW)
    service = sign_and_serve(district, only())
    serving.reply_to_service(actor=district.department, service=service, reply="九月底完成", now=NOW + DAY)
    promised = date(2026, 9, 30)
    serving.accept_reply(actor=district.officer, service=service, respite_until=promised, now=NOW + DAY)
    assert climb(now=NOW + 22 * DAY).proposed == 0
    assert climb(now=NOW + 23 * DAY).proposed == 1


def test_done_in_time_for_the_promise_ends_the_climb(district: District) -> None:
    item = make_item(district, due_in_days=-1)
    climb(now=NOW)
    sign_and_serve(district, only())
    WorkItem.objects.filter(pk=item.pk).update(done_at=NOW + DAY, outcome="submit")
    assert climb(now=NOW + 30 * DAY).proposed == 0


def test_the_whole_ladder_up_to_the_talk_is_climbed_rung_by_rung(district: District) -> None:
    """A slow department gets warning, urging letter, notice of criticism and talk, each signed by a person."""
    committee = make_org("示例区安全生产委员会", kind="committee", area=district.area, general=True, word="示安委")
    make_item(district, due_in_days=-1)
    now, names = NOW, []
    for step in (1, 2, 3, 4):
        assert climb(now=now).proposed == 1
        row = Escalation.objects.get(step=step)
        names.append(row.rung_name)
        body = row.draft_body.replace("【待补：约谈时间】", "2026年11月2日").replace("【待补：约谈地点】", "会议室")
        sign_escalation(actor=district.director, escalation=row, body=body, now=now)
        service = serve(district, row, now=now)
        now = now + timedelta(days=(service.reply_due - now.date()).days + 1)
    assert names == ["警示提醒函", "督促函", "通报", "约谈"]
    assert Escalation.objects.get(step=3).paper.issuer == committee
    assert Escalation.objects.get(step=3).paper.number_text == "示安委通报〔2026〕1号"


def test_a_talk_is_not_signed_before_time_and_place_are_filled_in(district: District) -> None:
    item = make_item(district, due_in_days=-30)
    row = propose_by_hand(actor=district.officer, item=item, step=4, reason="多次督促无果", now=NOW)
    with pytest.raises(Invalid) as refusal:
        sign_escalation(actor=district.director, escalation=row, now=NOW)
    assert "约谈时间" in str(refusal.value)
    row.refresh_from_db()
    assert (row.status, Paper.objects.count()) == ("PROPOSED", 0)


def test_a_postponed_proposal_comes_back_on_its_day(district: District) -> None:
    make_item(district, due_in_days=-3)
    climb(now=NOW)
    with pytest.raises(Invalid):
        postpone_escalation(actor=district.director, escalation=only(), reason="", until=date(2026, 9, 15), now=NOW)
    with pytest.raises(Invalid):
        postpone_escalation(actor=district.director, escalation=only(), reason="在办", until=date(2026, 9, 8), now=NOW)
    postpone_escalation(actor=district.director, escalation=only(), reason="在办", until=date(2026, 9, 15), now=NOW)
    assert climb(now=NOW + 6 * DAY).came_back == 0
    assert only().status == "POSTPONED"
    assert climb(now=NOW + 7 * DAY).came_back == 1
    assert (only().status, only().days_late) == ("PROPOSED", 3)


def test_a_dropped_proposal_stays_dropped_and_nothing_above_follows(district: District) -> None:
    item = make_item(district, due_in_days=-3)
    climb(now=NOW)
    with pytest.raises(Invalid):
        drop_escalation(actor=district.director, escalation=only(), reason=" ", now=NOW)
    drop_escalation(actor=district.director, escalation=only(), reason="已当面沟通", now=NOW)
    assert climb(now=NOW + 60 * DAY).proposed == 0
    assert only().status == "DROPPED"
    assert JournalEntry.objects.get(act="ladder.escalation.drop").facts["given"] == {"reason": "已当面沟通"}
    again = propose_by_hand(actor=district.officer, item=item, step=2, reason="情况有变", now=NOW + DAY)
    assert (again.status, again.trigger) == ("PROPOSED", "hand")
    with pytest.raises(Conflict):
        propose_by_hand(actor=district.officer, item=item, step=2, reason="再提", now=NOW + DAY)


def test_a_proposal_lapses_once_the_matter_is_done_or_its_deadline_moved(district: District) -> None:
    done, moved = make_item(district, due_in_days=-3), make_item(district, due_in_days=-3)
    climb(now=NOW)
    WorkItem.objects.filter(pk=done.pk).update(done_at=NOW, outcome="submit")
    WorkItem.objects.filter(pk=moved.pk).update(due_at=NOW + 9 * DAY)
    finished = Escalation.objects.get(item=done)
    with pytest.raises(StaleState, match="已办结"):
        sign_escalation(actor=district.director, escalation=finished, now=NOW)
    assert climb(now=NOW + DAY).lapsed == 2
    assert set(Escalation.objects.values_list("status", flat=True)) == {"LAPSED"}
    assert climb(now=NOW + 11 * DAY).proposed == 1  # late again, after the new day


def test_a_void_paper_does_not_lead_to_the_next_rung(district: District) -> None:
    make_item(district, due_in_days=-1)
    climb(now=NOW)
    sign_and_serve(district, only())
    void_paper(actor=district.director, paper=only().paper, reason="事实有误", now=NOW)
    assert climb(now=NOW + 60 * DAY).proposed == 0


def test_the_office_does_not_write_to_itself_and_says_how_many(district: District) -> None:
    make_item(district, due_in_days=-3, owner_org=district.office_org)
    result = climb(now=NOW)
    assert (result.proposed, result.without_issuer) == (0, 1)


def test_an_item_without_ladder_is_never_proposed(district: District) -> None:
    make_item(district, due_in_days=-30, ladder="")
    assert climb(now=NOW).proposed == 0


def test_rungs_that_wait_for_other_parts_of_the_house_say_so() -> None:
    for rung in LadderRung.objects.filter(kind="task"):
        for trigger in rung.triggers:
            assert trigger["active"] or trigger["why"]
    assert list(LadderRung.objects.filter(kind="task").values_list("step", flat=True)) == list(range(8))
    assert set(LadderRung.objects.filter(issuer="system").values_list("step", flat=True)) == {0}


@pytest.mark.clause("S2-G2h")
def test_three_urging_letters_in_half_a_year_lead_to_criticism_before_fifteen_days(district: District) -> None:
    """Slow work again and again puts a notice of criticism on the office's list, however short this delay is."""
    for number in range(3):
        item = make_item(district, due_in_days=-30, title=f"T-{number}")
        row = propose_by_hand(actor=district.officer, item=item, step=2, reason="进展迟缓", now=NOW)
        sign_escalation(actor=district.director, escalation=row, now=NOW)
        WorkItem.objects.filter(pk=item.pk).update(done_at=NOW, outcome="submit")
    item = make_item(district, due_in_days=-2)
    row = propose_by_hand(actor=district.officer, item=item, step=2, reason="进展迟缓", now=NOW)
    service = sign_and_serve(district, row)
    last_day = NOW + (service.reply_due - NOW.date())
    assert climb(now=last_day).proposed == 0
    assert climb(now=last_day + DAY).proposed == 1
    third = Escalation.objects.get(step=3)
    assert third.trigger == "papers_in_months"
    assert third.days_late < 15
    office = client_of(district.director)
    page = reverse("ladder:escalation", args=[third.pk])
    assert page in office.get(reverse("ladder:list")).content.decode()
    assert third.draft_title in office.get(page).content.decode()
