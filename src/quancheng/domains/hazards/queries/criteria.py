"""Reads of criteria for major hidden dangers: those of a day, as the law register has them, with what explains them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from quancheng.kernel.errors import NotFound
from quancheng.kernel.law import queries as law
from quancheng.kernel.law.models import Clause, Edition, Kind, LegalText
from quancheng.kernel.pages.filters import anywhere
from quancheng.standards.hidden_dangers import criteria as module
from quancheng.standards.hidden_dangers.criteria import Criterion, Family, Standing
from quancheng.standards.hidden_dangers.matching import Candidate, candidates
from quancheng.standards.wording import Text


@cache
def _by_text() -> dict[str, Family]:
    return {one.text_code: one for one in module.families().values()}


def family_of(text_code: str) -> Family | None:
    """The family that ships under a code of the register; None for criteria that a district entered as its own."""
    return _by_text().get(text_code)


def text_code_of(one: Criterion) -> str:
    """The code in the register of the set that a criterion belongs to."""
    known = module.families().get(one.family)
    return known.text_code if known else one.family


def worded(*, on: date) -> list[Edition]:
    """Of each set of criteria the edition whose wording serves on a day; the list of priority issues too."""
    return law.worded_on(on=on, kinds=[Kind.CRITERIA], codes=_by_text())


def list_criteria(*, on: date) -> QuerySet[Clause]:
    """The criteria of a day, by set and place in it."""
    return law.list_clauses_of(worded(on=on))


def get_criterion(code: str, *, on: date) -> Clause:
    """A criterion as it reads on a day. :raises NotFound: there is none of this code."""
    found = list_criteria(on=on).filter(place=code).first()
    if found is None:
        raise NotFound
    return found


def of_trade(trade: str) -> Q:
    """The criteria that hold for a trade: its own, and those for every trade enterprise."""
    those = [one.code for one in module.criteria().values() if one.family == "GM" and one.trade in ("", trade)]
    return Q(edition__text=module.families()["GM"].text_code, place__in=those)


def tagged(tag: str) -> Q:
    """The criteria under a campaign tag."""
    return Q(place__in=[one.code for one in module.criteria().values() if tag in one.tags])


def about(enterprise_class: str) -> Q:
    """The criteria of the sets that are about a class of enterprises, a district's own included.

    :raises ValueError: an unknown class.
    """
    known = {one.text_code for one in module.applicable(enterprise_class)}
    return ~Q(edition__text__in=[code for code in _by_text() if code not in known])


def saying(words: str) -> Q:
    """The criteria whose code, wording or basis has these words as they are written."""
    found = Q()
    for name in ("place", "summary", "summary_en", "basis"):
        found |= Q(**{f"{name}__{anywhere(words)}": words})
    return found


def hinted() -> Q:
    """The criteria at which data of the house may hint by itself."""
    return Q(place__in=[one.code for one in module.criteria().values() if one.rules])


# What explains a criterion ---------------------------------------------------------------------------------------


def in_language(text: Text) -> str:
    """A sentence of the standards in the reader's language."""
    return text.in_language(get_language() or "zh")


def name_in_language(text: LegalText) -> str:
    """A text's name in the reader's language; Chinese where its English is not entered."""
    return in_language(Text(text.name, text.name_en or text.name))


def worded_in_language(clause: Clause) -> str:
    """A clause's wording in the reader's language; Chinese where its English is not entered."""
    return in_language(Text(clause.summary, clause.summary_en or clause.summary))


def criterion_of(clause: Clause) -> Criterion:
    """A clause with evidence, methods and words that ship for its code; those are empty where none do.

    Wording, basis, kind and mark are the register's. The shipped explanation serves a newer edition too, as long as
    its codes stay.
    """
    edition: Edition = clause.edition
    family = family_of(edition.text_id)
    known = module.criteria().get(clause.place)
    if known is None or family is None or known.family != family.code:
        nothing = Text("", "")
        known = Criterion(
            code=clause.place, family=family.code if family else edition.text_id, edition=edition.number, article="",
            item="", kind="direct", trade="", tags=(), text=nothing, evidence=nothing, basis="", methods=(), words=(),
            rules=(), mark=clause.mark, more_mark="",
        )  # fmt: skip
    return replace(
        known,
        edition=edition.number,
        kind=clause.grade if clause.grade in module.kinds() else known.kind,
        text=Text(clause.summary, clause.summary_en or clause.summary),
        basis=clause.basis,
        mark=clause.mark,
    )


@dataclass(frozen=True, slots=True)
class History:
    """A criterion in one edition of its set, and how it reads there; no clause where it is not entered."""

    edition: Edition
    clause: Clause | None


def history_of(clause: Clause) -> list[History]:
    """A criterion through the editions of its set, the newest first. Two queries."""
    editions = list(Edition.objects.filter(text=clause.edition.text_id).order_by("-effective_from", "-pk"))
    found = {one.edition_id: one for one in law.list_clauses_of(editions).filter(place=clause.place)}
    return [History(one, found.get(one.pk)) for one in editions]


def caveat_of(edition: Edition, *, on: date) -> Text | None:
    """What must be said of wording that is not that of the edition in force."""
    if edition.stands_on(on):
        return None
    return Text(
        f"现行版本的条文尚未录入，此处为{edition.number}的条文，须核对",
        f"The wording in force is not entered; this is {edition.number}, to be checked",
    )


# Suggestions -----------------------------------------------------------------------------------------------------


def suggest(
    text: str, *, on: date, trade: str | None = None, place_kind: str | None = None, limit: int = 8
) -> Sequence[Candidate]:
    """Criteria of a day that a description may fall under, in the wording that the register has for that day.

    Suggestions with their reasons; which criterion is met a person decides. Two queries.

    :raises ValueError: an unknown trade or class of enterprises.
    """
    editions = worded(on=on)
    caveats = {one.pk: caveat_of(one, on=on) for one in editions}
    standing = [Standing(criterion_of(clause), caveats[clause.edition_id]) for clause in law.list_clauses_of(editions)]
    return candidates(text, on=on, trade=trade, place_kind=place_kind, limit=limit, standing=standing)
