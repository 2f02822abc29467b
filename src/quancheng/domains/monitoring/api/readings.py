"""What tags told (监测数据) for programs: readings, or steps of a roll-up, page by page."""

from __future__ import annotations

import math
import re
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from quancheng.domains.monitoring.queries import readings as queries
from quancheng.domains.monitoring.queries.tags import list_tags
from quancheng.kernel.errors import DomainError, Invalid, NotFound
from quancheng.kernel.exchange.rest import REFUSALS, Problem, Strict, one_of
from quancheng.kernel.people.actors import actor_of
from quancheng.stream.store.times import moment

router = Router(tags=["monitoring"])

#: Tags of one question, rows of one answer, points of a tag for which ``auto`` looks for a step.
MOST_TAGS, MOST_ROWS, POINTS = 100, 10_000, 1_500
_LONGEST = timedelta(days=10 * 366)
STEPS = {"raw": 0, "1m": 60, "15m": 900, "1h": 3_600, "1d": 86_400}
_AFTER = re.compile(r"(\d{1,9})\.(\d{1,15})")


class NotThere(DomainError):
    """The store of readings does not answer."""

    status = 503
    code = "store_away"


class ReadingOut(Schema):
    """What a tag told at a moment, or in the step that begins there. Of a reading ``value`` and ``quality`` are told
    (64 and more counts), of a step the rest; a step without a usable reading has no values.
    """

    tag_id: uuid.UUID
    at: datetime
    value: float | None = None
    quality: int | None = None
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    last: float | None = None
    good: int | None = None
    bad: int | None = None


class ReadingsOut(Schema):
    """Rows by tag and time; ``next`` is what ``after`` takes for the following page, null on the last one."""

    resolution: str
    items: list[ReadingOut]
    next: str | None = None


class ReadingsIn(Strict):
    tags: str = Field(pattern=r"^[A-Za-z0-9_.,-]*$", description="codes of tags, with commas between them, 1 to 100")
    begin: datetime = Field(alias="from", description="first moment; with its zone")
    end: datetime = Field(alias="to", description="moment before which it ends; at most ten years later")
    resolution: str = one_of(
        (*STEPS, "auto"), default="auto", description="auto: the finest by which no tag tells over 1500 rows"
    )
    limit: int = Field(1_000, ge=1, le=MOST_ROWS, description="1 to 10 000 rows")
    after: str = Field("", description="of the page before: its `next`; ask then for the resolution that it told")


@router.get("/readings", response={200: ReadingsOut, 503: Problem, **REFUSALS}, operation_id="list_readings")
def list_readings(request: HttpRequest, asked: Query[ReadingsIn]) -> dict[str, Any]:
    """Readings of tags, or steps of a roll-up, from a moment to before another."""
    codes = [code for code in dict.fromkeys(asked.tags.split(",")) if code]
    if not 1 <= len(codes) <= MOST_TAGS:
        raise Invalid(fields={"tags": _("须为1至%(most)s个点位编码。") % {"most": MOST_TAGS}})
    for name, at in (("from", asked.begin), ("to", asked.end)):
        if at.tzinfo is None:
            raise Invalid(fields={name: _("时间须带时区。")})
    if not timedelta(0) < asked.end - asked.begin <= _LONGEST:
        raise Invalid(fields={"to": _("结束须晚于开始，且相距不超过10年。")})
    after = _AFTER.fullmatch(asked.after) if asked.after else None
    if asked.after and (after is None or asked.resolution == "auto"):
        raise Invalid(fields={"after": _("翻页标记有误；翻页时请写明上一页的分辨率。")})
    tags = list(list_tags(actor=actor_of(request)).filter(code__in=codes))
    if len(tags) < len(codes):
        # As absent as what lies out of scope: the answer must not tell which.
        raise Invalid(fields={"tags": NotFound().message})
    try:
        step_s, rows = queries.page_of(
            tags, begin=asked.begin, end=asked.end, step_s=STEPS.get(asked.resolution), most=asked.limit + 1,
            after=None if after is None else (int(after[1]), int(after[2])), points=POINTS,
        )  # fmt: skip
    except queries.StoreAway as away:
        raise NotThere(_("监测数据暂时读不到，请稍后再试；数据不会丢失。")) from away
    keys = {tag.number: tag.pk for tag in tags}
    shown = rows[: asked.limit]
    more = f"{shown[-1]['tag']}.{shown[-1]['at']}" if len(rows) > len(shown) else None
    told = _step if step_s else _reading
    resolution = next(name for name, size in STEPS.items() if size == step_s)
    return {"resolution": resolution, "items": [told(keys[int(one["tag"])], one) for one in shown], "next": more}


def _reading(tag: uuid.UUID, one: Any) -> dict[str, Any]:
    value = float(one["value"])
    told = value if math.isfinite(value) else None
    return {"tag_id": tag, "at": moment(int(one["at"])), "value": told, "quality": int(one["quality"])}


def _step(tag: uuid.UUID, one: Any) -> dict[str, Any]:
    values = {name: float(one[name]) for name in ("low", "high", "mean", "last")} if one["good"] else {}
    return {
        "tag_id": tag, "at": moment(int(one["at"])), "good": int(one["good"]), "bad": int(one["bad"]), **values
    }  # fmt: skip
