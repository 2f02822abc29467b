"""Which text counts on which day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable

from quancheng.kernel.errors import NotFound
from quancheng.kernel.law.models import Clause, Edition, Kind, LegalText

#: Editions that everybody may read: a department's draft is its own until it is published.
PUBLISHED = Q(text__owner__isnull=True) | Q(effective_from__isnull=False)


def published() -> Combinable:
    """Texts that everybody may read: all but a department's checklist of which no edition was ever published."""
    return Q(owner__isnull=True) | Exists(Edition.objects.filter(text=OuterRef("pk"), effective_from__isnull=False))


def not_withdrawn() -> Combinable:
    """The same without departments' checklists that were withdrawn."""
    lasting = Edition.objects.filter(text=OuterRef("pk"), effective_from__isnull=False, effective_to__isnull=True)
    return Q(owner__isnull=True) | Exists(lasting)


def list_texts(*, text: str = "", kind: str = "") -> QuerySet[LegalText]:
    """Texts by code, name or number, with their editions."""
    editions = Prefetch("editions", Edition.objects.filter(PUBLISHED).order_by("pk"))
    found = LegalText.objects.filter(published()).prefetch_related(editions).order_by("kind", "code")
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
    found = Edition.objects.filter(_stands_on(on), text_id=code)
    return found.select_related("text").order_by("-effective_from", "-pk").first()


def _stands_on(day: date) -> Q:
    """What :meth:`Edition.stands_on` says, for the database."""
    return Q(effective_from__lte=day) & (Q(effective_to__isnull=True) | Q(effective_to__gte=day))


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


def list_in_force(*, on: date, kind: str) -> QuerySet[LegalText]:
    """Texts of a kind by code, each with the edition in force on a day.

    That is told by ``edition_number``, ``edition_from`` and ``clause_count``; empty, and nought, where none was.
    """
    standing = Edition.objects.filter(_stands_on(on), text=OuterRef("pk")).order_by("-effective_from", "-pk")
    return (
        LegalText.objects.filter(published(), kind=kind)
        .annotate(
            edition_number=Subquery(standing.values("number")[:1]),
            edition_from=Subquery(standing.values("effective_from")[:1]),
            edition_id=Subquery(standing.values("pk")[:1]),
        )
        .annotate(clause_count=Count("editions__clauses", filter=Q(editions__pk=F("edition_id"))))
        .order_by("code")
    )


def worded_on(*, on: date, kinds: Iterable[str] = (), codes: Iterable[str] = ()) -> list[Edition]:
    """Of each text of these kinds or codes the edition whose clauses serve on a day, in the order of their codes.

    That is the edition in force; where its clauses are not entered yet, the newest before it that has some
    (``stands_on`` then says no). A text of which no edition was in force, or none has clauses, is left out. One query.
    """
    has_clauses = Exists(Clause.objects.filter(edition=OuterRef("pk")))
    begun = Edition.objects.filter(
        Q(text__kind__in=list(kinds)) | Q(text__in=list(codes)), effective_from__lte=on
    ).annotate(is_worded=has_clauses)
    found: dict[str, Edition] = {}
    standing: set[str] = set()
    for edition in begun.select_related("text").order_by("text", "effective_from", "pk"):
        if edition.is_worded:
            found[edition.text_id] = edition
        if edition.stands_on(on):
            standing.add(edition.text_id)
    return [edition for code, edition in found.items() if code in standing]


def list_clauses_of(editions: Iterable[Edition]) -> QuerySet[Clause]:
    """The clauses of several editions, by text and place in it, each with its edition and text."""
    return (
        Clause.objects.filter(edition__in=[one.pk for one in editions])
        .select_related("edition__text")
        .order_by("edition__text", "position", "place")
    )


def list_referring(place: str, *, on: date) -> QuerySet[Clause]:
    """Lines of the checklists of a day whose failure may fall under a criterion."""
    return list_clauses_of(worded_on(on=on, kinds=[Kind.CHECKLIST])).filter(refers__contains=[place])
