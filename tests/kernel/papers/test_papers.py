"""A paper from draft to closed: who may do what, when the number comes, who sees it from when on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.factories import NOW, District, make_actor, make_district
from tests.kernel.papers.factories import BODY, make_draft, make_file, make_served, make_signed, make_signing

from quancheng.kernel.errors import Invalid, NotFound, NotPermitted, StaleState
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.numbering.models import IssuedNumber
from quancheng.kernel.papers import queries
from quancheng.kernel.papers.models import Paper, PaperTemplate, Service
from quancheng.kernel.papers.services import drafts, serving, signing
from quancheng.kernel.papers.services.templates import TemplateSpec, change_template
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


def service_of(paper: Paper) -> Service:
    return Service.objects.get(paper=paper)


def test_the_number_comes_with_the_signature_and_the_text_is_frozen_then(district: District) -> None:
    paper = make_signing(district)
    assert (paper.number_text, paper.frozen, IssuedNumber.objects.count()) == ("", None, 0)
    signing.sign_paper(actor=district.director, paper=paper, now=NOW)
    assert (paper.status, paper.number_text) == ("SIGNED", "示安办督〔2026〕1号")
    assert paper.frozen["title"] == "关于报送自查情况的督促函"
    assert paper.frozen["date"] == "2026-09-08"
    assert paper.frozen["addressees"] == ["示例区应急管理局"]
    assert paper.frozen["blocks"][1] == {"kind": "heading", "level": 1, "text": "自查范围", "run_in": ""}
    assert make_signed(district).number_text == "示安办督〔2026〕2号"
    assert make_signed(district, template="letter", title="函", body=BODY).number_text == "示安办函〔2026〕1号"


def test_the_journal_has_every_step_and_the_digest_but_not_the_text(district: District) -> None:
    paper = make_signed(district)
    acts = JournalEntry.objects.filter(subject_id=paper.pk).order_by("seq").values_list("act", flat=True)
    assert list(acts) == [
        "papers.paper.enter",
        "papers.paper.submit",
        "papers.paper.check",
        "numbering.number.take",
        "papers.paper.sign",
    ]
    facts = JournalEntry.objects.get(subject_id=paper.pk, act="papers.paper.sign").facts
    assert facts["frozen"] == paper.frozen_digest
    assert facts["signer_name"] == ""


def test_whoever_submitted_a_paper_cannot_check_it_and_a_colleague_can(district: District) -> None:
    paper = make_draft(district)
    drafts.submit_paper(actor=district.officer, paper=paper, now=NOW)
    with pytest.raises(NotPermitted) as refusal:
        drafts.check_paper(actor=district.officer, paper=paper, now=NOW)
    assert refusal.value.code == "four_eyes"
    assert paper.status == "CHECKING"
    drafts.check_paper(actor=make_actor(district.office_org, "office.officer"), paper=paper, now=NOW)
    assert paper.status == "SIGNING"


def test_only_who_holds_the_duty_signs_and_no_number_is_lost_by_trying(district: District) -> None:
    paper = make_signing(district)
    for actor in (district.officer, district.department_head):
        with pytest.raises((NotPermitted, NotFound)):
            signing.sign_paper(actor=actor, paper=paper, now=NOW)
    assert IssuedNumber.objects.count() == 0
    signing.sign_paper(actor=district.director, paper=paper, now=NOW)
    assert paper.number_text == "示安办督〔2026〕1号"


def test_a_second_signature_is_told_where_the_paper_stands(district: District) -> None:
    paper = make_signing(district)
    seen_by_the_other = Paper.objects.get(pk=paper.pk)
    signing.sign_paper(actor=district.director, paper=paper, now=NOW)
    with pytest.raises(StaleState) as refusal:
        signing.sign_paper(actor=district.director, paper=seen_by_the_other, now=NOW)
    assert "已签发" in str(refusal.value)
    assert IssuedNumber.objects.count() == 1


def test_a_draft_with_a_gap_or_without_addressee_is_not_signed(district: District) -> None:
    gap = make_draft(district, template="talk", title=None, body=None, values={"事项": "自查"})
    assert "【待补：约谈时间】" in gap.body
    drafts.submit_paper(actor=district.officer, paper=gap, now=NOW)
    drafts.check_paper(actor=district.director, paper=gap, now=NOW)
    with pytest.raises(Invalid) as refusal:
        signing.sign_paper(actor=district.director, paper=gap, now=NOW)
    assert "约谈地点" in str(refusal.value)
    nobody = make_draft(district, district.department_org.pk)
    drafts.change_draft(actor=district.officer, paper=nobody, changes={}, addressees=[], now=NOW)
    with pytest.raises(StaleState, match="主送"):
        drafts.submit_paper(actor=district.officer, paper=nobody, now=NOW)


def test_of_two_who_change_a_draft_at_once_the_second_is_refused(district: District) -> None:
    paper = make_draft(district)
    other = Paper.objects.get(pk=paper.pk)
    later = NOW + timedelta(minutes=1)
    drafts.change_draft(actor=district.officer, paper=paper, changes={"title": "甲"}, now=later)
    with pytest.raises(StaleState):
        drafts.change_draft(actor=district.director, paper=other, changes={"title": "乙"}, now=later)
    paper.refresh_from_db()
    assert paper.title == "甲"


def test_an_addressee_sees_a_paper_only_once_it_is_served(district: District) -> None:
    paper = make_signed(district)
    for reader in (district.department, district.town, district.enterprise):
        with pytest.raises(NotFound):
            queries.get_paper(actor=reader, paper_id=paper.pk)
    serving.send_service(actor=district.officer, service=service_of(paper), now=NOW)
    assert queries.get_paper(actor=district.department, paper_id=paper.pk) == paper
    assert [row.org_id for row in queries.services_of(actor=district.department, paper=paper)] == [
        district.department_org.pk
    ]
    for reader in (district.town, district.enterprise):
        with pytest.raises(NotFound):
            queries.get_paper(actor=reader, paper_id=paper.pk)


def test_one_addressee_does_not_see_the_service_to_another(district: District) -> None:
    paper = make_signed(district, district.department_org.pk, district.enterprise_org.pk)
    assert serving.send_all(actor=district.officer, paper=paper, now=NOW) == 2
    seen = queries.services_of(actor=district.enterprise, paper=paper)
    assert [row.org_id for row in seen] == [district.enterprise_org.pk]
    assert queries.services_of(actor=district.officer, paper=paper).count() == 2


def test_sending_tells_those_who_sign_for_papers(district: District) -> None:
    paper = make_signed(district)
    serving.send_service(actor=district.officer, service=service_of(paper), now=NOW)
    told = set(Notice.objects.filter(kind="papers.sent").values_list("user_id", flat=True))
    assert told == {district.department.user_id, district.department_head.user_id}


def test_the_time_for_the_reply_runs_from_the_receipt_in_working_days(district: District) -> None:
    paper = make_signed(district, reply_working_days=5)
    service = service_of(paper)
    serving.send_service(actor=district.officer, service=service, now=NOW)
    assert service.reply_due is None
    friday = NOW + timedelta(days=3)
    serving.acknowledge_service(actor=district.department, service=service, now=friday)
    assert (service.status, service.way, service.reply_due) == ("SERVED", "platform", date(2026, 9, 18))
    item = WorkItem.objects.get(subject_id=service.pk, done_at__isnull=True)
    assert (item.owner_org_id, item.duty, item.due_at.date()) == (
        district.department_org.pk,
        "papers.reply",
        date(2026, 9, 18),
    )
    paper.refresh_from_db()
    assert paper.status == "SERVED"


def test_a_receipt_on_paper_needs_its_scan_and_a_possible_day(district: District) -> None:
    service = service_of(make_signed(district))
    receipt = make_file(district.officer)
    for given, wrong in (
        ({"evidence": [], "served_on": date(2026, 9, 8)}, "evidence"),
        ({"evidence": [receipt], "served_on": date(2026, 9, 9)}, "served_on"),
        ({"evidence": [receipt], "served_on": date(2026, 9, 7)}, "served_on"),
    ):
        with pytest.raises(Invalid) as refusal:
            serving.deliver_service(actor=district.officer, service=service, receiver="某甲", now=NOW, **given)
        assert list(refusal.value.fields) == [wrong]
    serving.deliver_service(
        actor=district.officer,
        service=service,
        receiver="某甲",
        served_on=date(2026, 9, 8),
        evidence=[receipt],
        now=NOW,
    )
    assert (service.status, service.way, service.receiver) == ("SERVED", "hand", "某甲")
    entry = JournalEntry.objects.get(act="papers.service.deliver")
    assert "某甲" not in str(entry.facts)
    assert queries.get_paper(actor=district.department, paper_id=service.paper_id)


def test_reply_return_reply_again_and_acceptance_close_the_paper(district: District) -> None:
    service = make_served(district)
    with pytest.raises(Invalid):
        serving.reply_to_service(actor=district.department, service=service, reply=" ", now=NOW)
    serving.reply_to_service(actor=district.department, service=service, reply="正在办理", now=NOW)
    due = service.reply_due
    serving.return_reply(actor=district.officer, service=service, reason="没有时间表", now=NOW)
    assert (service.status, service.reply_due) == ("SERVED", due)
    serving.reply_to_service(actor=district.department, service=service, reply="十月十日前完成", now=NOW)
    promised = date(2026, 10, 10)
    serving.accept_reply(actor=district.officer, service=service, respite_until=promised, now=NOW)
    assert (service.status, service.respite_until) == ("ACCEPTED", promised)
    assert Paper.objects.get(pk=service.paper_id).status == "CLOSED"


def test_the_paper_closes_only_with_its_last_addressee(district: District) -> None:
    paper = make_signed(district, district.department_org.pk, district.town_org.pk, template="notice", title="通知")
    serving.send_all(actor=district.officer, paper=paper, now=NOW)
    first, second = Service.objects.get(org=district.department_org), Service.objects.get(org=district.town_org)
    serving.acknowledge_service(actor=district.department, service=first, now=NOW)
    paper.refresh_from_db()
    assert (first.status, paper.status) == ("NO_REPLY", "SIGNED")
    serving.acknowledge_service(actor=district.town, service=second, now=NOW)
    paper.refresh_from_db()
    assert paper.status == "CLOSED"


def test_another_unit_can_neither_sign_for_a_paper_nor_answer_it(district: District) -> None:
    service = service_of(make_signed(district))
    serving.send_service(actor=district.officer, service=service, now=NOW)
    for stranger in (district.town, district.enterprise, district.officer):
        with pytest.raises((NotPermitted, NotFound)):
            serving.acknowledge_service(actor=stranger, service=service, now=NOW)
    assert Service.objects.get(pk=service.pk).status == "SENT"


def test_a_void_paper_keeps_its_number_and_cancels_what_is_open(district: District) -> None:
    service = make_served(district)
    paper = Paper.objects.get(pk=service.paper_id)
    with pytest.raises(Invalid):
        signing.void_paper(actor=district.director, paper=paper, reason=" ", now=NOW)
    signing.void_paper(actor=district.director, paper=paper, reason="事实有误", now=NOW)
    service.refresh_from_db()
    assert (paper.status, paper.number_text, service.status) == ("VOID", "示安办督〔2026〕1号", "CANCELLED")
    assert IssuedNumber.objects.get().void_reason == "事实有误"
    assert make_signed(district).number_text == "示安办督〔2026〕2号"
    assert not WorkItem.objects.filter(subject_id__in=[paper.pk, service.pk], done_at__isnull=True).exists()


def test_only_the_office_may_write_in_the_committees_name(district: District) -> None:
    from tests.factories import make_org

    committee = make_org("示例区安全生产委员会", kind="committee", area=district.area, general=True, word="示安委")
    paper = make_draft(district, issuer=committee.pk)
    assert paper.issuer == committee
    with pytest.raises(NotPermitted):
        make_draft(district, actor=district.department, issuer=committee.pk)


def test_changing_a_form_letter_makes_a_version_and_leaves_older_papers(district: District) -> None:
    before = make_draft(district)
    template = queries.get_template(code="urging")
    spec = TemplateSpec(title="关于“{事项}”的督促函", body="请{单位}速办。", reply_working_days=3)
    with pytest.raises(NotPermitted):
        change_template(actor=district.officer, template=template, spec=spec, now=NOW)
    wrong = TemplateSpec(title="{什么}", body="正文")
    with pytest.raises(Invalid) as refusal:
        change_template(actor=district.director, template=template, spec=wrong, now=NOW)
    assert "什么" in str(refusal.value.fields["title"])
    change_template(actor=district.director, template=template, spec=spec, now=NOW)
    after = make_draft(district, title=None, body=None, values={"事项": "自查", "单位": "贵局"})
    assert (after.title, after.body, after.reply_working_days) == ("关于“自查”的督促函", "请贵局速办。", 3)
    assert Paper.objects.get(pk=before.pk).template.version == 1
    with pytest.raises(StaleState):
        change_template(actor=district.director, template=template, spec=spec, now=NOW)
    assert PaperTemplate.objects.filter(code="urging").count() == 2


def test_the_same_signature_sent_twice_gives_one_number(district: District) -> None:
    from quancheng.kernel.ids import uuid7

    paper, request = make_signing(district), uuid7()
    signing.sign_paper(actor=district.director, paper=paper, now=NOW, client_id=request)
    again = Paper.objects.get(pk=paper.pk)
    signing.sign_paper(actor=district.director, paper=again, now=NOW, client_id=request)
    assert again.number_text == paper.number_text
    assert (IssuedNumber.objects.count(), Service.objects.count()) == (1, 1)
