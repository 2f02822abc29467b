"""Construction projects (建设项目) of one's own enterprise from a spreadsheet, before their first review."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.imports.cells import texts_of
from quancheng.domains.registry.models import Chemical, Enterprise, Project
from quancheng.domains.registry.models.projects import ProjectKind, ProjectLink
from quancheng.domains.registry.queries import enterprises as files
from quancheng.domains.registry.queries import importing as queries
from quancheng.domains.registry.queries.projects import get_project
from quancheng.domains.registry.services import projects as services
from quancheng.domains.registry.services.projects import APPLY, ProjectSpec
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, NotPermitted, StaleState
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.exchange.sheets.cells import BadCell
from quancheng.kernel.names import clean

_BETWEEN = re.compile(r"[；;\n\r]+")
_SAID = ("title", "kind", "purpose", "place", "text")


class ProjectImport(Session):
    """One project a line, found by its name among those that stand of one's own enterprise."""

    keys = ("title",)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._chemicals = queries.Chemicals()
        self._rows: dict[str, list[Project]] = {}

    @cached_property
    def _own(self) -> Enterprise | None:
        return files.own_file(actor=self.actor)

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        return [
            SheetColumn("title", gettext_lazy("项目名称"), required=True, max_length=200, parse=clean, width=32,
                        sample="示例罐区扩建"),
            choice_column("kind", gettext_lazy("建设性质"), ProjectKind.choices, required=True, sample="扩建"),
            choice_column("purpose", gettext_lazy("项目类别"), ProjectLink.choices, required=True, sample="储存"),
            SheetColumn("place", gettext_lazy("建设地点"), max_length=200, parse=clean, keeps_empty=True, width=28,
                        help=gettext_lazy("新项目必填"), sample="甲街道示例路1号"),
            SheetColumn("text", gettext_lazy("建设内容"), max_length=5000, width=32),
            SheetColumn("chemicals", gettext_lazy("涉及的化学品和设计最大量"), max_length=4000, parse=self._amounts,
                        text=_written, keeps_empty=True, width=32, sample="甲醇 260 t；67-64-1 30 m³",
                        help=gettext_lazy("新项目必填；名称或CAS号，数量和单位，多种用分号分隔")),
            *(SheetColumn(key, heading, is_read=False) for key, heading in (
                ("code", gettext_lazy("编号")), ("enterprise", gettext_lazy("企业")),
                ("status", gettext_lazy("状态")), ("trial_to", gettext_lazy("试生产截止")),
                ("explosives", gettext_lazy("爆炸性化学品")), ("consulted_date", gettext_lazy("决策咨询日期")),
                ("area", gettext_lazy("所在镇街")),
            )),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def _amounts(self, text: str) -> list[tuple[Chemical, Decimal]]:
        lines = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
        found, faults = services.read_amounts(lines, find=self._chemicals.find)
        if faults:
            raise BadCell("amounts", "；".join(map(str, faults)))
        return found

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        titles = [row.values.get("title") or "" for row in rows]
        for project in queries.projects_titled(actor=self.actor, titles=titles):
            self._rows.setdefault(project.title, []).append(project)
        return {(title,): self._standing(known[0]) for title, known in self._rows.items()}

    def _standing(self, project: Project) -> Standing:
        values: dict[str, Any] = {name: getattr(project, name) for name in _SAID}
        values["chemicals"] = [(one.chemical, one.design_t) for one in project.chemicals.all()]
        return Standing(str(project.pk), texts_of(self._columns, values), project.status)

    def check(self, row: Row) -> Iterable[Fault]:
        if self._own is None:
            yield Fault("title", _("请先建立本单位档案，再登记建设项目。"))
            return
        known = self._rows.get(row.values.get("title") or "", [])
        if len(known) > 1:
            yield Fault("title", _("本单位有多个同名项目，请在项目页面修改。"))
        elif known and known[0].status != "PREPARING" and row.changes:
            yield Fault("title", _("该项目已申请审查，不能再通过表格修改。"))
        on = Calendar().local_date(self.now)
        for name, said in services.faults_of(self._spec(row), links=self._own.links, on=on).items():
            yield Fault(name, said)

    def _spec(self, row: Row) -> ProjectSpec:
        said = {name: row.values.get(name) or "" for name in _SAID}
        return ProjectSpec(chemicals=row.values.get("chemicals") or [], **said)

    def save(self, row: Row) -> str:
        if row.before is None:
            file = self._own
            assert file is not None  # noqa: S101 - a line was refused without one
            return str(services.enter_project(actor=self.actor, file=file, spec=self._spec(row), now=self.now).pk)
        project = get_project(actor=self.actor, project_id=uuid.UUID(row.before.id))
        services.change_project(actor=self.actor, project=project, spec=self._spec(row), now=self.now)
        return row.before.id

    def remove(self, row: Row) -> None:
        """A project is never deleted: one that was entered by mistake is withdrawn."""
        project = get_project(actor=self.actor, project_id=uuid.UUID(row.saved_id))
        if project.status != "PREPARING":
            raise Conflict(_("该项目已申请审查，不能撤销登记。"))
        try:
            services.step_project(
                actor=self.actor, project=project, name="withdraw", given={"reason": _("撤销导入")}, evidence=(),
                now=self.now,
            )  # fmt: skip
        except (StaleState, NotPermitted) as refused:
            raise Conflict(refused.message, code=refused.code) from refused


def _written(amounts: Sequence[tuple[Chemical, Decimal]]) -> str:
    """``甲醇 260 t；丙酮 24 t``, by name."""
    ranked = sorted(amounts, key=lambda one: one[0].name)
    return "；".join(f"{chemical.name} {tonnes.normalize():f} t" for chemical, tonnes in ranked)


OWN_PROJECTS = Register(
    code="registry.own_projects",
    title=gettext_lazy("本单位建设项目"),
    duty=APPLY,
    session=ProjectImport,
    hint=gettext_lazy("每行一个建设项目，按项目名称识别；只有尚未申请审查的项目可以用表格修改。"),
    rows_at="registry:projects",
    most_rows=500,
    order=49,
)
