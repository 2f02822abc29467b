"""Lessons learnt: noted when a job is over, shown at the next like one, confirmed where the enterprise asks for it."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import docx
import pdfplumber
import pytest
from django.urls import reverse
from tests.domains.permits.factories import (
    ELSEWHERE,
    NOW,
    crew_of,
    make_draft,
    make_permit,
    own_file,
)
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import LessonReading, PermitPerson, WorkLesson
from quancheng.domains.permits.paper_files import permit_docx, permit_pdf
from quancheng.domains.permits.queries.lessons import lessons_for
from quancheng.domains.permits.queries.papers import paper_of
from quancheng.domains.permits.services import drafting, figures, lessons, working
from quancheng.domains.permits.services.checking import Refused
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState

pytestmark = pytest.mark.django_db
WRONG = "接火盆太小，火花落到下层"


@pytest.fixture
def district():
    return make_district()


def over(district, crew, kind="EX", **known):
    """A job that was done and finished."""
    permit = make_permit(district, kind, crew=crew, to="WORKING", **known)
    working.finish_work(
        actor=crew.safety, permit=permit, note="人员、工具已清点", now=permit.started_at + timedelta(minutes=40)
    )
    return permit


def tell(actor, permit, part="UNIT", **known):
    told = lessons.Lesson(part=part, **({"went_wrong": WRONG} | known))
    return lessons.note_lesson(actor=actor, permit=permit, told=told, now=NOW + timedelta(hours=3))


def ask_reading(crew, district):
    figures.set_figure(
        actor=crew.head, file=own_file(district), name="lessons_read", value="1", from_date=NOW.date(),
        reason="吸取教训", now=NOW,
    )  # fmt: skip


def test_the_leader_the_guardian_and_the_unit_note_a_job_that_is_over_on_its_page(district, at):
    crew = crew_of(district, "EX")
    permit = over(district, crew)
    at[0] = permit.finished_at + timedelta(minutes=5)
    client, url = client_of(crew.safety), reverse("permits:permit", args=[permit.pk])
    empty = client.post(url, {"act": "lesson", "part": "LEADER"})
    assert empty.status_code == 422
    told = {"act": "lesson", "part": "LEADER", "went_wrong": WRONG, "suggestion": "换大号接火盆"}
    assert client.post(url, told).status_code == 303
    assert client.post(url, {"act": "lesson", "part": "GUARDIAN", "went_well": "警戒到位"}).status_code == 303
    rows = {one.part: one for one in WorkLesson.objects.all()}
    assert (rows["LEADER"].name, rows["GUARDIAN"].name) == ("某负责人", "某监护人")
    page = client.get(url, {"tab": "learning"}).content.decode()
    assert WRONG in page
    assert "警戒到位" in page
    assert WRONG in client.get(reverse("permits:lessons")).content.decode()


def test_nothing_is_noted_before_the_work_is_over_and_the_units_note_is_its_own(district):
    crew = crew_of(district, "EX")
    permit = make_permit(district, "EX", crew=crew, to="WORKING")
    with pytest.raises(StaleState) as early:
        tell(crew.head, permit)
    assert "F-18" in early.value.message
    working.finish_work(
        actor=crew.safety, permit=permit, note="人员、工具已清点", now=permit.started_at + timedelta(minutes=40)
    )
    with pytest.raises(NotPermitted):
        tell(district.director, permit)
    with pytest.raises(Invalid):
        tell(crew.head, permit, went_wrong="  ")
    assert tell(crew.head, permit).name == crew.head.name


def test_the_next_like_request_and_its_analysis_show_the_last_three_notes(district, at):
    """F-18: the same place and kind shows the last three notes and the accidents."""
    crew = crew_of(district, "EX")
    former = over(district, crew)
    for n in range(4):
        tell(crew.head, former, went_wrong=f"第{n}次问题")
    other = make_draft(district, "EX", crew, place="另一地点", at=ELSEWHERE)
    like = make_draft(district, "EX", crew, place="空压站 外墙", at=ELSEWHERE)
    assert [one.went_wrong for one in lessons_for(like)] == ["第3次问题", "第2次问题", "第1次问题"]
    assert lessons_for(other) == []
    at[0] = NOW
    for tab in ("learning", "papers"):
        page = client_of(crew.safety).get(reverse("permits:permit", args=[like.pk]), {"tab": tab}).content.decode()
        assert "第3次问题" in page
        assert "第0次问题" not in page
        assert "南京地下丙烯管道" in page
    change = client_of(crew.safety).get(reverse("permits:change", args=[like.pk])).content.decode()
    assert "第3次问题" in change
    assert "第3次问题" in paper_of(permit=like, actor=crew.safety, now=NOW).lessons[0]


def test_notes_of_what_went_well_push_no_problem_out_of_sight(district, at):
    crew = crew_of(district, "EX")
    former = over(district, crew)
    tell(crew.head, former)
    for n in range(3):
        tell(crew.head, former, went_wrong="", went_well=f"第{n}次顺利")
    draft = make_draft(district, "EX", crew, place="空压站\u3000外墙", at=ELSEWHERE)
    assert WRONG in [one.went_wrong for one in lessons_for(draft)]
    ask_reading(crew, district)
    with pytest.raises(Refused) as refused:
        drafting.submit_permit(actor=crew.safety, permit=draft, now=NOW)
    assert "C-72" in [one["code"] for one in refused.value.facts["answers"]]
    lessons.read_lessons(actor=crew.safety, permit=draft, now=NOW)
    drafting.submit_permit(actor=crew.safety, permit=draft, now=NOW)
    assert draft.status == "REQUESTED"


def test_a_place_that_was_written_with_a_wide_space_is_the_same_place(district):
    crew = crew_of(district, "EX")
    tell(crew.head, over(district, crew, place="空压站\u3000外墙"))
    like = make_draft(district, "EX", crew, place="空压站外墙", at=ELSEWHERE)
    assert [one.went_wrong for one in lessons_for(like)] == [WRONG]


def test_what_was_noted_after_the_briefing_is_not_on_its_paper(district):
    crew = crew_of(district, "EX")
    former = over(district, crew)
    lessons.note_lesson(actor=crew.head, permit=former, told=lessons.Lesson(part="UNIT", went_wrong=WRONG), now=NOW)
    like = make_permit(district, "EX", crew=crew_of(district, "EX", order=760), to="PREPARING", at=ELSEWHERE)
    tell(crew.head, former, went_wrong="交底之后才写的问题")
    told = paper_of(permit=like, actor=crew.safety, now=NOW + timedelta(hours=4)).lessons
    assert [WRONG in one for one in told] == [True]


def test_the_paper_for_the_briefing_carries_them_on_a_sheet_of_their_own(district):
    crew = crew_of(district, "EX")
    tell(crew.head, over(district, crew))
    like = make_draft(district, "EX", crew, at=ELSEWHERE)
    paper = paper_of(permit=like, actor=crew.safety, now=NOW)
    same = {"url": "https://example.org/w/1", "copies": [1], "printed": "测试", "now": NOW}
    with pdfplumber.open(BytesIO(permit_pdf(paper, **same))) as pdf:
        sheets = [page.extract_text() for page in pdf.pages]
    assert WRONG not in "".join(sheets[:-1])
    assert "安全措施" not in sheets[-1]
    text = sheets[-1]
    word = "".join(one.text for one in docx.Document(BytesIO(permit_docx(paper, **same))).paragraphs)
    for told in ("".join(text.split()), "".join(word.split())):
        assert "类似作业小结" in told
        assert WRONG in told


def test_notes_of_another_enterprise_are_shown_to_nobody_else(district, at):
    crew = crew_of(district, "EX")
    former = over(district, crew)
    tell(crew.head, former)
    stranger = district.other_enterprise
    at[0] = NOW
    page = client_of(stranger).get(reverse("permits:lessons"))
    assert WRONG not in page.content.decode()
    told = client_of(district.director).get("/api/v1/permits/lessons", {"permit_id": former.pk}).json()
    assert [one["went_wrong"] for one in told["items"]] == [WRONG]
    assert client_of(stranger).get("/api/v1/permits/lessons").json()["items"] == []


def test_where_the_enterprise_asks_for_it_a_request_is_refused_until_the_notes_were_read(district, at):
    crew = crew_of(district, "EX")
    former = over(district, crew)
    tell(crew.head, former)
    draft = make_draft(district, "EX", crew, at=ELSEWHERE)
    ask_reading(crew, district)
    with pytest.raises(Refused) as refused:
        drafting.submit_permit(actor=crew.safety, permit=draft, now=NOW)
    (answer,) = [one for one in refused.value.facts["answers"] if one["code"] == "C-72"]
    assert "F-18" in answer["clause"]
    assert "阅读并确认" in answer["remedy"]
    at[0] = NOW
    client, url = client_of(crew.safety), reverse("permits:permit", args=[draft.pk])
    shown = client.get(url, {"act": "read_lessons"})
    assert shown.status_code == 200
    unticked = client.post(url, {"act": "read_lessons", "shown": str(former.lessons.get().pk)})
    assert unticked.status_code == 422
    late = client.post(url, {"act": "read_lessons", "shown": "", "is_read": "on"})
    assert late.status_code == 409
    given = {"act": "read_lessons", "shown": str(former.lessons.get().pk), "is_read": "on"}
    assert client.post(url, given).status_code == 303
    assert LessonReading.objects.get().by_name == crew.safety.name
    drafting.submit_permit(actor=crew.safety, permit=draft, now=NOW)
    assert draft.status == "REQUESTED"


def test_nobody_who_did_not_switch_it_on_is_asked(district):
    crew = crew_of(district, "EX")
    tell(crew.head, over(district, crew))
    draft = make_draft(district, "EX", crew, at=ELSEWHERE)
    drafting.submit_permit(actor=crew.safety, permit=draft, now=NOW)
    assert draft.status == "REQUESTED"


def test_a_program_notes_a_lesson_once(district, at):
    crew = crew_of(district, "EX")
    permit = over(district, crew)
    at[0] = permit.finished_at + timedelta(minutes=5)
    client, url = client_of(crew.safety), f"/api/v1/permits/permits/{permit.pk}/lessons"
    body = {"part": "GUARDIAN", "went_well": "警戒到位"}
    key = {"HTTP_IDEMPOTENCY_KEY": "0197f0a0-0000-7000-8000-000000000001"}
    for _time in range(2):
        answer = client.post(url, body, content_type="application/json", **key)
        assert answer.status_code == 201, answer.content
    assert WorkLesson.objects.count() == 1
    bad = client.post(url, {"part": "GUARDIAN", "nothing": 1}, content_type="application/json")
    assert bad.status_code == 422
    office = client_of(district.director).post(url, body, content_type="application/json")
    assert office.status_code == 403


def test_which_of_two_guardians_says_it_is_asked(district):
    crew = crew_of(district, "EX")
    permit = over(district, crew)
    PermitPerson.objects.create(permit=permit, person=crew.worker, part="GUARDIAN", number=9)
    with pytest.raises(Invalid) as unknown:
        tell(crew.safety, permit, part="GUARDIAN")
    assert "person" in unknown.value.fields
    chosen = permit.people.get(part="GUARDIAN", number=9)
    told = lessons.Lesson(part="GUARDIAN", went_wrong=WRONG)
    row = lessons.note_lesson(actor=crew.safety, permit=permit, told=told, person=chosen, now=NOW)
    assert row.name == "某作业人"


