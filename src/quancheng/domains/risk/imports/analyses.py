"""Rows of analyses from spreadsheets: one hazard, item or deviation a line, into a draft that is chosen beside it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.risk import analysis_scheme as scheme
from quancheng.domains.risk.models import Analysis, AnalysisRow
from quancheng.domains.risk.queries.analyses import drafts_of, get_row, rows_of
from quancheng.domains.risk.services import analyses as services
from quancheng.domains.risk.services.keeping import KEEP
from quancheng.kernel.errors import DomainError
from quancheng.kernel.exchange.imports.declare import Fault, GivenForm, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.words import told
from quancheng.standards.risk.basis import BadInput
from quancheng.standards.wording import Text


class _IntoForm(GivenForm):
    """Which draft the rows belong to."""

    method: ClassVar[str] = ""

    def prepare(self) -> None:
        drafts = [(str(one.pk), str(one)) for one in drafts_of(actor=self.actor, method=self.method)[:200]]
        self.fields["analysis"] = fields.choice(
            _("编制中的分析"), drafts, help_text=_("先在单元页面开始分析，再导入它的记录。")
        )


class JhaForm(_IntoForm):
    method = scheme.JHA


class SclForm(_IntoForm):
    method = scheme.SCL


class HazopForm(_IntoForm):
    method = scheme.HAZOP


def _lazily(text: Text) -> Any:
    return lazy(lambda: told(text), str)()


class RowImport(Session):
    """The rows of one draft."""

    method: ClassVar[str] = ""

    @cached_property
    def _analysis(self) -> Analysis | None:
        wanted = self.given.get("analysis")
        return drafts_of(actor=self.actor, method=self.method).filter(pk=wanted).first() if wanted else None

    @cached_property
    def _fields(self) -> Sequence[scheme.Field]:
        return scheme.row_fields(self.method, "LS" if self._analysis is None else self._analysis.rating)

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        shown = [
            SheetColumn("file", gettext_lazy("企业"), is_read=False),
            SheetColumn("analysis", gettext_lazy("分析编号"), is_read=False),
            SheetColumn("level", gettext_lazy("风险等级"), is_read=False),
        ]
        return [*(self._column(one) for one in self._fields), *shown]

    def _column(self, one: scheme.Field) -> SheetColumn:
        heading, needed = _lazily(one.name), one.is_needed
        if one.code[:2] in ("f_", "r_"):
            help_text = "、".join(one.choices)
            words = {told(name): code for code, name in one.choices.items()}
            choices = {code: code for code in one.choices}
            return SheetColumn(one.code, heading, kind="choice", required=needed, choices=choices, words=words,
                               help=help_text, sample=next(iter(one.choices)))  # fmt: skip
        if one.kind == "choice":
            choices = {code: _lazily(name) for code, name in one.choices.items()}
            return SheetColumn(one.code, heading, kind="choice", required=needed, choices=choices)
        kinds: dict[str, Any] = {"day": "date", "whole": "integer", "yes": "boolean"}
        if one.kind in kinds:
            return SheetColumn(one.code, heading, kind=kinds[one.kind], required=needed)
        long = one.kind == "long"
        return SheetColumn(one.code, heading, required=needed, max_length=2000 if long else 200,
                           width=30 if long else None, parse=None if long else clean)  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        if self._analysis is None:
            return {}
        found = {}
        for one in rows_of(self._analysis):
            texts = {column.key: column.text_of(self._typed(column, one)) for column in self._columns if column.is_read}
            found[self.key_of(texts)] = Standing(str(one.pk), texts, str(one.version))
        return found

    def _typed(self, column: SheetColumn, one: AnalysisRow) -> Any:
        value = one.values.get(column.key)
        if column.kind == "date" and value:
            return date.fromisoformat(value)
        return value

    def check(self, row: Row) -> Iterable[Fault]:
        if self._analysis is None:
            yield Fault(self._columns[0].key, _("请选择编制中的分析。"))
            return
        try:
            services.check_row(analysis=self._analysis, values=self._values(row))
        except BadInput as bad:
            yield Fault(bad.field, told(bad.reason))
        except DomainError as refused:
            for name, sentence in refused.fields.items():
                yield Fault(name, sentence)

    def check_all(self, rows: Sequence[Row]) -> Iterable[Fault]:
        """A step has one name throughout the sheet."""
        names: dict[Any, str] = {}
        for row in rows:
            if self.method != scheme.JHA:
                return
            name = row.values.get("step_name") or ""
            if names.setdefault(row.values.get("step_no"), name) != name:
                yield Fault("step_name", _("第%(number)s步在表中有两个名称。") % {"number": row.values.get("step_no")})

    def _values(self, row: Row) -> dict[str, Any]:
        return {one.code: row.values.get(one.code) for one in self._fields}

    def save(self, row: Row) -> str:
        assert self._analysis is not None  # noqa: S101 - a sheet without one was refused
        before = None
        if row.before is not None:
            before = get_row(actor=self.actor, row_id=uuid.UUID(row.before.id))
        saved = services.save_row(
            actor=self.actor, analysis=self._analysis, values=self._values(row), now=self.now, row=before
        )
        return str(saved.pk)

    def remove(self, row: Row) -> None:
        services.drop_row(actor=self.actor, row=get_row(actor=self.actor, row_id=uuid.UUID(row.saved_id)), now=self.now)


class JhaImport(RowImport):
    method, keys = scheme.JHA, scheme.KEYS[scheme.JHA]


class SclImport(RowImport):
    method, keys = scheme.SCL, scheme.KEYS[scheme.SCL]


class HazopImport(RowImport):
    method, keys = scheme.HAZOP, scheme.KEYS[scheme.HAZOP]


_HINT = gettext_lazy("每行一条分析记录，导入所选的编制中的分析；颜色由评价参数推算。")
JHA = Register(
    code="risk.jha", title=gettext_lazy("工作危害分析记录"), duty=KEEP, session=JhaImport, hint=_HINT, form=JhaForm,
    rows_at="risk:rows_jha", order=62,
)  # fmt: skip
SCL = Register(
    code="risk.scl", title=gettext_lazy("安全检查表分析记录"), duty=KEEP, session=SclImport, hint=_HINT, form=SclForm,
    rows_at="risk:rows_scl", order=63,
)  # fmt: skip
HAZOP = Register(
    code="risk.hazop", title=gettext_lazy("HAZOP分析记录"), duty=KEEP, session=HazopImport, hint=_HINT, form=HazopForm,
    rows_at="risk:rows_hazop", order=64,
)  # fmt: skip
