"""Which text counts on which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Q, QuerySet, Value

from quancheng.kernel.errors import NotFound
from quancheng.kernel.law.models import Clause, Edition, LegalText


def list_texts(*, text: str = "", kind: str = "") -> QuerySet[LegalText]:
    """Texts by code, name or number, with their editions."""
    found = LegalText.objects.prefetch_related("editions").order_by("kind", "code")
    if kind:
        found = found.filter(kind=kind)
    if text := text.strip():
        by_number = Edition.objects.filter(number__icontains=text).values("text")
        found = found.filter(
            Q(code__iexact=text) | Q(name__icontains=text) | Q(name_en__icontains=text) | Q(pk__in=by_number)
        )
    return found


def list_register() -> QuerySet[LegalText]:
    """Every text with ``numbers``, those of all its editions, to be searched without doubling rows."""
    return list_texts().annotate(numbers=StringAgg("editions__number", delimiter=" ", default=Value("")))


def get_text(code: str) -> LegalText:
    """A text with its editions. :raises NotFound: there is none."""
    found = list_texts().filter(pk=code).first()
    if found is None:
        raise NotFound
    return found


def in_force(code: str, *, on: date) -> Edition | None:
    """The edition that was in force on a day; None where we know of none. Never one whose first day is unknown."""
    found = Edition.objects.filter(text_id=code, effective_from__lte=on).filter(
        Q(effective_to__isnull=True) | Q(effective_to__gte=on)
    )
    return found.select_related("text").order_by("-effective_from", "-pk").first()


@dataclass(frozen=True)
class ApplicableLaw:
    """Which editions a decision has to look at.

    :ivar on_act: in force on the day of the act (of a continuing act: on its last day): this one counts, unless
    :ivar on_decision: the one in force at the decision is another and milder, or no longer calls the act an offence.
    :ivar must_compare: they differ: a person decides which is milder, and says why.
    """

    on_act: Edition | None
    on_decision: Edition | None

    @property
    def must_compare(self) -> bool:
        return (self.on_act and self.on_act.pk) != (self.on_decision and self.on_decision.pk)


def applicable_law(code: str, *, act_ended_on: date, decided_on: date) -> ApplicableLaw:
    """The older edition, and the newer where the law changed since (从旧兼从轻).

    Source: Administrative Penalty Law, art. 37. Which of two is milder is not decided here.

    :raises ValueError: decided before the act ended.
    """
    if decided_on < act_ended_on:
        raise ValueError("an act is decided on after it ended")
    return ApplicableLaw(in_force(code, on=act_ended_on), in_force(code, on=decided_on))


def clause_of(code: str, place: str, *, on: date) -> Clause | None:
    """A clause as it stood on a day."""
    edition = in_force(code, on=on)
    if edition is None:
        return None
    return Clause.objects.filter(edition=edition, place=place).select_related("edition__text").first()


def list_clauses(edition: Edition) -> QuerySet[Clause]:
    """Articles, criteria or lines of an edition, in order."""
    return Clause.objects.filter(edition=edition).order_by("position", "place")
