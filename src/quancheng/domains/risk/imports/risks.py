"""The risk list (风险分级管控清单) from a spreadsheet: one line a measure, with its object, unit, event and factors."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.imports.cells import Files, OfFiles, file_column, texts_of
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.kinds import Category, Layer, Mode, ObjectKind, Stage, Subcategory
from quancheng.domains.risk.models import Measure, RiskEvent, RiskObject, RiskUnit
from quancheng.domains.risk.queries import importing as queries
from quancheng.domains.risk.queries.posts import posts_of
from quancheng.domains.risk.queries.risks import get_measure, places_of
from quancheng.domains.risk.services import assessing
from quancheng.domains.risk.services import risks as services
from quancheng.domains.risk.services.keeping import ENTER, KEEP
from quancheng.domains.risk.services.withdrawing import withdraw_measure
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean

#: Factors of the five-by-five matrix, by stage.
_FACTORS = {
    Stage.INHERENT: ("inherent_l", "inherent_s"),
    Stage.RESIDUAL: ("residual_l", "residual_s"),
}
_MEASURE = ("mode", "category", "subcategory", "own_class", "check_text")


class RiskImport(OfFiles):
    """One measure a line, found by its enterprise, the codes of object and unit, the event and its own words."""

    keys = ("file", "object_code", "unit_code", "event", "text")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._objects: dict[tuple[uuid.UUID, str], RiskObject] = {}
        self._units: dict[tuple[uuid.UUID, str], RiskUnit] = {}
        self._events: dict[tuple[uuid.UUID, str], RiskEvent] = {}

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        def text(key: str, heading: Any, limit: int, **more: Any) -> SheetColumn:
            return SheetColumn(key, heading, max_length=limit, parse=clean, **more)

        told = gettext_lazy("风险矩阵法，1至5")
        level: dict[str, Any] = {"kind": "integer", "minimum": 1, "maximum": 5, "help": told}
        return [
            file_column(Files(self.actor), required=not self.is_own),
            text("object_code", gettext_lazy("对象编码"), 36, required=True, sample="199900000001",
                 aliases=("风险分析对象编码",), help=gettext_lazy("重大危险源填12位危险源编码")),
            text("object_name", gettext_lazy("对象名称"), 200, width=24, sample="液氯库",
                 aliases=("风险分析对象",), help=gettext_lazy("新对象必填")),
            choice_column("object_kind", gettext_lazy("对象类别"), ObjectKind.choices, sample="储存单元"),
            text("place", gettext_lazy("登记单元编号"), 20,
                 help=gettext_lazy("重大危险源必填，与企业档案中的单元编号一致")),
            text("department", gettext_lazy("责任部门"), 200, sample="储运部"),
            text("head", gettext_lazy("责任人"), 60, sample="示例甲"),
            text("unit_code", gettext_lazy("单元编码"), 36, required=True, sample="U1-1",
                 aliases=("风险分析单元编码",)),
            text("unit_name", gettext_lazy("单元名称"), 200, width=24, aliases=("风险分析单元",), sample="1号氯瓶间",
                 help=gettext_lazy("新单元必填")),
            text("post", gettext_lazy("责任岗位"), 80, help=gettext_lazy("本单位已登记的岗位名称")),
            text("event", gettext_lazy("风险事件"), 500, required=True, width=32, sample="氯瓶阀门泄漏致人员中毒"),
            choice_column("layer", gettext_lazy("管控层级"), Layer.choices, sample="车间、部门"),
            SheetColumn("inherent_l", gettext_lazy("固有风险L"), **level, sample="4"),
            SheetColumn("inherent_s", gettext_lazy("固有风险S"), **level, sample="5"),
            SheetColumn("residual_l", gettext_lazy("剩余风险L"), **level, sample="2"),
            SheetColumn("residual_s", gettext_lazy("剩余风险S"), **level, sample="5"),
            text("text", gettext_lazy("措施内容"), 4000, required=True, width=40, aliases=("管控措施", "管控措施描述"),
                 sample="氯瓶间设固定式氯气检测报警仪，与事故风机联锁"),
            choice_column("mode", gettext_lazy("管控方式"), Mode.choices, sample="隐患排查"),
            choice_column("category", gettext_lazy("措施类别"), Category.choices, aliases=("管控措施分类1",),
                          sample="工程技术"),
            choice_column("subcategory", gettext_lazy("措施小类"), Subcategory.choices, aliases=("管控措施分类2",),
                          sample="安全仪表"),
            text("own_class", gettext_lazy("企业自定小类"), 100, aliases=("管控措施分类3",)),
            text("check_text", gettext_lazy("排查内容"), 1000, width=40, aliases=("隐患排查内容",),
                 sample="检查报警仪在检定有效期内、试验按钮有声光报警", help=gettext_lazy("新措施必填")),
        ][1 if self.is_own else 0:]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        known = {file.pk for row in rows if (file := self._file_of(row)) is not None}
        found = {}
        for measure in queries.measures_among(files=known, texts=[row.values.get("text") or "" for row in rows]):
            told = self._standing(measure)
            found[self.key_of(told.texts)] = told
        for one in queries.objects_among(files=known):
            self._objects[one.file_id, one.code] = one
        for unit in queries.units_among(files=known):
            self._units[unit.object_id, unit.code] = unit
        for event in queries.events_among(files=known):
            self._events[event.unit_id, event.name] = event
        return found

    def _standing(self, measure: Measure) -> Standing:
        event = measure.event
        unit, parent = event.unit, event.unit.object
        values: dict[str, Any] = {name: getattr(measure, name) for name in ("text", *_MEASURE)}
        values |= {
            "file": parent.file, "object_code": parent.code, "object_name": parent.name, "object_kind": parent.kind,
            "place": parent.place.code if parent.place else "", "department": parent.department, "head": parent.head,
            "unit_code": unit.code, "unit_name": unit.name, "post": unit.post.name if unit.post else "",
            "event": event.name, "layer": event.layer, **queries.factors_of(event),
        }  # fmt: skip
        version = f"{parent.version}.{unit.version}.{event.version}.{measure.version}"
        return Standing(str(measure.pk), texts_of(self._columns, values), version)

    def check(self, row: Row) -> Iterable[Fault]:
        file, values = self._file_of(row), row.values
        if file is None:
            if self.is_own:
                yield Fault("object_code", _("请先建立本单位档案，再导入风险清单。"))
            return
        parent = self._objects.get((file.pk, values.get("object_code") or ""))
        if parent is None:
            for name in ("object_name", "object_kind", "department", "head"):
                if not values.get(name):
                    yield Fault(name, _("新的风险分析对象须填写此项。"))
        unit = None if parent is None else self._units.get((parent.pk, values.get("unit_code") or ""))
        if unit is None and not values.get("unit_name"):
            yield Fault("unit_name", _("新的风险分析单元须填写此项。"))
        if row.before is None:
            for name in ("mode", "category", "subcategory", "check_text"):
                if not values.get(name):
                    yield Fault(name, _("新的管控措施须填写此项。"))
        category, subcategory = values.get("category") or "", values.get("subcategory") or ""
        if category and subcategory and not subcategory.startswith(category):
            yield Fault("subcategory", _("请填写属于该类别的小类。"))
        yield from self._named(file, values)
        for likelihood, severity in _FACTORS.values():
            if (values.get(likelihood) is None) != (values.get(severity) is None):
                yield Fault(likelihood if values.get(likelihood) is None else severity, _("L和S须同时填写。"))

    def _named(self, file: Enterprise, values: Mapping[str, Any]) -> Iterable[Fault]:
        if values.get("place") and self._place(file, values["place"]) is None:
            yield Fault("place", _("企业档案中没有这个单元编号。"))
        elif values.get("object_kind") == ObjectKind.MAJOR_HAZARD and not values.get("place"):
            yield Fault("place", _("重大危险源须填写登记单元编号。"))
        if values.get("post") and self._post(file, values["post"]) is None:
            yield Fault("post", _("本单位没有（或不止一个）这个岗位，请先登记岗位。"))

    def _place(self, file: Enterprise, code: str) -> Any:
        return places_of(file).filter(code=code).first()

    def _post(self, file: Enterprise, name: str) -> Any:
        found = list(posts_of(file).filter(name=name)[:2])
        return found[0] if len(found) == 1 else None

    def save(self, row: Row) -> str:
        file = self._file_of(row)
        assert file is not None  # noqa: S101 - a line without one was refused
        event = self._event(row, self._unit(row, self._object(row, file), file))
        self._assess(row, event)
        known = {name: row.values.get(name) or "" for name in ("text", *_MEASURE)}
        if row.before is None:
            return str(services.enter_measure(actor=self.actor, event=event, known=known, now=self.now).pk)
        measure = get_measure(actor=self.actor, measure_id=uuid.UUID(row.before.id))
        changes = {name: known[name] for name in _MEASURE if name in row.given}
        services.change_measure(
            actor=self.actor, row=measure, version=measure.version, changes=changes, now=self.now
        )  # fmt: skip
        return row.before.id

    def _said(self, row: Row, names: Mapping[str, str]) -> dict[str, Any]:
        """What the line says of a parent, under the names of its fields; an empty cell says nothing."""
        return {field: row.values[key] for key, field in names.items() if row.values.get(key)}

    def _object(self, row: Row, file: Enterprise) -> RiskObject:
        named = {"object_name": "name", "object_kind": "kind", "department": "department", "head": "head"}
        said = self._said(row, named)
        if row.values.get("place"):
            said["place"] = self._place(file, row.values["place"])
        key = (file.pk, row.values["object_code"])
        if (known := self._objects.get(key)) is None:
            known = services.enter_object(
                actor=self.actor, file=file, known={"code": key[1], "place": None, **said}, now=self.now
            )
        else:
            services.change_object(actor=self.actor, row=known, version=known.version, changes=said, now=self.now)
        self._objects[key] = known
        return known

    def _unit(self, row: Row, parent: RiskObject, file: Enterprise) -> RiskUnit:
        said = self._said(row, {"unit_name": "name"})
        if row.values.get("post"):
            said["post"] = self._post(file, row.values["post"])
        key = (parent.pk, row.values["unit_code"])
        if (known := self._units.get(key)) is None:
            known = services.enter_unit(actor=self.actor, parent=parent, known={"code": key[1], **said}, now=self.now)
        else:
            services.change_unit(actor=self.actor, row=known, version=known.version, changes=said, now=self.now)
        self._units[key] = known
        return known

    def _event(self, row: Row, unit: RiskUnit) -> RiskEvent:
        said = self._said(row, {"layer": "layer"})
        key = (unit.pk, row.values["event"])
        if (known := self._events.get(key)) is None:
            known = services.enter_event(actor=self.actor, unit=unit, known={"name": key[1], **said}, now=self.now)
        else:
            services.change_event(actor=self.actor, row=known, version=known.version, changes=said, now=self.now)
        self._events[key] = known
        return known

    def _assess(self, row: Row, event: RiskEvent) -> None:
        """Assess by the factors of the line, unless the newest assessment of the stage has just these."""
        stands = queries.factors_of(event)
        for stage, (likelihood, severity) in _FACTORS.items():
            factors = (row.values.get(likelihood), row.values.get(severity))
            if None in factors or factors == (stands[likelihood], stands[severity]):
                continue
            assessing.assess(
                actor=self.actor, event=event, stage=stage.value, method="LS",
                values={"likelihood": factors[0], "severity": factors[1]}, facts={}, assessed_by=self.actor.name,
                day=Calendar().local_date(self.now), text=_("导入"), now=self.now,
            )  # fmt: skip

    def remove(self, row: Row) -> None:
        measure = get_measure(actor=self.actor, measure_id=uuid.UUID(row.saved_id))
        withdraw_measure(actor=self.actor, row=measure, now=self.now)


class OwnRiskImport(RiskImport):
    """The same for the enterprise that is signed in, whose sheet does not name it."""

    is_own = True


_HINT = gettext_lazy("每行一条管控措施，写明它所属的对象、单元和风险事件；同一对象、单元、事件在各行重复填写即可。")
RISKS = Register(
    code="risk.list",
    title=gettext_lazy("风险分级管控清单"),
    duty=ENTER,
    session=RiskImport,
    hint=_HINT,
    rows_at="risk:events",
    order=60,
)
OWN_RISKS = Register(
    code="risk.own_list",
    title=gettext_lazy("本单位风险分级管控清单"),
    duty=KEEP,
    session=OwnRiskImport,
    hint=_HINT,
    rows_at="risk:events",
    order=61,
)
