"""Reports of inspected products (产品质量检验) from a spreadsheet, as institutes hand them over in lists."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.imports.cells import Files, file_column, texts_of
from quancheng.domains.registry.kinds import InspectionKind, InspectionResult
from quancheng.domains.registry.models import Inspection, Product
from quancheng.domains.registry.queries import importing
from quancheng.domains.registry.queries import quality as queries
from quancheng.domains.registry.services import quality as services
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean

_TEXTS = ("product_name", "batch", "institute", "standard", "report_no", "issuer", "failed_items", "disposal")
_SAID = (*_TEXTS, "kind", "result", "sampled_date", "reported_date", "due_date")


class InspectionImport(Session):
    """One report a line, found by its number and who issued it; what was recorded is never changed by a sheet."""

    keys = ("report_no", "issuer")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._products: dict[tuple[uuid.UUID, str], Product] = {}

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        def text(key: str, heading: Any, limit: int, **more: Any) -> SheetColumn:
            return SheetColumn(key, heading, max_length=limit, parse=clean, **more)

        return [
            file_column(Files(self.actor), required=True),
            text("product_name", gettext_lazy("样品名称"), 120, required=True, sample="示例工业酒精",
                 help=gettext_lazy("与产品清单同名的自动关联")),
            choice_column("kind", gettext_lazy("检验类别"), InspectionKind.choices, required=True, sample="监督抽查"),
            text("batch", gettext_lazy("批号"), 60),
            SheetColumn("sampled_date", gettext_lazy("抽样日期"), kind="date", required=True),
            text("institute", gettext_lazy("检验机构"), 120, required=True, sample="示例产品质量检验研究院"),
            text("standard", gettext_lazy("检验依据"), 200, required=True, sample="GB/T 394.1-2008"),
            text("report_no", gettext_lazy("报告编号"), 60, required=True, sample="示检2026-0001"),
            SheetColumn("reported_date", gettext_lazy("报告日期"), kind="date"),
            text("issuer", gettext_lazy("出具单位"), 120, required=True, sample="示例区市场监督管理局"),
            choice_column("result", gettext_lazy("检验结论"), InspectionResult.choices, required=True, sample="合格"),
            text("failed_items", gettext_lazy("不合格项目"), 500, help=gettext_lazy("结论为不合格时必填")),
            text("disposal", gettext_lazy("处置措施"), 500),
            SheetColumn("due_date", gettext_lazy("整改时限"), kind="date",
                        help=gettext_lazy("不合格的填写；不填为六十日")),
            *(SheetColumn(key, heading, is_read=False) for key, heading in (
                ("code", gettext_lazy("编号")), ("product", gettext_lazy("产品")), ("status", gettext_lazy("状态")),
                ("area", gettext_lazy("所在镇街")), ("retest_due_date", gettext_lazy("复检时限")),
                ("retest_date", gettext_lazy("复检日期")), ("case", gettext_lazy("案件编号或链接")),
                ("owner", gettext_lazy("登记单位")),
            )),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        files = {row.values["file"].pk for row in rows if row.values.get("file") is not None}
        names = [row.values.get("product_name") or "" for row in rows]
        self._products = {
            (one.file_id, one.name): one for one in importing.products_named(files=files, names=names)
        }  # fmt: skip
        numbers = {row.values.get("report_no") or "" for row in rows}
        found = {}
        for one in queries.reports_numbered(actor=self.actor, numbers=numbers):
            told = self._standing(one)
            found[self.key_of(told.texts)] = told
        return found

    def _standing(self, row: Inspection) -> Standing:
        values: dict[str, Any] = {name: getattr(row, name) for name in _SAID}
        return Standing(str(row.pk), texts_of(self._columns, {**values, "file": row.file}), row.status)

    def check(self, row: Row) -> Iterable[Fault]:
        if row.before is not None:
            if row.changes:
                yield Fault("report_no", _("该报告已登记，不能用表格修改；有误的请在其页面作废后重新登记。"))
            return
        for name, said in services.faults_of(row.values, now=self.now).items():
            yield Fault(name, said)

    def save(self, row: Row) -> str:
        if row.before is not None:
            return row.before.id
        known = {name: row.values.get(name) for name in _SAID}
        file = row.values["file"]
        made = services.record_inspection(
            actor=self.actor, file=file, product=self._products.get((file.pk, row.values["product_name"])),
            known=known, now=self.now,
        )  # fmt: skip
        return str(made.pk)

    def remove(self, row: Row) -> None:
        """A record is never deleted: one that was entered by mistake is void, and may be entered again."""
        inspection = queries.get_inspection(actor=self.actor, inspection_id=uuid.UUID(row.saved_id))
        services.void_inspection(actor=self.actor, row=inspection, reason=_("撤销导入"), now=self.now)


INSPECTIONS = Register(
    code="registry.inspections",
    title=gettext_lazy("产品质量检验"),
    duty=services.RECORD,
    session=InspectionImport,
    hint=gettext_lazy("每行一份检验报告，按报告编号和出具单位识别；不合格的同时要求企业整改。"),
    rows_at="registry:inspections",
    order=50,
)
