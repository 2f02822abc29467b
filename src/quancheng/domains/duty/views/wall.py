"""The wall chart (挂图作战): table, months, by official, by town; as print and as spreadsheet."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.duty import wall_sheet
from quancheng.domains.duty.lights import LABELS
from quancheng.domains.duty.queries import plans as plan_queries
from quancheng.domains.duty.queries import wall as queries
from quancheng.domains.duty.queries.rollup import worst
from quancheng.domains.duty.services.wall import WORKERS, ChartFile, ask_for_chart, draw_chart, record_export
from quancheng.domains.duty.views.downloads import document_response
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import TooLarge
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.queries import list_organisations

VIEWS = {
    "table": gettext_lazy("挂图"),
    "matrix": gettext_lazy("月度进度"),
    "official": gettext_lazy("按分管领导"),
    "town": gettext_lazy("按镇街"),
}
PAPERS = ("A3", "A1")


@dataclass(frozen=True, slots=True)
class Asked:
    """The address, read and checked."""

    view: str
    paper: str
    plan: uuid.UUID | None
    org: uuid.UUID | None
    official: str
    #: ``xlsx``, ``docx`` or empty.
    export: str

    def query(self, **changed: str) -> str:
        """The address of the same chart with something changed."""
        out = QueryDict(mutable=True)
        values = {"view": self.view, "plan": self.plan, "org": self.org, "official": self.official, **changed}
        for name, value in values.items():
            if value and not (name == "view" and value == "table"):
                out[name] = str(value)
        return f"{reverse('duty:wall')}?{out.urlencode()}"

    def pairs(self) -> list[tuple[str, str]]:
        """What the chart is limited to, as hidden fields keep it."""
        values = {"paper": self.paper, "plan": self.plan, "org": self.org, "official": self.official}
        return [(name, str(value)) for name, value in values.items() if value]


class WallChart(View):
    """The chart as page, print and spreadsheet."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        asked = _read(request.GET)
        now = timezone.now()
        if asked.export:
            if queries.is_long(actor=actor, plan_id=asked.plan, org_id=asked.org, official=asked.official):
                raise TooLarge(
                    _("超过%(rows)s条，请用页面上的导出按钮在后台导出，或缩小范围。") % {"rows": queries.MOST_ROWS},
                    code="export_too_large",
                )
            return _download(actor, _file_of(asked), now)
        rows, is_cut = queries.list_rows(
            actor=actor, now=now, plan_id=asked.plan, org_id=asked.org, official=asked.official
        )
        plans = [
            (str(row.pk), row.title)
            for row in plan_queries.list_plans(actor=actor).exclude(status__in=("REVIEW", "DISCARDED"))[:200]
        ]
        orgs = [(str(row.pk), row.label) for row in list_organisations(actor=actor, kinds=WORKERS)[:500]]
        months = queries.months_of(rows, now=now) if asked.view == "matrix" else []
        groups = {"official": queries.by_official, "town": queries.by_town}
        context: dict[str, Any] = {
            "asked": asked,
            "tabs": [(label, asked.query(view=name), name == asked.view) for name, label in VIEWS.items()],
            "plans": plans,
            "orgs": orgs,
            "officials": queries.officials_of(rows),
            "plan_title": dict(plans).get(str(asked.plan), ""),
            "is_cut": is_cut,
            "most": queries.MOST_ROWS,
            "count": len(rows),
            "hidden": asked.pairs(),
            "prints": [(paper, asked.query(paper=paper)) for paper in PAPERS],
            "lines": _lines(rows) if asked.view == "table" else [],
            "months": months,
            "bars": [(row, _light(row.light), queries.bars_of(row, months, now=now)) for row in rows] if months else [],
            "groups": [
                (group, [(row, _light(row.light)) for row in group.rows])
                for group in (groups[asked.view](rows) if asked.view in groups else [])
            ],
            "now": now,
            "is_importer": actor.has("duty.plans.import"),
        }
        return render(request, "duty/wall.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Export; what takes too long is drawn in the background."""
        given = request.POST.copy()
        given.pop("csrfmiddlewaretoken", None)
        asked = _read(given)
        if not asked.export:
            raise unknown_parameter("export")
        actor, now, chart = actor_of(request), timezone.now(), _file_of(asked)
        if queries.is_long(actor=actor, plan_id=asked.plan, org_id=asked.org, official=asked.official):
            work = ask_for_chart(actor=actor, chart=chart, now=now)
            return redirect_to(
                request, work.get_absolute_url(), toast=_("数据较多，已转入后台导出，完成后会收到消息。")
            )
        return _download(actor, chart, now)


def _file_of(asked: Asked) -> ChartFile:
    return ChartFile(asked.export, asked.paper or "A3", asked.plan, asked.org, asked.official)


def _download(actor: Actor, chart: ChartFile, now: datetime) -> HttpResponse:
    drawn = draw_chart(actor=actor, chart=chart, now=now)
    record_export(actor=actor, drawn=drawn, now=now)
    return document_response(drawn.body, drawn.name)


def _read(given: QueryDict) -> Asked:
    for name in given:
        if name not in ("view", "paper", "plan", "org", "official", "export"):
            raise unknown_parameter(name)
    view, paper = given.get("view") or "table", given.get("paper", "")
    for name, value, allowed in (
        ("view", view, VIEWS),
        ("paper", paper, ("", *PAPERS)),
        ("export", given.get("export", ""), ("", "xlsx", "docx")),
    ):
        if value not in allowed:
            raise unknown_parameter(name)
    return Asked(
        view, paper, _uuid(given, "plan"), _uuid(given, "org"), given.get("official", "")[:120],
        given.get("export", ""),
    )  # fmt: skip


def _uuid(given: QueryDict, name: str) -> uuid.UUID | None:
    text = given.get(name, "")
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise unknown_parameter(name) from None


def _light(colour: str) -> Any:
    return marks.light(colour) if colour in marks.LIGHTS else marks.badge(LABELS[colour], "quiet")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the printed chart: how many lines its two levels cover (0: the cell above covers them), their lights."""

    row: queries.WallRow
    light: Any
    first: int
    second: int
    #: Light of the rows that the level's cell covers; empty for a cell of one row.
    group: Any


def _lines(rows: list[queries.WallRow]) -> list[Line]:
    table = wall_sheet.table_of(rows)
    found = []
    for at, (row, cells) in enumerate(zip(rows, table.rows, strict=True)):
        span = {cell.key: cell.rowspan for cell in cells}
        covered = rows[at : at + span["level2"]]
        group = _light(worst(one.light for one in covered)) if len(covered) > 1 else ""
        found.append(Line(row, _light(row.light), span["level1"], span["level2"], group))
    return found
