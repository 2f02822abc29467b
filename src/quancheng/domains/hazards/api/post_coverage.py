"""Post coverage for programs: enterprises in numbers, and the posts and persons behind them."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from quancheng.domains.hazards.queries import post_coverage as queries
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, one_of, page_of
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.models import LINKS

router = Router(tags=["hazards"])
_PERIOD_CODE = r"^([0-9]{4}(-(Q[1-4]|0[1-9]|1[0-2]))?)?$"
_PERIOD = "a month, quarter or year that has begun: 2026-09, 2026-Q3, 2026; the running month where nothing is sent"


class PostCoverageOut(Schema):
    """Posts of an enterprise, those with a task and with a record in time, its holders of posts and who recorded."""

    enterprise_id: uuid.UUID = Field(alias="pk")
    enterprise: str
    links: list[str]
    period: str = Field(alias="period_code")
    posts: int = Field(alias="posts_all")
    posts_with_task: int = Field(alias="tasked")
    posts_recorded: int = Field(alias="recorded")
    persons: int
    persons_recorded: int = Field(alias="active")
    task_percent: float | None = Field(alias="task_share")
    record_percent: float | None = Field(alias="record_share")
    person_percent: float | None = Field(alias="person_share")

    @staticmethod
    def resolve_enterprise(row: Any) -> str:
        return str(row.enterprise.name)


class CoveredPostOut(Schema):
    id: uuid.UUID
    name: str
    layer: str
    department: str
    holders: list[str]
    has_task: bool
    has_record: bool


class CoveredPersonOut(Schema):
    name: str
    posts: list[str]
    has_record: bool


class CoverageRowsOut(Schema):
    """The posts and persons that the numbers of an enterprise count."""

    period: str
    first: date
    last: date
    posts: list[CoveredPostOut]
    people: list[CoveredPersonOut]


class CoverageIn(Paging):
    period: str = Field("", pattern=_PERIOD_CODE, description=_PERIOD)
    link: str = one_of([code for code, _label in LINKS])
    town: str = Field("", max_length=120, pattern=r"^[0-9a-z/]*$", description="path of the area")


class PeriodIn(Strict):
    period: str = Field("", pattern=_PERIOD_CODE, description=_PERIOD)


def _period(code: str) -> queries.Period:
    try:
        return queries.period_of(code, today=Calendar().local_date(timezone.now()))
    except ValueError:
        said = _("周期应为年、季度或月份，例如 2026、2026-Q3、2026-09，且已经开始。")
        raise Invalid(fields={"query.period": said}) from None


@router.get("/post-coverage", response={200: Page[PostCoverageOut], **REFUSALS}, operation_id="list_post_coverage",
            summary="Enterprises with how many posts and persons screen in a period")  # fmt: skip
def list_post_coverage(request: HttpRequest, given: Query[CoverageIn]) -> dict[str, Any]:
    rows = queries.with_counts(queries.list_files(actor=actor_of(request)), _period(given.period))
    if given.link:
        rows = rows.filter(links__contains=[given.link])
    if given.town:
        rows = rows.filter(area__path__startswith=given.town)
    return page_of(rows, given)


@router.get("/enterprises/{uuid:pk}/post-coverage", response={200: CoverageRowsOut, **REFUSALS},
            operation_id="get_post_coverage", summary="Posts and persons of an enterprise, covered or not")  # fmt: skip
def get_post_coverage(request: HttpRequest, pk: uuid.UUID, given: Query[PeriodIn]) -> dict[str, Any]:
    actor, period = actor_of(request), _period(given.period)
    file = get_enterprise(actor=actor, file_id=pk)
    posts: Any = queries.posts_with_counts(queries.list_posts(actor=actor).filter(file=file.pk), period)
    people: Any = queries.people_with_counts(queries.list_people(actor=actor).filter(post__file=file.pk), period)
    return {
        "period": period.code, "first": period.first, "last": period.last, "posts": list(posts),
        "people": [
            {"name": one.user.name, "posts": one.post_names, "has_record": one.has_record} for one in people
        ],
    }  # fmt: skip
