"""The wall chart (挂图作战): table, months, by official, by town; as print and as spreadsheet."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.duty import wall_sheet, wall_word
from quancheng.domains.duty.lights import LABELS
from quancheng.domains.duty.queries import plans as plan_queries
from quancheng.domains.duty.queries import wall as queries
from quancheng.domains.duty.queries.rollup import worst
from quancheng.domains.duty.services.wall import record_export
from quancheng.domains.duty.views.downloads import document_response
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.exchange.sheets import write_merged_xlsx
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.errors import unknown_parameter
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


class WallChart(View):
    """The chart as page, print and spreadsheet."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        asked = _read(request.GET)
        now = timezone.now()
        rows, is_cut = queries.list_rows(
            actor=actor, now=now, plan_id=asked.plan, org_id=asked.org, official=asked.official
        )
        plans = [
            (str(row.pk), row.title)
            for row in plan_queries.list_plans(actor=actor).exclude(status__in=("REVIEW", "DISCARDED"))[:200]
        ]
        orgs = [(str(row.pk), row.label) for row in list_organisations(actor=actor, kinds=_WORKERS)[:500]]
        if asked.export:
            return self._export(actor, asked, rows, dict(plans), dict(orgs))
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
            "export_url": asked.query(export="xlsx"),
            "word_url": asked.query(export="docx"),
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

    def _export(
        self, actor: Actor, asked: Asked, rows: list[queries.WallRow], plans: dict[str, str], orgs: dict[str, str]
    ) -> HttpResponse:
        said = [plans.get(str(asked.plan), ""), orgs.get(str(asked.org), ""), asked.official]
        filters_text = "；".join(one for one in said if one)
        if asked.export == "docx":
            title = f"{plans.get(str(asked.plan), '')}挂图作战责任表"
            # A plan's own chart goes out as it came in; other plans' tasks all stand on theirs.
            charted = {row.plan for row in rows if row.in_chart}
            rows = [row for row in rows if row.in_chart or row.plan not in charted]
            body = wall_word.render_chart(rows, title=title, is_demo=is_demo())
            record_export(actor=actor, rows=len(rows), filters=filters_text, now=timezone.now())
            return document_response(body, f"挂图作战责任表-{timezone.localdate():%Y%m%d}.docx")
        body = write_merged_xlsx(
            wall_sheet.table_of(rows),
            title="挂图作战责任表",
            filters_text=filters_text,
            demo=is_demo(),
            paper=asked.paper or "A3",  # type: ignore[arg-type]
        )
        record_export(actor=actor, rows=len(rows), filters=filters_text, now=timezone.now())
        return document_response(body, f"挂图作战责任表-{timezone.localdate():%Y%m%d}.xlsx")


_WORKERS = ("office", "department", "town", "village")


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
