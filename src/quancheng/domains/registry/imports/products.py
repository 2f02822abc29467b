"""Products (产品) from a spreadsheet: what each is made of, its label, its transport card."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.imports.cells import (
    Files,
    OfFiles,
    classes_in,
    classes_of,
    file_column,
    joined,
    texts_of,
)
from quancheng.domains.registry.models import Product
from quancheng.domains.registry.queries import importing as queries
from quancheng.domains.registry.queries.products import get_product
from quancheng.domains.registry.services import products as services
from quancheng.domains.registry.services import withdrawing
from quancheng.domains.registry.services.enterprises import ENTER, KEEP
from quancheng.domains.registry.services.products import Part
from quancheng.kernel.errors import DomainError
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.exchange.sheets.cells import BadCell
from quancheng.kernel.names import clean

_BETWEEN = re.compile(r"[；;\n\r]+")
_TEXTS = (
    "name", "english", "registration_no", "certificate_no", "national_url", "uses", "phone", "prevention", "response",
    "storage", "disposal", "un_no", "transport_class", "packing_group", "extinguishing", "distance_source",
)  # fmt: skip
_OTHERS = ("certificate_until", "isolation_m", "protection_m")


class ProductImport(OfFiles):
    """One product a line, found by its enterprise and its name."""

    keys = ("file", "name")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._chemicals = queries.Chemicals()
        self._standing_rows: dict[str, Product] = {}

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        def text(key: str, heading: Any, limit: int, **more: Any) -> SheetColumn:
            return SheetColumn(key, heading, max_length=limit, parse=clean, **more)

        metres: dict[str, Any] = {"kind": "integer", "minimum": 0, "maximum": 100_000}
        return [
            file_column(Files(self.actor), required=not self.is_own),
            text("name", gettext_lazy("产品名称"), 120, required=True, width=28, sample="示例工业酒精"),
            text("english", gettext_lazy("英文名"), 200),
            SheetColumn("parts", gettext_lazy("成分和含量"), max_length=4000, parse=self._parts, text=_written,
                        keeps_empty=True, width=30, sample="乙醇 95%；甲醇 5%",
                        help=gettext_lazy("新产品必填；名称或CAS号，空格，含量，多种用分号分隔")),
            text("registration_no", gettext_lazy("危险化学品登记号"), 40, aliases=("登记号",)),
            text("certificate_no", gettext_lazy("登记证编号"), 40),
            SheetColumn("certificate_until", gettext_lazy("登记证有效期至"), kind="date"),
            text("national_url", gettext_lazy("国家登记系统信息码链接"), 300),
            text("uses", gettext_lazy("主要用途"), 300),
            SheetColumn("hazard_classes", gettext_lazy("危险性类别"), max_length=1000, width=30, parse=classes_of,
                        text=lambda value: value, keeps_empty=True,
                        help=gettext_lazy("单一成分可不填，按化学品目录带入；多项用分号分隔")),
            text("phone", gettext_lazy("24小时应急咨询电话"), 40, keeps_empty=True, aliases=("应急咨询电话",),
                 help=gettext_lazy("新产品必填"), sample="0999-1234567"),
            SheetColumn("packages", gettext_lazy("包装规格"), max_length=60, many=True, ordered=True, parse=clean,
                        sample="塑料桶 25 L", help=gettext_lazy("写明容积")),
            text("prevention", gettext_lazy("预防措施"), 600),
            text("response", gettext_lazy("事故响应"), 600),
            text("storage", gettext_lazy("安全储存"), 600),
            text("disposal", gettext_lazy("废弃处置"), 600),
            text("un_no", gettext_lazy("联合国编号"), 4, keeps_empty=True, sample="1170"),
            text("transport_class", gettext_lazy("运输危险性类别"), 10),
            choice_column("packing_group", gettext_lazy("包装类别"), [(one, one) for one in ("I", "II", "III")]),
            text("extinguishing", gettext_lazy("灭火剂"), 200),
            SheetColumn("isolation_m", gettext_lazy("初始隔离距离（米）"), **metres),
            SheetColumn("protection_m", gettext_lazy("防护距离（米）"), **metres),
            text("distance_source", gettext_lazy("距离依据"), 120),
            *(SheetColumn(key, heading, is_read=False) for key, heading in (
                ("code", gettext_lazy("安全信息码")), ("ended_date", gettext_lazy("停产停售日期")),
            )),
        ][1 if self.is_own else 0:]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def _parts(self, text: str) -> list[Part]:
        lines = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
        try:
            return services.read_parts(lines, find=self._chemicals.find)
        except DomainError as refused:
            raise BadCell("parts", refused.fields["parts"]) from refused

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        known = {file.pk for row in rows if (file := self._file_of(row)) is not None}
        found = {}
        for product in queries.products_named(files=known, names=[row.values.get("name") or "" for row in rows]):
            told = self._standing(product)
            found[self.key_of(told.texts)] = told
            self._standing_rows[told.id] = product
        return found

    def _standing(self, product: Product) -> Standing:
        values: dict[str, Any] = {name: getattr(product, name) for name in (*_TEXTS, *_OTHERS)}
        values |= {
            "hazard_classes": joined(product.hazard_classes), "packages": list(product.packages), "file": product.file,
            "parts": [Part(one.chemical, one.low, one.high) for one in product.parts.all()],
        }  # fmt: skip
        return Standing(str(product.pk), texts_of(self._columns, values), str(product.version))

    def check(self, row: Row) -> Iterable[Fault]:
        if self.is_own and self._own is None:
            yield Fault("name", _("请先建立本单位档案，再导入产品。"))
            return
        before = self._standing_rows.get(row.before.id) if row.before is not None else None
        if not row.values.get("parts") and (before is None or row.changes):
            yield Fault("parts", _("请至少写一种成分。"))
        if before is not None and before.ended_date and row.changes:
            yield Fault("name", _("该产品已停产停售，不能再修改。"))
        for name, said in services.faults_of(self._known(row), before).items():
            yield Fault(name, said)

    def _known(self, row: Row) -> dict[str, Any]:
        known: dict[str, Any] = {name: row.values.get(name) or "" for name in _TEXTS}
        known |= {name: row.values.get(name) for name in _OTHERS}
        known["packages"] = row.values.get("packages") or []
        known["hazard_classes"] = classes_in(row.values.get("hazard_classes"))
        # What the sheet leaves open stands as it is.
        said = row.given if row.before is not None else frozenset(known)
        return {name: value for name, value in known.items() if name in said}

    def save(self, row: Row) -> str:
        if row.before is None:
            file = self._file_of(row)
            assert file is not None  # noqa: S101 - a line without one was refused
            made = services.enter_product(
                actor=self.actor, file=file, known=self._known(row), parts=row.values["parts"], now=self.now
            )
            return str(made.pk)
        product = get_product(actor=self.actor, product_id=uuid.UUID(row.before.id))
        services.change_product(
            actor=self.actor, product=product, version=product.version, changes=self._known(row),
            parts=row.values["parts"], now=self.now,
        )  # fmt: skip
        return row.before.id

    def remove(self, row: Row) -> None:
        product = get_product(actor=self.actor, product_id=uuid.UUID(row.saved_id))
        withdrawing.withdraw_product(actor=self.actor, product=product, now=self.now)


class OwnProductImport(ProductImport):
    """The same for the enterprise that is signed in, whose sheet does not name it."""

    is_own = True


def _written(parts: Sequence[Part]) -> str:
    """``乙醇 95%；甲醇 5%``, the most first."""
    ranked = sorted(parts, key=lambda one: (-(one.high or Decimal(0)), one.chemical.name))
    return "；".join(" ".join(filter(None, (one.chemical.name, _content(one)))) for one in ranked)


def _content(one: Part) -> str:
    if one.low is None or one.high is None:
        return ""
    low, high = (f"{each.normalize():f}" for each in (one.low, one.high))
    return f"{low}%" if low == high else f"{low}-{high}%"


_HINT = gettext_lazy("每行一个产品，按企业和产品名称识别；新产品随之生成安全信息码，已有产品的码不变。")
PRODUCTS = Register(
    code="registry.products",
    title=gettext_lazy("产品"),
    duty=ENTER,
    session=ProductImport,
    hint=_HINT,
    rows_at="registry:products",
    order=48,
)
OWN_PRODUCTS = Register(
    code="registry.own_products",
    title=gettext_lazy("本单位产品"),
    duty=KEEP,
    session=OwnProductImport,
    hint=_HINT,
    rows_at="registry:products",
    order=47,
)
