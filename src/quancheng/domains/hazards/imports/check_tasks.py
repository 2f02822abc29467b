"""Check tasks (隐患排查任务) of one's own enterprise from a spreadsheet: one line a task."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import time
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.forms.checks import form_choices, unit_choices
from quancheng.domains.hazards.models import CheckTask
from quancheng.domains.hazards.queries import checks as queries
from quancheng.domains.hazards.queries.findings import measures_of, units_of
from quancheng.domains.hazards.services import check_tasks as services
from quancheng.domains.registry.imports.cells import OfFiles, texts_of
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Post, RiskUnit
from quancheng.domains.risk.queries.posts import posts_of
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.exchange.sheets.cells import BadCell
from quancheng.kernel.names import clean
from quancheng.kernel.pages.words import told
from quancheng.standards.risk import check_cycles

_CYCLE = ("every", "cycle_unit", "starts_at", "window_start", "window_end", "days")


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(clean(text).zfill(5))
    except ValueError:
        raise BadCell("time", _("时间应写作 08:00 的形式。")) from None


class TaskImport(OfFiles):
    """One task a line, found by the codes of its object and unit and by what is checked."""

    is_own = True
    keys = ("file", "object_code", "unit_code", "content")

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        def text(key: str, heading: Any, limit: int, **more: Any) -> SheetColumn:
            return SheetColumn(key, heading, max_length=limit, parse=clean, **more)

        clock: dict[str, Any] = {
            "max_length": 8, "parse": _clock, "text": lambda one: f"{one:%H:%M}",
            "help": gettext_lazy("只有按小时的任务填写，如08:00"),
        }  # fmt: skip
        days = [(code, told(one)) for code, one in check_cycles.DAYS.items()]
        return [
            text("object_code", gettext_lazy("对象编码"), 36, required=True, sample="199900000001",
                 aliases=("风险分析对象编码",)),
            text("unit_code", gettext_lazy("单元编码"), 36, required=True, sample="U1-1",
                 aliases=("风险分析单元编码",)),
            text("content", gettext_lazy("排查内容"), 1000, required=True, width=40,
                 sample="检查报警仪在检定有效期内、试验按钮有声光报警"),
            text("measure", gettext_lazy("管控措施"), 4000, width=40, aliases=("措施内容",),
                 help=gettext_lazy("该单元中措施的原文；不填时按排查内容找")),
            text("checklist", gettext_lazy("检查表代码"), 40, sample="CL-PS"),
            SheetColumn("every", gettext_lazy("周期"), kind="decimal", required=True, sample="1",
                        help=gettext_lazy("每周写作7天，每季度写作3月")),
            choice_column("cycle_unit", gettext_lazy("周期单位"), unit_choices(), required=True, sample="天"),
            SheetColumn("starts_at", gettext_lazy("首次执行时间"), kind="datetime", required=True,
                        sample="2026-09-01 08:00"),
            SheetColumn("window_start", gettext_lazy("每日开始时间"), **clock),
            SheetColumn("window_end", gettext_lazy("每日结束时间"), **clock),
            choice_column("days", gettext_lazy("工作日类型"), days, sample="每天"),
            text("post", gettext_lazy("责任岗位"), 80, required=True, sample="班长",
                 help=gettext_lazy("本单位已登记的岗位名称")),
            choice_column("form", gettext_lazy("排查形式"), form_choices(), sample="日常排查"),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    @cached_property
    def _units(self) -> dict[tuple[str, str], RiskUnit]:
        found = units_of(self._own) if self._own is not None else ()
        return {(one.object.code, one.code): one for one in found}

    @cached_property
    def _posts(self) -> dict[str, list[Post]]:
        found: dict[str, list[Post]] = {}
        for one in posts_of(self._own) if self._own is not None else ():
            found.setdefault(one.name, []).append(one)
        return found

    @cached_property
    def _measures(self) -> dict[tuple[uuid.UUID, str], Any]:
        found: dict[tuple[uuid.UUID, str], Any] = {}
        for one in measures_of(self._own) if self._own is not None else ():
            found.setdefault((one.event.unit_id, one.check_text), one)
            found[one.event.unit_id, one.text] = one
        return found

    @cached_property
    def _lists(self) -> dict[str, Any]:
        return {one.pk: one for one in queries.checklists()}

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        found: dict[Key, Standing] = {}
        if self._own is None:
            return found
        tasks = queries.list_tasks(actor=self.actor).filter(
            file=self._own, content__in=[row.values.get("content") or "" for row in rows], unit__isnull=False
        )
        for task in tasks.select_related("unit__object"):
            told_as = self._standing(task)
            found[self.key_of(told_as.texts)] = told_as
        return found

    def _standing(self, task: CheckTask) -> Standing:
        unit = task.unit
        assert unit is not None  # noqa: S101 - the query asked for tasks of units
        values: dict[str, Any] = {name: getattr(task, name) for name in ("content", "form", *_CYCLE)}
        values |= {
            "object_code": unit.object.code, "unit_code": unit.code, "post": task.post.name if task.post else "",
            "measure": task.measure.text if task.measure else "", "checklist": task.checklist_id or "",
        }  # fmt: skip
        return Standing(str(task.pk), texts_of(self._columns, values), str(task.version))

    def check(self, row: Row) -> Iterable[Fault]:
        values = row.values
        if self._own is None:
            yield Fault("object_code", _("请先建立本单位档案，再导入排查任务。"))
            return
        unit = self._unit(values)
        if unit is None:
            yield Fault("unit_code", _("风险清单中没有这个对象和单元。"))
        elif values.get("measure") and (unit.pk, values["measure"]) not in self._measures:
            yield Fault("measure", _("该单元没有这条措施。"))
        if len(self._posts.get(values.get("post") or "", ())) != 1:
            yield Fault("post", _("本单位没有（或不止一个）这个岗位，请先登记岗位。"))
        if values.get("checklist") and values["checklist"] not in self._lists:
            yield Fault("checklist", _("没有这张检查表。"))
        errors = check_cycles.check(
            every=values.get("every"), unit=values.get("cycle_unit") or "", starts_at=values.get("starts_at"),
            window_start=values.get("window_start"), window_end=values.get("window_end"),
            days=values.get("days") or "every",
        )  # fmt: skip
        for field, sentence in errors.items():
            yield Fault("cycle_unit" if field == "unit" else field, told(sentence))

    def _unit(self, values: Mapping[str, Any]) -> RiskUnit | None:
        return self._units.get((values.get("object_code") or "", values.get("unit_code") or ""))

    def _known(self, row: Row) -> dict[str, Any]:
        values, unit = row.values, self._unit(row.values)
        assert unit is not None  # noqa: S101 - a line without one was refused
        known: dict[str, Any] = {name: values.get(name) for name in _CYCLE}
        measure = self._measures.get((unit.pk, values.get("measure") or values["content"]))
        return known | {
            "content": values["content"], "unit": unit, "measure": measure, "days": values.get("days") or "every",
            "post": self._posts[values["post"]][0], "form": values.get("form") or "daily",
            "checklist": self._lists.get(values.get("checklist") or ""),
        }  # fmt: skip

    def save(self, row: Row) -> str:
        file: Enterprise | None = self._own
        assert file is not None  # noqa: S101 - a line without one was refused
        known = self._known(row)
        if row.before is None:
            return str(services.enter_task(actor=self.actor, file=file, known=known, now=self.now).pk)
        task = queries.get_task(actor=self.actor, task_id=uuid.UUID(row.before.id))
        services.change_task(actor=self.actor, row=task, version=task.version, changes=known, now=self.now)
        return row.before.id

    def remove(self, row: Row) -> None:
        task = queries.get_task(actor=self.actor, task_id=uuid.UUID(row.saved_id))
        services.remove_task(actor=self.actor, row=task, now=self.now)


OWN_TASKS = Register(
    code="hazards.own_tasks",
    title=gettext_lazy("本单位隐患排查任务"),
    duty=services.KEEP,
    session=TaskImport,
    hint=gettext_lazy("每行一项任务，写明单元、内容、周期和责任岗位；单元和岗位须已登记。"),
    rows_at="hazards:check_tasks",
    order=66,
)
