"""Exams as tests need them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from tests.domains.training.factories import make_person
from tests.factories import District

from quancheng.domains.training.models import (
    Exam,
    ExamSitting,
    PaperRule,
    Person,
    Programme,
    SittingItem,
)
from quancheng.domains.training.queries.papers import usable_rules
from quancheng.domains.training.services.exams import arrange_exam, code_of
from quancheng.domains.training.services.papers import add_rule
from quancheng.kernel.access.actor import Actor

#: 20 single of 3, 10 statements of 2, 10 several of 2: 100.
RULE: dict[str, Any] = {
    "name": "某规则", "minutes": 60, "counts": {"single": 20, "judge": 10, "multiple": 10},
    "marks": {"single": 3, "judge": 2, "multiple": 2}, "least": {}, "major_share": 10, "role": "", "is_partial": True,
}  # fmt: skip


def programme(code: str = "entry-hazchem") -> Programme:
    return Programme.objects.get(code=code)


def make_rule(actor: Actor, **known: Any) -> PaperRule:
    return add_rule(actor=actor, known={**RULE, **known}, now=timezone.now())


def make_exam(
    actor: Actor, persons: list[Person], *, now: datetime | None = None, code: str = "entry-hazchem", **known: Any
) -> Exam:
    """An exam that is open from now for two hours."""
    at = now or timezone.now()
    rule = known.pop("rule", None) or usable_rules(actor=actor).filter(owner_org=actor.organisation_id).first()
    given: dict[str, Any] = {
        "name": "某考试", "rule": rule or make_rule(actor), "programme": programme(code), "opens_at": at,
        "closes_at": at + timedelta(hours=2), "persons": persons, "now": at, **known,
    }  # fmt: skip
    return arrange_exam(actor=actor, **given)


def people(district: District, count: int = 3) -> list[Person]:
    return [make_person(district, order=one, staff_no=f"A{one}") for one in range(1, count + 1)]


def enter(exam: Exam, row: ExamSitting, client: Client | None = None) -> Client:
    """A worker's browser that was let in."""
    browser = client or Client()
    badge = row.person.staff_no if row.person else ""
    answer = browser.post(f"/x/{exam.door}", {"badge": badge, "code": code_of(row)})
    assert answer.status_code == 302, answer.content.decode()
    return browser


def begin(exam: Exam, row: ExamSitting) -> Client:
    browser = enter(exam, row)
    answer = browser.post(f"/x/{exam.door}/-/start")
    assert answer.status_code == 302, answer.content.decode()
    return browser


def right(row: ExamSitting, *, share: float = 1.0) -> dict[str, Any]:
    """Answers as the browser sends them: of the first questions right, of the others wrong."""
    found: dict[str, Any] = {}
    items = list(SittingItem.objects.filter(sitting=row).select_related("version").order_by("place"))
    for item in items:
        asked = item.version
        is_right = item.place <= len(items) * share
        for part, kind, answer, options in (
            [("", asked.kind, asked.answer, asked.options)] if asked.kind != "case" else
            [(str(n), p["kind"], p["answer"], p["options"]) for n, p in enumerate(asked.parts, start=1)]
        ):  # fmt: skip
            if kind == "judge":
                told: Any = answer if is_right else ("F" if answer == "T" else "T")
            elif options:
                letters = answer if is_right else next(one for one in "ABCD" if one not in answer or len(answer) > 1)
                order = list(item.order) or list(range(len(options)))
                told = ["ABCDEFGH"[order.index("ABCDEFGH".index(one))] for one in letters]
            else:
                told = answer if is_right else ""
            found[f"a-{item.place}-{part}"] = told
    return found


def sit(exam: Exam, row: ExamSitting, *, share: float = 1.0) -> ExamSitting:
    """Begin, answer, hand in by the pages."""
    browser = begin(exam, row)
    answer = browser.post(f"/x/{exam.door}/-/paper", {"act": "hand_in", "all": "1", **right(row, share=share)})
    assert answer.status_code == 302, answer.content.decode()
    return ExamSitting.objects.select_related("exam", "person", "exam__programme").get(pk=row.pk)
