"""The bank of questions: what ships is sound, a question is kept by whom it belongs to, papers keep what was asked."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.test import Client
from tests.factories import District, client_of
from tests.kernel.exchange.importing import book, checked, imported, reasons, undo

from quancheng.domains.training.models import Question, QuestionKind, QuestionState, QuestionVersion
from quancheng.domains.training.queries.questions import subject_names
from quancheng.domains.training.services.questions import check_question, load_questions, shipped_questions

pytestmark = pytest.mark.django_db
LIST = "/training/questions"
SINGLE = {
    "code": "T-1", "stem": "某题干？", "options": "甲\n乙\n丙", "answer": "b", "subjects": "law", "difficulty": "2",
    "mark": "D", "basis": "某规定 第1条",
}  # fmt: skip


@pytest.fixture
def bureau(district: District) -> Client:
    return client_of(district.department)


def enter(client: Client, kind: str = "single", **given: Any) -> Any:
    return client.post(f"{LIST}/new/{kind}", {**SINGLE, **given})


def faults(answer: Any) -> str:
    return " ".join(str(one) for errors in answer.context["form"].errors.values() for one in errors)


def test_what_ships_is_sound_and_large_enough() -> None:
    """Structure, counts, no doubles; of several right options at least two, and each question says on what it rests."""
    shipped = list(shipped_questions())
    for one in shipped:
        check_question(one)
        assert one["basis"], one["code"]
        assert one["explanation"] or one["parts"], one["code"]
    kinds = Counter(one["kind"] for one in shipped)
    assert len(shipped) >= 160
    assert set(kinds) == set(QuestionKind.values)
    assert sum("major_hidden_danger" in one["subjects"] for one in shipped) >= 40
    assert len({one["code"] for one in shipped}) == len({one["stem"] for one in shipped}) == len(shipped)
    named = set(subject_names())
    assert {subject for one in shipped for subject in one["subjects"]} == named
    for one in shipped:
        for asked in (one, *one["parts"]):
            if asked["kind"] == "multiple":
                assert len(asked["answer"]) >= 2, one["code"]
            if asked["kind"] in ("single", "multiple"):
                assert len(set(asked["options"])) == len(asked["options"]) >= 4, one["code"]


def test_right_answers_do_not_stand_at_one_place_and_statements_are_not_all_true() -> None:
    shipped = list(shipped_questions())
    singles = Counter(one["answer"] for one in shipped if one["kind"] == "single")
    judged = Counter(one["answer"] for one in shipped if one["kind"] == "judge")
    assert max(singles.values()) < 0.5 * singles.total()
    assert min(judged["T"], judged["F"]) > 0.3 * judged.total()


def test_what_ships_is_loaded_once_and_what_a_person_changed_stays(bureau: Client) -> None:
    count = Question.objects.count()
    row = Question.objects.get(code="SW-001")
    page = bureau.get(f"{LIST}/{row.pk}/change")
    given = {name: value for name, value in page.context["form"].initial.items() if value}
    answer = bureau.post(f"{LIST}/{row.pk}/change", {**given, "stem": "改过的题干？"})
    assert answer.status_code == 303
    Question.objects.filter(code="SW-002").update(stem="旧版本的题干", changed_at=None)
    load_questions()
    assert Question.objects.count() == count
    assert Question.objects.get(pk=row.pk).stem == "改过的题干？"
    again = Question.objects.get(code="SW-002")
    assert again.stem != "旧版本的题干"
    assert again.version == again.versions.count() == 2


def test_another_wording_is_another_version_and_the_former_stays(bureau: Client) -> None:
    assert enter(bureau).status_code == 303
    row = Question.objects.get(code="T-1")
    assert (row.answer, row.state, row.options) == ("B", "draft", ["甲", "乙", "丙"])
    first = bureau.post(f"{LIST}/{row.pk}/change", {**SINGLE, "version": 1, "stem": "另一题干？"})
    late = bureau.post(f"{LIST}/{row.pk}/change", {**SINGLE, "version": 1, "stem": "第三题干？"})
    assert (first.status_code, late.status_code) == (303, 409)
    stems = QuestionVersion.objects.filter(question=row).order_by("number").values_list("stem", flat=True)
    assert list(stems) == ["某题干？", "另一题干？"]
    assert "另一题干？" in bureau.get(f"{LIST}/{row.pk}?tab=versions").content.decode()


@pytest.mark.parametrize(
    ("kind", "given", "sentence"),
    [
        ("single", {"answer": "AB"}, "只有一个正确答案"),
        ("multiple", {"answer": "A"}, "至少有两个"),
        ("single", {"answer": "D"}, "填选项的字母"),
        ("single", {"options": "甲\n甲"}, "不能重复"),
        ("single", {"options": "甲"}, "2 至"),
        ("judge", {"answer": "A"}, "选"),
        ("practice", {"answer": " "}, "请填写"),
        ("case", {"kind1": "single", "stem1": "问", "options1": "甲\n乙", "answer1": "C"}, "填选项的字母"),
        ("single", {"code": "题 1"}, "题号"),
    ],
)
def test_a_question_without_one_clear_answer_is_refused_at_its_field_and_kept_as_typed(
    bureau: Client, kind: str, given: dict[str, str], sentence: str
) -> None:
    answer = enter(bureau, kind, **given)
    assert answer.status_code == 422
    assert sentence in faults(answer)
    assert "某题干？" in answer.content.decode()
    assert not Question.objects.filter(code="T-1").exists()


def test_a_case_has_parts_and_a_statement_is_true_or_false(bureau: Client) -> None:
    first = {"kind1": "judge", "stem1": "对吗？", "answer1": "错"}
    parts = {**first, "kind2": "text", "stem2": "为何？", "answer2": "要点"}
    assert enter(bureau, "case", **parts).status_code == 303
    row = Question.objects.get(code="T-1")
    assert [(one["kind"], one["answer"]) for one in row.parts] == [("judge", "F"), ("text", "要点")]
    assert enter(bureau, "judge", code="T-2", answer="T").status_code == 303
    assert "对吗？" in bureau.get(f"{LIST}/{row.pk}").content.decode()
    assert bureau.get(f"{LIST}/{row.pk}/change").status_code == 200


def test_an_enterprise_keeps_its_own_bank_beside_the_districts(
    bureau: Client, own: Client, district: District
) -> None:
    assert enter(own, code="SW-001").status_code == 303
    assert enter(own, code="SW-001").status_code == 409
    mine = Question.objects.get(file__isnull=False)
    theirs = Question.objects.get(code="SW-001", file__isnull=True)
    other = client_of(district.other_enterprise)
    assert own.post(f"{LIST}/{mine.pk}", {"act": "use"}).status_code == 303
    assert own.post(f"{LIST}/{theirs.pk}", {"act": "retire"}).status_code == 403
    assert bureau.post(f"{LIST}/{mine.pk}", {"act": "retire"}).status_code == 403
    assert bureau.get(f"{LIST}/{mine.pk}").status_code == 200
    assert other.get(f"{LIST}/{mine.pk}").status_code == 404
    assert other.get(f"{LIST}/{theirs.pk}").status_code == 200
    assert bureau.post(f"{LIST}/{theirs.pk}", {"act": "retire"}).status_code == 303
    theirs.refresh_from_db()
    mine.refresh_from_db()
    assert (theirs.state, mine.state) == (QuestionState.RETIRED, QuestionState.IN_USE)


def test_questions_come_in_from_a_sheet_with_each_bad_cell_named(bureau: Client) -> None:
    heads = ("题号", "题型", "题干", "选项 A", "选项 B", "选项 C", "答案", "知识点", "难度")
    bad = book(
        heads,
        ("B-1", "单选题", "某题？", "甲", "乙", "丙", "AB", "法律法规和责任", 2),
        ("B-2", "多选题", "某题？", "甲", "乙", "丙", "A", "法律法规和责任", 2),
        ("B-3", "单选题", "某题？", "甲", "乙", "丙", "A", "没有的知识点", 9),
        ("B-4", "案例题", "某题？", "", "", "", "", "法律法规和责任", 2),
    )
    run = checked(bureau, "training.questions", bad)
    wrong = {("G2", "rule"), ("G3", "rule"), ("H4", "not_a_choice"), ("I4", "too_large"), ("B5", "rule")}
    assert set(reasons(run)) == wrong
    assert {"单选题只有一个正确答案。", "多选题至少有两个正确答案。"} <= {str(one["reason"]) for one in run.errors}
    good = book(heads, ("B-1", "单选题", "某题？", "甲", "乙", "丙", "C", "法律法规和责任、动火作业", 2))
    run = imported(bureau, "training.questions", good)
    row = Question.objects.get(code="B-1")
    assert (row.answer, row.subjects, row.state, row.version) == ("C", ["hot_work", "law"], "draft", 1)
    assert undo(bureau, run).status_code == 303
    row.refresh_from_db()
    assert row.state == QuestionState.RETIRED


def test_the_lists_export_comes_in_unchanged(bureau: Client) -> None:
    shown = "&".join(
        f"cols={name}"
        for name in ("code", "kind", "stem", *(f"option_{one}" for one in "abcdef"), "answer", "explanation",
                     "subjects", "posts", "industries", "difficulty", "basis", "mark")
    )  # fmt: skip
    run = checked(bureau, "training.questions", bureau.get(f"{LIST}?{shown}&export=xlsx").content)
    assert (run.errors, run.counts["unchanged"]) == ([], Question.objects.count())


def test_the_list_filters_by_subject_post_and_difficulty(bureau: Client, district: District) -> None:
    page = bureau.get(f"{LIST}?subject=dust&kind=judge")
    assert page.status_code == 200
    assert "铝镁等金属粉尘" in page.content.decode()
    assert "巡检间隔" not in page.content.decode()
    assert bureau.get(f"{LIST}?subject=nothing").status_code == 422
    assert bureau.get(f"{LIST}?post=welder&industry=depot&difficulty=2").status_code == 200
    assert client_of(district.town).get(LIST).status_code == 403
