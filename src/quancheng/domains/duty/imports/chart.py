"""Task lists (职责及任务清单、挂图作战表) from a spreadsheet: every line a draft of a task, in review."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.duty import wall_sheet
from quancheng.domains.duty.queries import plans as queries
from quancheng.domains.duty.services import parents
from quancheng.domains.duty.services import review as services
from quancheng.kernel.errors import Conflict
from quancheng.kernel.exchange.imports.declare import GivenForm, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn, SheetRow
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.people.queries import list_organisations

IMPORT, REVIEW = "duty.plans.import", "duty.plans.review"


def _date(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "invalid": gettext_lazy("日期应写作 2026-10-31 的形式。"),
            "required": gettext_lazy("请选择日期。"),
        },
    )


class ChartForm(GivenForm):
    """What the sheet does not say: its name, its days, whose list it is, and the plan that it belongs to."""

    title = forms.CharField(label=gettext_lazy("清单名称"), max_length=200)
    department = forms.ChoiceField(
        label=gettext_lazy("所属部门"), required=False,
        help_text=gettext_lazy("各部门的职责及任务清单：“责任单位”一栏空着的行，由该部门牵头。"),
    )  # fmt: skip
    parent = forms.ChoiceField(
        label=gettext_lazy("所属计划"), required=False,
        help_text=gettext_lazy("作为该计划的附件，列在其下级文件中。"),
    )  # fmt: skip
    issued = _date(gettext_lazy("成文日期"))
    period_from = _date(gettext_lazy("起始日期"))
    period_to = _date(gettext_lazy("截止日期"))

    def prepare(self) -> None:
        orgs = list_organisations(actor=self.actor, kinds=("office", "department", "town"))[:500]
        plans = queries.list_plans(actor=self.actor).exclude(status="DISCARDED")[:200]
        self._offer("department", [(str(row.pk), row.name) for row in orgs])
        self._offer("parent", [(str(row.pk), row.title) for row in plans] if self.actor.has(REVIEW) else [])

    def _offer(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", "—"), *choices]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("period_from"), given.get("period_to")
        if first and last and last < first:
            self.add_error("period_to", gettext_lazy("截止日期不能早于起始日期。"))
        return given


class ChartImport(Session):
    """One task a line; all of them become one list in review."""

    keys = ("level1", "level2", "measure", "units")

    def columns(self) -> Sequence[SheetColumn]:
        return wall_sheet.COLUMNS

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        return {}

    def _head(self) -> wall_sheet.ChartHead:
        names = ("title", "issued", "period_from", "period_to")
        return wall_sheet.ChartHead(*(self.given[name] for name in names))

    def save_all(self, rows: Sequence[Row], gone: Sequence[tuple[Key, Standing]]) -> dict[Key, str]:
        assert self.source is not None  # noqa: S101 - the engine gives it
        department = self._department()
        lines = [
            SheetRow(row.number, {**row.values, "units": row.values.get("units") or department}) for row in rows
        ]  # fmt: skip
        parsed, text = wall_sheet.parsed_of(self._head(), lines)
        plan = services.register_plan(
            actor=self.actor,
            lines=text,
            parsed=parsed,
            source_name=self.source.name,
            source_sha256=self.source.sha256,
            now=self.now,
            kind="annex",
            title=self.given["title"],
        )
        if self.source.file_id is not None:
            attach_files(actor=self.actor, row=plan, file_ids=[self.source.file_id], now=self.now, role="source")
        if self.given.get("parent"):
            parent = queries.get_plan(actor=self.actor, plan_id=uuid.UUID(self.given["parent"]))
            parents.link_parent(actor=self.actor, plan=plan, parent=parent, now=self.now)
        return {row.key: str(plan.pk) for row in rows}

    def _department(self) -> str:
        if not self.given.get("department"):
            return ""
        return list_organisations(actor=self.actor).get(pk=self.given["department"]).name

    def undo_all(self, added: Sequence[Row], restored: Sequence[Row]) -> None:
        plan = queries.get_plan(actor=self.actor, plan_id=uuid.UUID(added[0].saved_id))
        if plan.status != "REVIEW" or plan.review_version != 1:
            raise Conflict(_("清单“%(title)s”已经过审核修改或下达。") % {"title": plan.title})
        services.discard_plan(actor=self.actor, plan=plan, reason=_("撤销导入"), now=self.now)


CHART = Register(
    code="duty.chart",
    title=gettext_lazy("任务清单（挂图、职责及任务清单附件）"),
    duty=IMPORT,
    session=ChartImport,
    form=ChartForm,
    hint=gettext_lazy("每行成为一条待审任务：核对责任单位和时限后，与其他计划文件一样下达。列与导出的挂图相同。"),
    page_at="duty:review",
    rows_at="duty:wall",
    order=20,
)
