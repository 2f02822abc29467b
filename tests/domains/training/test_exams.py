"""Exams from the rule to the result: refused where the law is not met, sat without an account, marked, certified."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image
from tests.domains.training.exam_factories import (
    RULE,
    begin,
    enter,
    make_exam,
    make_rule,
    people,
    programme,
    right,
    sit,
)
from tests.domains.training.factories import make_person, make_post, own_file
from tests.factories import District, client_of

from quancheng.domains.training.models import (
    Exam,
    ExamPass,
    ExamPolicy,
    ExamSitting,
    PaperRule,
    Question,
    RetrainingOrder,
    SittingFact,
    SittingItem,
)
from quancheng.domains.training.services.exam_figures import count_questions
from quancheng.domains.training.services.exam_results import certify, look_at_resits
from quancheng.domains.training.services.exams import code_of
from quancheng.domains.training.services.forgetting import forget
from quancheng.domains.training.services.questions import change_question
from quancheng.domains.training.services.sitting import close_overdue, paper_of
from quancheng.kernel.errors import Conflict, Invalid
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.people.models import User

pytestmark = pytest.mark.django_db


def rule_form(**given: Any) -> dict[str, Any]:
    """As it is typed: 20 × 3, 10 × 2, 10 × 2."""
    return {
        "name": "某规则", "minutes": "60", "count_single": "20", "marks_single": "3", "count_judge": "10",
        "marks_judge": "2", "count_multiple": "10", "marks_multiple": "2", "major_share": "10", **given,
    }  # fmt: skip


def faults(answer: Any) -> str:
    return " ".join(str(one) for errors in answer.context["form"].errors.values() for one in errors)


def sitting(exam: Exam, place: int = 0) -> ExamSitting:
    return ExamSitting.objects.select_related("person", "exam").filter(exam=exam).order_by("created_at", "pk")[place]


# Rules ----------------------------------------------------------------------------------------------------------


@pytest.mark.clause("S1-5b", "S2-16c")
def test_a_rule_below_the_districts_share_of_major_hidden_dangers_is_refused_and_papers_keep_the_share(
    own: Client, district: District
) -> None:
    answer = own.post("/training/paper-rules/new", rule_form(major_share="9"))
    assert (answer.status_code, PaperRule.objects.count()) == (422, 0)
    assert "不能低于区级规定的 10%" in faults(answer)
    assert 'value="某规则"' in answer.content.decode()
    assert own.post("/training/paper-rules/new", rule_form()).status_code == 303
    exam = make_exam(district.enterprise, people(district), rule=PaperRule.objects.get())
    for row in ExamSitting.objects.filter(exam=exam):
        begin(exam, row)
        asked = SittingItem.objects.filter(sitting=row)
        assert asked.count() == 40
        assert asked.filter(question__subjects__contains=["major_hidden_danger"]).count() >= 4
        assert sum(one.marks for one in asked) == 100


def test_a_share_that_the_district_raised_counts_for_the_next_exam(own: Client, district: District) -> None:
    rule = make_rule(district.enterprise)
    office = client_of(district.department_head)
    fields = {"major_share": "25", "resit_days": "30", "spot_questions": "10", "spot_minutes": "10", "spot_pass": "80",
              "spot_least": "3", "spot_most": "5", "spot_hours": "8", "version": "1", "reason": "加强"}  # fmt: skip
    assert own.get("/training/exam-policy").status_code == 403
    assert office.get("/training/exam-policy").status_code == 200
    assert office.post("/training/exam-policy", {**fields, "spot_most": "2"}).status_code == 422
    assert office.post("/training/exam-policy", fields).status_code == 303
    assert office.post("/training/exam-policy", fields).status_code == 409
    assert ExamPolicy.objects.get().major_share == 25
    with pytest.raises(Invalid) as refused:
        make_exam(district.enterprise, people(district), rule=rule)
    assert "25%" in str(refused.value.fields["rule"])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"minutes": "59"}, "60 至 120"),
        ({"minutes": "121"}, "60 至 120"),
        ({"marks_single": "4"}, "应为 100 分，现为 120 分"),
        ({"count_case": "20", "marks_case": "1", "count_single": "0"}, "应为 100 分"),
        ({"count_practice": "20", "marks_practice": "3", "count_single": "0"}, "“实操题”需要 20 题"),
        ({"subject1": "dust", "least1": "30"}, "“粉尘防爆”需要 30 题"),
        ({"name": " "}, "请填写"),
    ],
)
def test_a_rule_says_what_is_wrong_and_what_the_bank_lacks(own: Client, given: dict[str, str], sentence: str) -> None:
    answer = own.post("/training/paper-rules/new", rule_form(**given))
    assert answer.status_code == 422
    assert sentence in faults(answer)


def test_an_offices_rule_is_open_to_all_and_an_enterprises_to_itself(own: Client, district: District) -> None:
    theirs = make_rule(district.department, name="区级规则")
    mine = make_rule(district.enterprise, name="本企规则")
    other = client_of(district.other_enterprise)
    assert own.get(f"/training/paper-rules/{theirs.pk}").status_code == 200
    assert own.post(f"/training/paper-rules/{theirs.pk}", {"act": "retire"}).status_code == 403
    assert own.get(f"/training/paper-rules/{theirs.pk}/change").status_code == 403
    assert other.get(f"/training/paper-rules/{mine.pk}").status_code == 404
    changed = own.post(f"/training/paper-rules/{mine.pk}/change", rule_form(name="改名", version="1"))
    late = own.post(f"/training/paper-rules/{mine.pk}/change", rule_form(name="再改", version="1"))
    assert (changed.status_code, late.status_code) == (303, 409)
    assert own.post(f"/training/paper-rules/{mine.pk}", {"act": "retire"}).status_code == 303
    assert "改名" in own.get("/training/paper-rules").content.decode()


# Sitting ----------------------------------------------------------------------------------------------------------


def test_an_exam_is_arranged_and_its_slips_shown_to_who_runs_it(own: Client, district: District) -> None:
    rule = make_rule(district.enterprise)
    persons = people(district)
    soon = timezone.localtime() + timedelta(hours=1)
    body = {
        "name": "三季度考试", "programme": str(programme().pk), "rule": str(rule.pk),
        "opens_at": f"{soon:%Y-%m-%dT%H:%M}", "closes_at": f"{soon + timedelta(hours=3):%Y-%m-%dT%H:%M}",
        "persons": [str(one.pk) for one in persons],
    }  # fmt: skip
    assert own.get("/training/exams/new").status_code == 200
    short = {**body, "closes_at": f"{soon + timedelta(minutes=20):%Y-%m-%dT%H:%M}"}
    answer = own.post("/training/exams/new", short)
    assert (answer.status_code, "短于考试时间" in faults(answer)) == (422, True)
    assert own.post("/training/exams/new", {**body, "persons": []}).status_code == 422
    assert own.post("/training/exams/new", body).status_code == 303
    exam = Exam.objects.get()
    page = own.get(f"/training/exams/{exam.pk}/slips").content.decode()
    assert page.count("<svg") >= 3
    assert client_of(district.department).get(f"/training/exams/{exam.pk}").status_code == 200
    assert client_of(district.department).get(f"/training/exams/{exam.pk}/slips").status_code == 403
    assert client_of(district.other_enterprise).get(f"/training/exams/{exam.pk}").status_code == 404
    fourth = make_person(district, order=4)
    url = f"/training/exams/{exam.pk}/add"
    assert own.post(url, {"persons": [str(fourth.pk)]}).status_code == 303
    assert own.post(url, {"persons": [str(fourth.pk)]}).status_code == 422
    assert own.post(f"/training/exams/{exam.pk}", {"act": "cancel", "reason": "改期"}).status_code == 303
    assert Client().get(f"/x/{exam.door}").status_code == 404


def test_an_office_examines_who_holds_a_role_at_the_enterprises_that_it_supervises(district: District) -> None:
    persons = people(district)
    make_post(district, persons[0], "process_operator")
    rule = make_rule(district.department)
    soon = timezone.localtime() + timedelta(hours=1)
    body = {
        "name": "操作工统考", "programme": str(programme("post-skills").pk), "rule": str(rule.pk),
        "opens_at": f"{soon:%Y-%m-%dT%H:%M}", "closes_at": f"{soon + timedelta(hours=3):%Y-%m-%dT%H:%M}",
        "enterprises": [str(own_file(district).pk)], "roles": ["process_operator"],
    }  # fmt: skip
    office = client_of(district.department)
    assert office.get("/training/exams/new").status_code == 200
    assert office.post("/training/exams/new", {**body, "roles": ["main_head"]}).status_code == 422
    assert office.post("/training/exams/new", body).status_code == 303
    exam = Exam.objects.get()
    assert [one.person_id for one in ExamSitting.objects.filter(exam=exam)] == [persons[0].pk]
    assert client_of(district.enterprise).get(f"/training/exams/{exam.pk}").status_code == 200
    url = f"/training/exams/{exam.pk}/add"
    assert office.post(url, {"persons": [str(persons[1].pk)]}).status_code == 303


def test_a_worker_without_account_is_let_in_by_badge_and_code_and_at_one_device(district: District) -> None:
    exam = make_exam(district.enterprise, people(district))
    row = sitting(exam)
    stranger = Client()
    wrong = stranger.post(f"/x/{exam.door}", {"badge": "A9", "code": "AAAAAAAA"})
    assert (wrong.status_code, "考试码不对" in wrong.content.decode()) == (422, True)
    assert stranger.get(f"/x/{exam.door}/-/paper").status_code == 302
    browser = begin(exam, row)
    assert browser.get(f"/x/{exam.door}/-/paper").status_code == 200
    other = Client().post(f"/x/{exam.door}", {"badge": "A1", "code": code_of(row)})
    assert (other.status_code, "另一台设备" in other.content.decode()) == (409, True)
    assert SittingFact.objects.filter(sitting=row, kind="other_device").exists()
    own = client_of(district.enterprise)
    url = f"/training/sittings/{row.pk}"
    assert own.post(url, {"act": "release", "reason": "手机没电"}).status_code == 303
    again = enter(exam, row)
    assert again.post(f"/x/{exam.door}/-/start").status_code == 302
    assert again.get(f"/x/{exam.door}/-/paper").status_code == 200
    assert browser.get(f"/x/{exam.door}/-/paper").status_code == 302


def test_a_slips_code_lets_in_without_the_badge_and_asks_nothing_by_being_opened(district: District) -> None:
    exam = make_exam(district.enterprise, people(district))
    row = sitting(exam)
    browser = Client()
    url = f"/x/{exam.door}/{code_of(row)}"
    assert browser.get(url).status_code == 200
    assert not SittingFact.objects.exists()
    assert browser.post(url).status_code == 302
    assert row.who in browser.get(f"/x/{exam.door}/-/start").content.decode()


def test_no_right_answer_leaves_the_house_before_the_exam_is_over(district: District) -> None:
    exam = make_exam(district.enterprise, people(district), now=timezone.now())
    row = sitting(exam)
    browser = begin(exam, row)
    page = browser.get(f"/x/{exam.door}/-/paper").content.decode()
    item = SittingItem.objects.filter(sitting=row).select_related("version").order_by("place")[0]
    assert item.version.stem in page
    assert item.version.explanation not in page
    browser.post(f"/x/{exam.door}/-/paper", {"act": "hand_in", "all": "1", **right(row)})
    done = browser.get(f"/x/{exam.door}/-/result").content.decode()
    assert "合格" in done
    assert item.version.explanation not in done
    assert browser.get(f"/x/{exam.door}/-/practice").status_code == 404
    Exam.objects.filter(pk=exam.pk).update(
        opens_at=timezone.now() - timedelta(hours=3), closes_at=timezone.now() - timedelta(minutes=2)
    )
    assert item.version.explanation in browser.get(f"/x/{exam.door}/-/result").content.decode()


def test_each_answer_is_kept_at_once_and_found_again(district: District) -> None:
    exam = make_exam(district.enterprise, people(district))
    row = sitting(exam)
    browser = begin(exam, row)
    told = right(row)
    first = next(iter(told))
    answer = browser.post(
        f"/x/{exam.door}/-/paper", {"act": "save", first: told[first]}, headers={"accept": "application/json"}
    )
    assert (answer.status_code, answer.json()["kept"]) == (200, [1])
    assert 0 < answer.json()["left"] <= 3600
    assert SittingItem.objects.get(sitting=row, place=1).answer
    page = browser.get(f"/x/{exam.door}/-/paper").content.decode()
    assert page.count(" checked") == len(told[first])
    bad = browser.post(f"/x/{exam.door}/-/paper", {first: "Z"}, headers={"accept": "application/json"})
    assert bad.status_code == 422
    assert browser.post(f"/x/{exam.door}/-/facts", {"kind": "left"}).status_code == 204
    assert browser.post(f"/x/{exam.door}/-/facts", {"kind": "began"}).status_code == 422
    row.refresh_from_db()
    assert row.left_count == 1


def test_the_same_seed_gives_the_same_paper_and_each_candidate_has_his_own(district: District) -> None:
    exam = make_exam(district.enterprise, people(district))
    rows = list(ExamSitting.objects.filter(exam=exam).select_related("exam", "person__file"))
    for row in rows:
        begin(exam, row)
    papers = [
        list(SittingItem.objects.filter(sitting=row).order_by("place").values_list("question", "order"))
        for row in rows
    ]
    assert len({str(one) for one in papers}) == 3
    again = [(one.question_id, one.order) for one in paper_of(rows[0], seed=rows[0].seed)]
    assert again == papers[0]


def test_what_was_asked_stays_as_it_was_asked(district: District) -> None:
    exam = make_exam(district.enterprise, people(district))
    row = sitting(exam)
    browser = begin(exam, row)
    item = SittingItem.objects.filter(sitting=row).select_related("question", "version").order_by("place")[0]
    before = item.version.stem
    asked = Question.objects.get(pk=item.question_id)
    known = {**asked.wording(), "subjects": asked.subjects, "posts": asked.posts, "industries": asked.industries,
             "difficulty": 3, "mark": asked.mark, "stem": "后来改的题干？"}  # fmt: skip
    change_question(actor=district.department, question=asked, version=asked.version, known=known, now=timezone.now())
    assert before in browser.get(f"/x/{exam.door}/-/paper").content.decode()
    assert "后来改的题干" not in browser.get(f"/x/{exam.door}/-/paper").content.decode()


def test_the_clock_hands_in_what_is_out_of_time_with_the_answers_that_came(district: District) -> None:
    start = timezone.now()
    exam = make_exam(district.enterprise, people(district), now=start)
    row = sitting(exam)
    browser = begin(exam, row)
    browser.post(f"/x/{exam.door}/-/paper", {"act": "save", **right(row)})
    assert close_overdue(now=start + timedelta(minutes=61)) == 0
    assert close_overdue(now=start + timedelta(minutes=63)) == 1
    row.refresh_from_db()
    assert (row.handed_in_by, row.score, row.is_passed) == ("clock", 100, True)
    late = browser.post(f"/x/{exam.door}/-/paper", {"act": "save"}, headers={"accept": "application/json"})
    assert (late.status_code, late.json()["url"]) == (409, f"/x/{exam.door}/-/result")


def test_who_is_outside_the_window_does_not_begin_but_may_practise_before(district: District) -> None:
    now = timezone.now()
    exam = make_exam(district.enterprise, people(district), opens_at=now + timedelta(hours=1),
                     closes_at=now + timedelta(hours=3))  # fmt: skip
    row = sitting(exam)
    browser = enter(exam, row)
    refused = browser.post(f"/x/{exam.door}/-/start")
    assert (refused.status_code, "还没有开始" in refused.content.decode()) == (409, True)
    page = browser.get(f"/x/{exam.door}/-/practice")
    seed = page.context["seed"]
    done = browser.post(f"/x/{exam.door}/-/practice", {"seed": seed, "a-1-": "A"}).content.decode()
    assert "解析" in done
    assert not SittingItem.objects.exists()


def test_a_photo_taken_at_the_start_is_shown_to_who_looks_at_people(district: District) -> None:
    exam = make_exam(district.enterprise, people(district))
    row = sitting(exam)
    browser = enter(exam, row)
    out = BytesIO()
    Image.new("RGB", (64, 48), (120, 110, 100)).save(out, "JPEG")
    photo = SimpleUploadedFile("我.jpg", out.getvalue(), content_type="image/jpeg")
    assert browser.post(f"/x/{exam.door}/-/start", {"photo": photo}).status_code == 302
    link = FileLink.objects.get(subject_id=row.pk)
    assert link.role == "photo"
    own = client_of(district.enterprise)
    assert str(link.pk) in own.get(f"/training/sittings/{row.pk}?tab=facts").content.decode()
    assert client_of(district.other_enterprise).get(f"/training/sittings/{row.pk}").status_code == 404


# Results ----------------------------------------------------------------------------------------------------------


@pytest.mark.clause("S1-5c")
def test_who_passes_gets_a_numbered_certificate_and_who_fails_gets_none(own: Client, district: District) -> None:
    exam = make_exam(district.enterprise, people(district))
    good, bad = sit(exam, sitting(exam, 0)), sit(exam, sitting(exam, 1), share=0.3)
    assert (good.score, good.is_passed, bad.is_passed) == (Decimal(100), True, False)
    assert good.certificate_no
    page = own.get(f"/training/sittings/{good.pk}/certificate").content.decode()
    assert good.certificate_no in page
    assert own.get(f"/training/sittings/{bad.pk}/certificate").status_code == 409
    with pytest.raises(Conflict):
        certify(actor=district.enterprise, sitting=bad, now=timezone.now())
    assert [one.person_id for one in ExamPass.objects.filter(programme=programme())] == [good.person_id]


def test_cases_and_practice_wait_for_an_examiner(own: Client, district: District) -> None:
    counts = {"single": 20, "judge": 5, "multiple": 5, "case": 1, "practice": 1}
    marks = {"single": 3, "judge": 2, "multiple": 2, "case": 10, "practice": 10}
    rule = make_rule(district.enterprise, name="含案例", counts=counts, marks=marks)
    exam = make_exam(district.enterprise, people(district), rule=rule)
    row = sit(exam, sitting(exam))
    assert (row.handed_in_at is not None, row.marked_at) == (True, None)
    assert row.who in own.get("/training/sittings?unmarked=1").content.decode()
    url = f"/training/sittings/{row.pk}/mark"
    page = own.get(url)
    assert "客观小题自动评得" in page.content.decode()
    assert client_of(district.department).get(url).status_code == 403
    assert own.post(url, {"got31": "11", "got32": "9"}).status_code == 422
    assert own.post(url, {"got31": "8.5", "got32": "9", "remark32": "动作规范"}).status_code == 303
    row.refresh_from_db()
    assert (row.score, row.is_passed) == (Decimal("97.5"), True)
    assert own.post(url, {"got31": "1", "got32": "1"}).status_code in (409, 303)
    assert "动作规范" in own.get(f"/training/sittings/{row.pk}").content.decode()


def test_who_fails_may_sit_once_more_within_thirty_days_and_then_learns_anew(district: District) -> None:
    persons = people(district, 1)
    first = make_exam(district.enterprise, persons)
    assert sit(first, sitting(first), share=0.2).is_passed is False
    assert RetrainingOrder.objects.count() == 0
    second = make_exam(district.enterprise, persons)
    assert sitting(second).is_resit
    failed = sit(second, sitting(second), share=0.2)
    order = RetrainingOrder.objects.get()
    assert (order.reason, order.needs_exam, order.off_post, order.hours) == ("exam_failed", True, False, 8)
    assert ExamSitting.objects.get(pk=failed.pk).retraining_id == order.pk
    with pytest.raises(Invalid) as refused:
        make_exam(district.enterprise, persons)
    assert "重新完成培训学时" in str(refused.value.fields["persons"])
    RetrainingOrder.objects.update(hours_done=8)
    third = make_exam(district.enterprise, persons)
    assert not sitting(third).is_resit
    assert sit(third, sitting(third)).is_passed
    order.refresh_from_db()
    assert order.exam_passed_at is not None


def test_who_lets_the_days_of_the_resit_pass_learns_anew(district: District) -> None:
    persons = people(district, 1)
    exam = make_exam(district.enterprise, persons)
    row = sit(exam, sitting(exam), share=0.2)
    assert row.marked_at is not None
    assert look_at_resits(now=row.marked_at + timedelta(days=29)) == 0
    assert look_at_resits(now=row.marked_at + timedelta(days=31)) == 1
    assert look_at_resits(now=row.marked_at + timedelta(days=32)) == 0
    assert RetrainingOrder.objects.get().person_id == persons[0].pk


def test_regulators_sit_signed_in(district: District) -> None:
    user = User.objects.get(pk=district.town.user_id)
    rule = make_rule(district.department)
    exam = make_exam(district.department, [], users=[user], code="regulator-yearly", rule=rule)
    town = client_of(district.town)
    assert exam.name in town.get("/training/exams/own").content.decode()
    row = ExamSitting.objects.get(exam=exam)
    assert client_of(district.enterprise).post("/training/exams/own", {"sitting": str(row.pk)}).status_code == 404
    assert town.post("/training/exams/own", {"sitting": str(row.pk)}).status_code == 302
    assert town.post(f"/x/{exam.door}/-/start").status_code == 302
    told = {"act": "hand_in", "all": "1", **right(row)}
    assert town.post(f"/x/{exam.door}/-/paper", told).status_code == 302
    row.refresh_from_db()
    assert row.is_passed
    assert row.certificate_no
    assert town.get(f"/training/sittings/{row.pk}").status_code == 200
    with pytest.raises(Invalid):
        make_exam(district.department, people(district), code="regulator-yearly", rule=rule)


def test_figures_open_the_rows_that_they_count(own: Client, district: District) -> None:
    exam = make_exam(district.enterprise, people(district))
    rows = [sit(exam, sitting(exam, place), share=share) for place, share in enumerate((1.0, 0.9, 0.2))]
    count_questions(now=timezone.now() + timedelta(seconds=1))
    item = SittingItem.objects.filter(sitting=rows[0]).select_related("question").order_by("place")[0]
    asked = Question.objects.get(pk=item.question_id)
    assert asked.used_count >= 1
    assert asked.correct_rate is not None
    page = own.get("/training/exam-figures").content.decode()
    assert "66.7" in page
    assert "示例甲化工有限公司" in page
    listed = own.get("/training/sittings?enterprise=示例甲化工有限公司&programme=entry-hazchem&state=failed")
    assert rows[2].who in listed.content.decode()
    assert rows[0].who not in listed.content.decode()
    answers = own.get(f"/training/answers?question={asked.code}").content.decode()
    assert rows[0].who in answers
    assert own.get(f"/training/answers?question={asked.code}&option=A&wrong=1&subject=law").status_code == 200
    assert own.get("/training/answers?question=%00").status_code == 422
    assert "查看每次作答" in own.get(f"/training/questions/{asked.pk}?tab=figures").content.decode()
    other = client_of(district.other_enterprise)
    assert "示例甲化工有限公司" not in other.get("/training/exam-figures").content.decode()
    assert rows[0].who not in other.get(f"/training/answers?question={asked.code}").content.decode()


def test_the_states_of_the_database_are_those_of_the_page(own: Client, district: District) -> None:
    exam = make_exam(district.enterprise, people(district, 4))
    begin(exam, sitting(exam, 0))
    sit(exam, sitting(exam, 1))
    sit(exam, sitting(exam, 2), share=0.1)
    now = timezone.now()
    for at in (now, now + timedelta(hours=3)):
        for row in ExamSitting.objects.select_related("exam"):
            state = row.state_at(at)
            assert ExamSitting.objects.all().in_state(state, at).filter(pk=row.pk).exists(), (state, at)
            assert sum(
                ExamSitting.objects.all().in_state(one, at).filter(pk=row.pk).exists() for one in type(state).values
            ) == 1  # fmt: skip


def test_who_is_forgotten_takes_his_papers_along(district: District) -> None:
    persons = people(district, 1)
    exam = make_exam(district.enterprise, persons)
    sit(exam, sitting(exam))
    forget(persons)
    assert not ExamSitting.objects.exists()
    assert not SittingItem.objects.exists()
    assert Exam.objects.exists()


def test_rules_of_the_test_sum_to_a_hundred() -> None:
    assert sum(RULE["counts"][kind] * RULE["marks"][kind] for kind in RULE["counts"]) == 100
