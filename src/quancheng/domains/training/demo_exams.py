"""Exams of the demo district: two rules, an exam with results, one that is open now, a spot exam with failures."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import Exam, ExamSitting, PaperRule, Person, Programme, SittingItem
from quancheng.domains.training.queries.persons import list_persons
from quancheng.domains.training.services.exam_figures import count_questions
from quancheng.domains.training.services.exams import arrange_exam, draw_spot
from quancheng.domains.training.services.papers import add_rule
from quancheng.domains.training.services.sitting import begin, hand_in, save_answers, to_shown
from quancheng.kernel.access.actor import Actor

_KEY = "demo"


#: Whose people sit the spot exam; who fails it is off his post, so not those of the demo's permits.
_SPOT_AT = 3


def load_exams(desk: Desk, files: Mapping[int, Enterprise]) -> PaperRule:
    """After people were entered: what was sat is answered as people answer, some well and some badly.

    :param files: by the number of the demo's enterprise. :returns: the rule for heads and managers.
    """
    # Not the district's own, of which other rooms draw; nothing here is secret.
    chance = random.Random("exams")  # noqa: S311
    bureau = desk.actor("emb")
    common = add_rule(actor=bureau, now=desk.ago(40), known={
        "name": "岗位安全通用卷", "minutes": 90, "counts": {"single": 40, "multiple": 15, "judge": 30},
        "marks": {"single": 1, "multiple": 2, "judge": 1}, "least": {"hot_work": 4, "confined_space": 3},
        "major_share": 15, "role": "", "is_partial": True,
    })  # fmt: skip
    managers = add_rule(actor=bureau, now=desk.ago(40), known={
        "name": "管理人员卷（含案例）", "minutes": 120,
        "counts": {"single": 40, "multiple": 10, "judge": 20, "case": 2}, "role": "", "is_partial": True,
        "marks": {"single": 1, "multiple": 2, "judge": 1, "case": 10}, "least": {"law": 5}, "major_share": 20,
    })  # fmt: skip
    for number, file in files.items():
        own = desk.actor(f"enterprise{number}")
        persons = list(list_persons(actor=own).at_work().filter(file=file).select_related("file"))
        _held(desk, own, common, persons, chance, number)
        if number == 1:
            _open(desk, own, common, persons[:4])
    if _SPOT_AT in files:
        _spot(desk, bureau, files[_SPOT_AT], chance)
    count_questions(now=desk.ago(0))
    return managers


def _held(
    desk: Desk, own: Actor, rule: PaperRule, persons: list[Person], chance: random.Random, number: int
) -> None:
    at = desk.ago(20 - number)
    exam = arrange_exam(
        actor=own, name="三季度全员安全考试", rule=rule, programme=Programme.objects.get(code="entry-hazchem"),
        opens_at=at, closes_at=at + timedelta(hours=4), persons=persons[:9], now=at - timedelta(hours=1),
    )  # fmt: skip
    # The last one did not come.
    for sitting in list(ExamSitting.objects.filter(exam=exam).order_by("created_at", "pk"))[:-1]:
        _sit(sitting, chance, chance.uniform(0.62, 0.98), at + timedelta(minutes=5))


def _open(desk: Desk, own: Actor, rule: PaperRule, persons: list[Person]) -> None:
    at = desk.ago(0)
    arrange_exam(
        actor=own, name="四季度全员安全考试", rule=rule, programme=Programme.objects.get(code="entry-hazchem"),
        opens_at=at, closes_at=at + timedelta(days=10), persons=persons, now=at,
    )  # fmt: skip


def _spot(desk: Desk, bureau: Actor, file: Enterprise, chance: random.Random) -> None:
    at = desk.ago(3)
    exam: Exam = draw_spot(
        actor=bureau, file=file, count=4, programme=Programme.objects.get(code="retraining"),
        occasion="重大危险源专项检查", now=at,
    )  # fmt: skip
    rows = list(ExamSitting.objects.filter(exam=exam).order_by("created_at", "pk"))
    for sitting, skill in zip(rows, (1.0, 1.0, 0.95, 0.3), strict=False):
        _sit(sitting, chance, skill, at + timedelta(minutes=3))


def _sit(sitting: ExamSitting, chance: random.Random, skill: float, at: datetime) -> None:
    """Begin, answer with this share of right answers, and hand in after some minutes."""
    row = begin(sitting=sitting, key=_KEY, now=at, device="demo")
    answers = {}
    for item in SittingItem.objects.filter(sitting=row).select_related("version").order_by("place"):
        asked, knows = item.version, chance.random() < skill
        if asked.kind == "judge":
            told = asked.answer if knows else {"T": "F", "F": "T"}[asked.answer]
        else:
            letters = asked.answer if knows else chance.choice("ABCD"[: len(asked.options)])
            told = to_shown(tuple(item.order), letters)
        answers[item.place] = {"": told}
    save_answers(sitting=row, key=_KEY, answers=answers, now=at + timedelta(minutes=1))
    hand_in(sitting=row, key=_KEY, answers={}, now=at + timedelta(minutes=8))
