"""The wall chart as a file: drawn whole, at once or in the background; that it left the house stands in the journal."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from quancheng.domains.duty import wall_sheet, wall_word
from quancheng.domains.duty.queries import wall as queries
from quancheng.domains.duty.queries.plans import list_plans
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.exchange.sheets import write_merged_xlsx
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.longwork.services import start_work
from quancheng.kernel.people.queries import list_organisations

#: The kind of long work that draws a chart.
WALL_WORK = "duty.wall"
#: Kinds of organisation that work on tasks.
WORKERS = ("office", "department", "town", "village")
_TITLE = "挂图作战责任表"


@dataclass(frozen=True, slots=True)
class ChartFile:
    """Which chart, and as what: ``xlsx``, or ``docx`` for the form of an annex."""

    ending: str
    paper: str = "A3"
    plan: uuid.UUID | None = None
    org: uuid.UUID | None = None
    official: str = ""

    def params(self) -> dict[str, str]:
        """As long work keeps it; empty for what is not limited."""
        return {name: str(value) if value else "" for name, value in asdict(self).items()}

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> ChartFile:
        plan, org = (uuid.UUID(params[name]) if params[name] else None for name in ("plan", "org"))
        return cls(params["ending"], params["paper"], plan, org, params["official"])


@dataclass(frozen=True, slots=True)
class DrawnChart:
    """A chart as a file with its number of rows, and what it is limited to, in words."""

    body: bytes
    name: str
    rows: int
    filters: str


def draw_chart(*, actor: Actor, chart: ChartFile, now: datetime) -> DrawnChart:
    """The whole chart as the actor sees it, however many rows it has."""
    rows, _is_cut = queries.list_rows(
        actor=actor, now=now, plan_id=chart.plan, org_id=chart.org, official=chart.official, is_whole=True
    )
    plan = list_plans(actor=actor).filter(pk=chart.plan).first() if chart.plan else None
    org = list_organisations(actor=actor, kinds=WORKERS).filter(pk=chart.org).first() if chart.org else None
    title = plan.title if plan else ""
    said = (title, org.label if org else "", chart.official)
    filters = "；".join(one for one in said if one)
    if chart.ending == "docx":
        rows = queries.rows_of_table(rows)
        body = wall_word.render_chart(rows, title=f"{title}{_TITLE}", is_demo=is_demo())
    else:
        body = write_merged_xlsx(
            wall_sheet.table_of(rows),
            title=_TITLE,
            filters_text=filters,
            demo=is_demo(),
            paper=chart.paper,  # type: ignore[arg-type]
        )
    return DrawnChart(body, f"{_TITLE}-{timezone.localdate(now):%Y%m%d}.{chart.ending}", len(rows), filters)


def ask_for_chart(*, actor: Actor, chart: ChartFile, now: datetime) -> LongWork:
    """Draw it in the background; where the same is under way already, that."""
    params = chart.params()
    with transaction.atomic():
        same = LongWork.objects.visible_to(actor).open().filter(kind=WALL_WORK, params=params).first()
        if same is not None:
            return same
        return start_work(actor=actor, kind=WALL_WORK, title=_("导出：%(title)s") % {"title": _TITLE}, params=params,
                          now=now)  # fmt: skip


def record_export(*, actor: Actor, drawn: DrawnChart, now: datetime) -> None:
    """Enter an export of the chart in the journal, with its conditions and number of rows."""
    with transaction.atomic():
        journal.record(
            actor=actor, act="duty.wall.export", subject_type="duty.wall",
            facts={"rows": drawn.rows, "filters": drawn.filters}, now=now,
        )  # fmt: skip
