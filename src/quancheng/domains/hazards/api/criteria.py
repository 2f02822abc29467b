"""Criteria for major hidden dangers, and suggestions for a description."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.hazards.duties import READ
from quancheng.domains.hazards.queries import criteria as queries
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, one_of, page_of
from quancheng.kernel.law.models import Clause
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.enterprise_classes import enterprise_classes
from quancheng.standards.hidden_dangers import criteria as module

router = Router(tags=["hazards"])
_DAY = "the day whose wording counts; today where nothing is sent"


class CriterionOut(Schema):
    """A criterion as it reads on a day. Marks: V verified, P in part, G general knowledge, D default.

    ``kind``: direct; element, which counts only with others; priority, an issue by which nothing is judged. Where
    ``is_in_force`` is false, the wording in force is not entered and an older one stands in: check it.
    """

    code: str
    text_code: str
    edition: str
    is_in_force: bool
    kind: str
    trade: str
    tags: list[str]
    text: str
    text_en: str
    evidence: str
    basis: str
    methods: list[str]
    authority: str
    rules: list[str]
    mark: str
    more_mark: str


class CriteriaIn(Paging):
    text: str = Field("", max_length=80, description="in the code, the wording or the basis")
    family: str = one_of(module.families())
    trade: str = one_of(module.trades())
    tag: str = one_of(module.tags())
    place_kind: str = one_of(enterprise_classes())
    on: date | None = Field(None, description=_DAY)


class CandidatesIn(Strict):
    text: str = Field(min_length=1, max_length=2000)
    trade: str = one_of(module.trades())
    place_kind: str = one_of(enterprise_classes())
    limit: int = Field(8, ge=1, le=20)
    on: date | None = Field(None, description=_DAY)


class ThroughOut(Schema):
    word: str
    meant: str


class CandidateOut(Schema):
    """A suggestion: which words led to it. ``score`` orders one answer only; whether it is met a person decides."""

    code: str
    text_code: str
    kind: str
    text: str
    text_en: str
    score: float
    matched: list[str]
    through: list[ThroughOut]
    caveat: str


def _plain(clause: Clause, on: date) -> dict[str, Any]:
    one, edition = queries.criterion_of(clause), clause.edition
    return {
        "code": clause.place, "text_code": edition.text_id, "edition": edition.number,
        "is_in_force": edition.stands_on(on), "kind": one.kind, "trade": one.trade, "tags": list(one.tags),
        "text": clause.summary, "text_en": clause.summary_en, "evidence": one.evidence.zh, "basis": clause.basis,
        "methods": list(one.methods), "authority": one.authority.zh, "rules": list(one.rules), "mark": clause.mark,
        "more_mark": one.more_mark,
    }  # fmt: skip


def _narrowed(asked: CriteriaIn, on: date) -> QuerySet[Clause]:
    rows = queries.list_criteria(on=on)
    if asked.family:
        rows = rows.filter(edition__text=module.families()[asked.family].text_code)
    if asked.text:
        rows = rows.filter(queries.saying(asked.text))
    if asked.trade:
        rows = rows.filter(queries.of_trade(asked.trade))
    if asked.tag:
        rows = rows.filter(queries.tagged(asked.tag))
    if asked.place_kind:
        rows = rows.filter(queries.about(asked.place_kind))
    return rows


@router.get(
    "/criteria",
    response={200: Page[CriterionOut], **REFUSALS},
    operation_id="list_criteria",
    summary="Criteria for major hidden dangers as they read on a day",
)
def list_criteria(request: HttpRequest, asked: Query[CriteriaIn]) -> dict[str, Any]:
    actor_of(request).require(READ)
    on = asked.on or timezone.localdate()
    page = page_of(_narrowed(asked, on), asked)
    return page | {"items": [_plain(one, on) for one in page["items"]]}


@router.get(
    "/criteria/candidates",
    response={200: list[CandidateOut], **REFUSALS},
    operation_id="suggest_criteria",
    summary="Criteria that a description may fall under, with reasons and without a verdict",
)
def suggest_criteria(request: HttpRequest, asked: Query[CandidatesIn]) -> list[dict[str, Any]]:
    actor_of(request).require(READ)
    found = queries.suggest(
        asked.text, on=asked.on or timezone.localdate(), trade=asked.trade or None,
        place_kind=asked.place_kind or None, limit=asked.limit,
    )  # fmt: skip
    return [
        {
            "code": one.criterion.code, "text_code": queries.text_code_of(one.criterion), "kind": one.criterion.kind,
            "text": one.criterion.text.zh, "text_en": one.criterion.text.en, "score": one.score,
            "matched": list(one.matched), "through": [{"word": word, "meant": meant} for word, meant in one.through],
            "caveat": one.caveat.zh if one.caveat else "",
        }
        for one in found
    ]  # fmt: skip


class DayIn(Strict):
    on: date | None = Field(None, description=_DAY)


@router.get(
    "/criteria/{code}",
    response={200: CriterionOut, **REFUSALS},
    operation_id="get_criterion",
    summary="One criterion as it reads on a day",
)
def get_criterion(request: HttpRequest, code: str, asked: Query[DayIn]) -> dict[str, Any]:
    actor_of(request).require(READ)
    on = asked.on or timezone.localdate()
    return _plain(queries.get_criterion(code, on=on), on)
