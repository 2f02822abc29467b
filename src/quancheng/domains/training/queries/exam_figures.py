"""Figures of exams (考试分析): by enterprise and programme, by subject, and the answers that they are counted of."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Avg, Count, F, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform

from quancheng.domains.training.examining import LETTERS
from quancheng.domains.training.models import ExamSitting, Question, SittingItem
from quancheng.domains.training.queries.persons import VIEW
from quancheng.kernel.access.actor import Actor


@dataclass(frozen=True, slots=True)
class Results:
    """Marked sittings of an enterprise's people on a programme; ``average`` out of 100."""

    enterprise: str
    programme: str
    programme_code: str
    sat: int
    passed: int
    failed: int
    average: Decimal

    @property
    def rate(self) -> Decimal:
        """Who passed, per cent."""
        return (Decimal(self.passed) * 100 / self.sat).quantize(Decimal("0.1"))


@dataclass(frozen=True, slots=True)
class Known:
    """How well a subject is known: of so many answers this share of the marks, per cent."""

    code: str
    name: str
    asked: int
    rate: Decimal
    is_weak: bool


#: Below it a subject is weak. [D]
WEAK = Decimal(70)


def results_by_enterprise(*, actor: Actor, english: bool) -> Sequence[Results]:
    """What came of exams, by enterprise and programme, the lowest share of those who passed first. One query.

    :raises NotPermitted: the actor's duties do not ask him to look at people.
    """
    actor.require(VIEW)
    named = "exam__programme__name_en" if english else "exam__programme__name"
    rows = ExamSitting.objects.visible_to(actor).filter(marked_at__isnull=False, enterprise__isnull=False)
    grouped = rows.order_by().values("enterprise__name", named, "exam__programme__code").annotate(
        sat=Count("pk"), passed=Count("pk", filter=Q(is_passed=True, not_counted="")),
        failed=Count("pk", filter=Q(is_passed=False)),
        average=Avg("score"),
    )  # fmt: skip
    found = [
        Results(one["enterprise__name"], one[named], one["exam__programme__code"], one["sat"], one["passed"],
                one["failed"], Decimal(one["average"]).quantize(Decimal("0.1")))
        for one in grouped
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.rate, one.enterprise, one.programme_code))


def known_subjects(*, actor: Actor, names: Mapping[str, str]) -> Sequence[Known]:
    """How well each subject is known, the weakest first. Two queries."""
    rows = list_answers(actor=actor).order_by()
    by_question: dict[uuid.UUID, tuple[int, Decimal, Decimal]] = {
        one["question"]: (one["asked"], one["got"], one["most"])
        for one in rows.values("question").annotate(asked=Count("pk"), got=Sum("got"), most=Sum("marks"))
    }
    asked: dict[str, int] = defaultdict(int)
    got: dict[str, Decimal] = defaultdict(Decimal)
    most: dict[str, Decimal] = defaultdict(Decimal)
    tagged = Question.objects.filter(pk__in=list(by_question)).values_list("pk", "subjects")
    for key, subjects in tagged:
        for subject in subjects:
            asked[subject] += by_question[key][0]
            got[subject] += by_question[key][1]
            most[subject] += by_question[key][2]
    found = []
    for code, count in asked.items():
        rate = (got[code] * 100 / most[code]).quantize(Decimal("0.1"))
        found.append(Known(code, names.get(code, code), count, rate, rate < WEAK))
    return sorted(found, key=lambda one: (one.rate, one.code))


def list_answers(*, actor: Actor) -> QuerySet[SittingItem]:
    """Marked answers of sittings that the actor may see, the newest first. :raises NotPermitted: without the duty."""
    actor.require(VIEW)
    seen = ExamSitting.objects.visible_to(actor).filter(marked_at__isnull=False)
    rows = SittingItem.objects.filter(sitting__in=seen.values("pk"), got__isnull=False)
    rows = rows.select_related("question", "version", "sitting__person", "sitting__user", "sitting__exam",
                               "sitting__enterprise")  # fmt: skip
    return rows.annotate(told=KeyTextTransform("", "answer")).order_by("-sitting__marked_at", "sitting", "place")


@dataclass(frozen=True, slots=True)
class Chosen:
    """How often an option was chosen."""

    letter: str
    text: str
    count: int
    is_right: bool


def chosen_of(question: Question, *, actor: Actor) -> Sequence[Chosen]:
    """How often each option of a question, as it reads now, was chosen; nothing for questions without options."""
    options = list(zip(LETTERS, question.options, strict=False))
    if question.kind == "judge":
        options = [("T", "T"), ("F", "F")]
    if not options:
        return ()
    now = list_answers(actor=actor).filter(question=question, version__number=question.version).order_by()
    told = [str(one.get("", "")) for one in now.values_list("answer", flat=True)]
    return [
        Chosen(letter, text, sum(letter in one for one in told), letter in question.answer)
        for letter, text in options
    ]


WRONG = Q(got__lt=F("marks"))
