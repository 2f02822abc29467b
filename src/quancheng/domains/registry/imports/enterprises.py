"""Enterprises (企业档案) from a spreadsheet: who each is, what it is, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.imports.cells import Points
from quancheng.domains.registry.kinds import Kind, Life, Size
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.points import System
from quancheng.domains.registry.queries import importing as queries
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.registry.services import enterprises as services
from quancheng.domains.registry.services import withdrawing
from quancheng.domains.registry.services.assessing import assessing
from quancheng.domains.registry.services.enterprises import EnterpriseSpec
from quancheng.kernel.exchange.imports.columns import area_column, checked, choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean
from quancheng.kernel.people.administration import check_credit_code
from quancheng.kernel.people.models import LINKS, Organisation

#: Columns that the file itself keeps; the others are its organisation's, and are changed there.
_OF_FILE = (
    "kind", "more_kinds", "size", "life", "registered_address", "address", "lon", "lat", "emergency_phone", "industry",
    "staff_count", "registration_code",
)  # fmt: skip
_OF_ORGANISATION = ("name", "credit_code", "links", "area")
_EMPTY: dict[str, Any] = {"more_kinds": [], "life": Life.OPERATING, "staff_count": None, "lon": None, "lat": None}


class EnterpriseImport(Session):
    """One enterprise a line, found by its code, a place without licence by its name."""

    keys = ("credit_code",)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._by_code: dict[str, Organisation] = {}
        self._by_name: dict[str, Organisation] = {}
        self._filed: set[Any] = set()
        self._points = Points()

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        return [
            SheetColumn("name", gettext_lazy("企业名称"), required=True, max_length=120, parse=clean, width=32,
                        aliases=("企业全称", "单位名称", "名称"), sample="示例储运有限公司"),
            SheetColumn("credit_code", gettext_lazy("统一社会信用代码"), max_length=24, width=24, keeps_empty=True,
                        parse=checked(check_credit_code), aliases=("信用代码", "社会信用代码"),
                        help=gettext_lazy("18位；无证场所可不填"), sample="91990102MA00A00016"),
            choice_column("kind", gettext_lazy("企业类别"), Kind.choices, required=True, aliases=("类别",),
                          sample="加油站"),
            choice_column("more_kinds", gettext_lazy("兼营类别"), Kind.choices, many=True),
            SheetColumn("links", gettext_lazy("链条环节"), kind="choice", choices=dict(LINKS), many=True,
                        keeps_empty=True, help=gettext_lazy("不填时按企业类别确定")),
            area_column("area", gettext_lazy("所在镇街"), aliases=("镇街", "所属镇街", "所在区划"), required=True,
                        sample="甲街道"),
            choice_column("size", gettext_lazy("企业规模"), Size.choices),
            SheetColumn("life", gettext_lazy("经营状态"), kind="choice", choices=dict(Life.choices), keeps_empty=True),
            SheetColumn("registered_address", gettext_lazy("注册地址"), max_length=200, parse=clean, width=32),
            SheetColumn("address", gettext_lazy("实际经营地址"), max_length=200, parse=clean, width=32,
                        aliases=("经营地址", "地址"), sample="甲街道示例路1号"),
            *self._points.columns,
            SheetColumn("emergency_phone", gettext_lazy("24小时应急电话"), max_length=40, parse=clean,
                        aliases=("应急电话",)),
            SheetColumn("industry", gettext_lazy("行业"), max_length=80, parse=clean),
            SheetColumn("staff_count", gettext_lazy("从业人数"), kind="integer", minimum=0, maximum=1_000_000),
            SheetColumn("registration_code", gettext_lazy("化学品登记企业编码"), max_length=9, parse=clean),
            *(SheetColumn(key, heading, is_read=False) for key, heading in (
                ("grade", gettext_lazy("重大危险源")), ("units", gettext_lazy("单元数")),
                ("score", gettext_lazy("完整度（%）")),
                ("supervisor", gettext_lazy("监管牵头部门")), ("verified_at", gettext_lazy("核验时间")),
                ("updated_at", gettext_lazy("更新时间")),
            )),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def key_of(self, texts: Mapping[str, str]) -> Key:
        return (texts["credit_code"],) if texts.get("credit_code") else ("", texts.get("name", ""))

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        for row in rows:
            self._points.convert(row)
        codes = [row.key[0] for row in rows if len(row.key) == 1]
        names = [row.texts.get("name", "") for row in rows]
        like = queries.organisations_like(codes=codes, names=names)
        self._by_code = {one.credit_code: one for one in like if one.credit_code}
        self._by_name = {one.name: one for one in like}
        self._filed = queries.has_file([one.pk for one in like])
        found: dict[Key, Standing] = {}
        for file in queries.files_by_code_or_name(actor=self.actor, codes=codes, names=names):
            organisation: Any = file.enterprise
            for key in ((organisation.credit_code,), ("", organisation.name)):
                found[key] = self._standing(file, organisation)
        return found

    def _standing(self, file: Enterprise, organisation: Organisation) -> Standing:
        by_key = {column.key: column for column in self._columns}
        values: dict[str, Any] = {name: getattr(file, name) for name in _OF_FILE}
        values |= {name: getattr(organisation, name) for name in _OF_ORGANISATION}
        values["system"] = System.CGCS2000 if file.lon is not None else None
        return Standing(str(file.pk), {name: by_key[name].text_of(value) for name, value in values.items()})

    def check(self, row: Row) -> Iterable[Fault]:
        yield from self._points.faults(row)
        if row.before is None:
            yield from self._check_new(row)
            return
        for name in row.changes:
            if name in _OF_ORGANISATION:
                yield Fault(name, _("该企业已有档案；名称、代码、环节和镇街请由系统管理员在单位页面修改。"))

    def _check_new(self, row: Row) -> Iterable[Fault]:
        code, name, area = (row.values.get(key) for key in ("credit_code", "name", "area"))
        if not code and row.values["kind"] != Kind.UNLICENSED:
            yield Fault("credit_code", _("请填写统一社会信用代码；没有证照的场所请选“无证场所”。"))
        coded, named = self._by_code.get(code or ""), self._by_name.get(name or "")
        if coded is not None and coded.name != name:
            yield Fault("credit_code", _("该代码已登记于另一单位。"))
        elif named is not None and named is not coded:
            yield Fault("name", _("已有同名单位，其统一社会信用代码与本行不同。"))
        elif coded is not None and coded.pk in self._filed:
            yield Fault("credit_code", _("该企业已有档案，但不在您的管辖范围内。"))
        if not services.covers_area(self.actor, area):
            yield Fault("area", _("只能登记本辖区内的企业。"))

    def _known(self, row: Row) -> dict[str, Any]:
        known = {}
        for name in _OF_FILE:
            value = row.values.get(name)
            known[name] = _EMPTY.get(name, "") if value is None else value
        return known

    def save_all(self, rows: Sequence[Row], gone: Sequence[tuple[Key, Standing]]) -> dict[Key, str]:
        """Every line, and then each file is measured once."""
        with assessing(actor=self.actor, now=self.now, because="registry.import.enterprises"):
            return super().save_all(rows, gone)

    def save(self, row: Row) -> str:
        values, known = row.values, self._known(row)
        if row.before is None:
            spec = EnterpriseSpec(
                name=values["name"], credit_code=values["credit_code"] or "", kind=values["kind"], area=values["area"],
                links=values["links"] or (), known=known,
            )  # fmt: skip
            return str(services.enter_enterprise(actor=self.actor, spec=spec, now=self.now).pk)
        file = get_enterprise(actor=self.actor, file_id=row.before.id)  # type: ignore[arg-type]
        services.change_enterprise(actor=self.actor, file=file, version=file.version, changes=known, now=self.now)
        return row.before.id

    def remove(self, row: Row) -> None:
        file = get_enterprise(actor=self.actor, file_id=row.saved_id)  # type: ignore[arg-type]
        withdrawing.withdraw_enterprise(actor=self.actor, file=file, now=self.now)


ENTERPRISES = Register(
    code="registry.enterprises",
    title=gettext_lazy("企业档案"),
    duty=services.ENTER,
    session=EnterpriseImport,
    hint=gettext_lazy("每行一家企业，按统一社会信用代码识别；已有档案的按表中的列更新，表中没有的列不变。"),
    rows_at="registry:enterprises",
    order=40,
)
