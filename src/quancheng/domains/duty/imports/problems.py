"""Problem lists (问题清单) from a spreadsheet: what was found, entered one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.duty.models import Problem
from quancheng.domains.duty.models.problems import Industry, ProblemList
from quancheng.domains.duty.queries import problems as queries
from quancheng.domains.duty.services import problems as services
from quancheng.domains.duty.services.problems import ProblemSpec
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, NotPermitted, StaleState
from quancheng.kernel.exchange.imports.columns import Organisations, choice_column, organisation_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean

_NEEDED = ("text", "unit", "source", "found_date", "list", "industry")


class ProblemImport(Session):
    """One problem a line; one that has its number stands already and is only compared."""

    keys = ("title", "unit", "found_date")

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        needed = gettext_lazy("新登记的必填")
        return [
            SheetColumn("code", gettext_lazy("编号"), max_length=20, parse=clean,
                        help=gettext_lazy("新登记的不填，由系统编号")),
            SheetColumn("title", gettext_lazy("问题"), required=True, max_length=200, parse=clean, width=36,
                        sample="储罐液位报警未投用"),
            SheetColumn("text", gettext_lazy("问题描述"), max_length=5000, width=44, help=needed),
            organisation_column("unit", gettext_lazy("问题所在单位"), Organisations(self.actor), help=needed),
            choice_column("list", gettext_lazy("清单"), ProblemList.choices, help=needed),
            choice_column("industry", gettext_lazy("行业领域"), Industry.choices, help=needed),
            SheetColumn("source", gettext_lazy("发现途径"), max_length=120, help=needed, sample="区级联合检查"),
            SheetColumn("found_date", gettext_lazy("发现日期"), kind="date", help=needed, sample="2026-03-05"),
            *(SheetColumn(key, heading, is_read=False) for key, heading in (
                ("area", gettext_lazy("所在镇街")), ("org", gettext_lazy("责任单位")),
                ("due_date", gettext_lazy("整改时限")), ("similar", gettext_lazy("同类问题")),
                ("owner", gettext_lazy("建单单位")), ("status", gettext_lazy("状态")),
            )),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def key_of(self, texts: Mapping[str, str]) -> Key:
        return ("", texts["code"]) if texts.get("code") else super().key_of(texts)

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        seen = queries.list_problems(actor=self.actor)
        codes = [row.key[1] for row in rows if len(row.key) == 2]
        found: dict[Key, Standing] = {("", one.code): self._standing(one) for one in seen.filter(code__in=codes)}
        titles = {row.key[0] for row in rows if len(row.key) == 3}
        for one in seen.filter(title__in=titles).exclude(status="DISCARDED"):
            standing = self._standing(one)
            found.setdefault(self.key_of({**standing.texts, "code": ""}), standing)
        return found

    def _standing(self, one: Problem) -> Standing:
        texts = {
            column.key: column.text_of(getattr(one, column.key)) for column in self._columns if column.is_read
        }  # fmt: skip
        return Standing(str(one.pk), texts, one.status)

    def check(self, row: Row) -> Iterable[Fault]:
        values = row.values
        if len(row.key) == 2 and row.before is None:
            yield Fault("code", _("没有编号为“%(code)s”的问题；新登记的问题不填编号。") % {"code": values["code"]})
            return
        if row.before is not None:
            for key in row.changes:
                yield Fault(key, _("该问题已登记，请在其页面办理。"))
            return
        for key in _NEEDED:
            if not values.get(key):
                yield Fault(key, _("必填项为空。"))
        if values.get("found_date") and values["found_date"] > Calendar().local_date(self.now):
            yield Fault("found_date", _("发现日期不能晚于今天。"))

    def save(self, row: Row) -> str:
        spec = ProblemSpec(**{key: row.values[key] for key in ("title", *_NEEDED)})
        return str(services.report_problem(actor=self.actor, spec=spec, now=self.now).pk)

    def remove(self, row: Row) -> None:
        """A problem is never deleted: one that was entered by mistake is not put on the list."""
        problem = queries.get_problem(actor=self.actor, problem_id=row.saved_id)  # type: ignore[arg-type]
        try:
            services.end_problem(
                actor=self.actor, problem=problem, name="discard", reason=_("撤销导入"), now=self.now
            )
        except (StaleState, NotPermitted) as refused:
            raise Conflict(refused.message, code=refused.code) from refused


PROBLEMS = Register(
    code="duty.problems",
    title=gettext_lazy("问题清单"),
    duty=services.MANAGE,
    session=ProblemImport,
    hint=gettext_lazy("每行一个发现的问题，导入后逐项查因、整改、核验。撤销导入时，问题转为不列入清单。"),
    rows_at="duty:problems",
    order=30,
)
