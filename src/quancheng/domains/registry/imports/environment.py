"""From spreadsheets: environmental risk assessments of enterprises, and chemicals on environmental lists."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.imports.cells import Files, chemical_of, file_column, texts_of
from quancheng.domains.registry.kinds import NewSubstance, RiskGrade
from quancheng.domains.registry.models import ChemicalEnvironment, EnvironmentRecord, Unit
from quancheng.domains.registry.queries import environment as queries
from quancheng.domains.registry.queries import importing
from quancheng.domains.registry.services import environment as services
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean

_TEXTS = ("institute", "grade", "plan_no", "registration_no", "remark")


class EnvironmentImport(Session):
    """One assessment a line, found by enterprise and code of unit; without a code it is the whole enterprise's."""

    keys = ("file", "unit")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._units: dict[tuple[uuid.UUID, str], Unit] = {}
        self._standing_rows: dict[str, EnvironmentRecord] = {}

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        def text(key: str, heading: Any, limit: int, **more: Any) -> SheetColumn:
            return SheetColumn(key, heading, max_length=limit, parse=clean, keeps_empty=True, **more)

        def day(key: str, heading: Any) -> SheetColumn:
            return SheetColumn(key, heading, kind="date", keeps_empty=True)

        return [
            file_column(Files(self.actor), required=True),
            SheetColumn("unit", gettext_lazy("单元"), max_length=20, parse=clean,
                        help=gettext_lazy("单元编号；不填表示整个企业")),
            day("identified_date", gettext_lazy("环境危害识别日期")),
            day("assessed_date", gettext_lazy("环境风险评估日期")),
            text("institute", gettext_lazy("评估单位"), 120, sample="示例环境科技有限公司"),
            choice_column("grade", gettext_lazy("环境风险等级"), RiskGrade.choices, sample="一般环境风险"),
            text("plan_no", gettext_lazy("突发环境事件应急预案备案编号"), 60),
            day("plan_date", gettext_lazy("预案备案日期")),
            day("review_date", gettext_lazy("下次复核日期")),
            text("registration_no", gettext_lazy("环境管理登记编号"), 60),
            day("registration_until", gettext_lazy("环境管理登记有效期至")),
            text("remark", gettext_lazy("备注"), 500),
            *(SheetColumn(key, heading, is_read=False) for key, heading in (
                ("state", gettext_lazy("状态")), ("verified_at", gettext_lazy("核验时间")),
                ("area", gettext_lazy("所在镇街")),
            )),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        files = {row.values["file"].pk for row in rows if row.values.get("file") is not None}
        codes = {row.values.get("unit") or "" for row in rows} - {""}
        self._units = dict(importing.places_of(files=files, unit_codes=codes).units)
        found = {}
        for one in queries.records_of_files(actor=self.actor, files=files):
            told = self._standing(one)
            found[self.key_of(told.texts)] = told
            self._standing_rows[told.id] = one
        return found

    def _standing(self, row: EnvironmentRecord) -> Standing:
        values: dict[str, Any] = {name: getattr(row, name) for name in services.RECORD_FIELDS}
        values |= {"file": row.file, "unit": row.unit.code if row.unit else ""}
        return Standing(str(row.pk), texts_of(self._columns, values), str(row.version))

    def check(self, row: Row) -> Iterable[Fault]:
        file, code = row.values["file"], row.values.get("unit") or ""
        if code and (file.pk, code) not in self._units:
            yield Fault("unit", _("该企业没有编号为“%(code)s”的单元。") % {"code": code})
        before = self._standing_rows.get(row.before.id) if row.before is not None else None
        if before is not None and not row.changes:
            return
        for name, said in services.record_faults(self._known(row), before, now=self.now).items():
            yield Fault(name, said)

    def _known(self, row: Row) -> dict[str, Any]:
        known = {name: row.values.get(name) for name in services.RECORD_FIELDS}
        known |= {name: known[name] or "" for name in _TEXTS}
        # What the sheet leaves open stands as it is.
        return {name: value for name, value in known.items() if row.before is None or name in row.given}

    def save(self, row: Row) -> str:
        if row.before is None:
            file, code = row.values["file"], row.values.get("unit") or ""
            unit = self._units[(file.pk, code)] if code else None
            made = services.enter_environment(
                actor=self.actor, file=file, unit=unit, known=self._known(row), now=self.now
            )
            return str(made.pk)
        record = queries.get_record(actor=self.actor, record_id=uuid.UUID(row.before.id))
        services.change_environment(
            actor=self.actor, record=record, version=record.version, changes=self._known(row), now=self.now
        )
        return row.before.id

    def remove(self, row: Row) -> None:
        record = queries.get_record(actor=self.actor, record_id=uuid.UUID(row.saved_id))
        services.remove_environment(actor=self.actor, record=record, now=self.now)


class ChemicalEnvironmentImport(Session):
    """One chemical a line, as a published list or a registration names it."""

    keys = ("chemical",)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._chemicals = importing.Chemicals()
        self._standing_rows: dict[str, ChemicalEnvironment] = {}

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        yes_no = [("yes", gettext_lazy("是")), ("no", gettext_lazy("否"))]
        return [
            SheetColumn("chemical", gettext_lazy("化学品名称"), required=True, max_length=200, width=30,
                        parse=lambda text: chemical_of(self._chemicals, text), text=lambda one: one.name,
                        aliases=("CAS", "CAS号", "名称"), sample="71-43-2",
                        help=gettext_lazy("目录中的名称或CAS号")),
            choice_column("is_key", gettext_lazy("重点环境管理危险化学品"), yes_no, sample="是"),
            choice_column("is_new_pollutant", gettext_lazy("重点管控新污染物"), yes_no),
            choice_column("new_substance", gettext_lazy("新化学物质登记类别"), NewSubstance.choices),
            SheetColumn("new_substance_no", gettext_lazy("新化学物质登记（备案）号"), max_length=60, parse=clean),
            SheetColumn("source", gettext_lazy("依据"), required=True, max_length=200, parse=clean, width=32,
                        sample="示例名录（2026年）"),
            choice_column("mark", gettext_lazy("可信程度"), (("V", "V"), ("G", "G"), ("D", "D")), sample="V"),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        chemicals = {one.pk: one for row in rows if (one := row.values.get("chemical")) is not None}
        found = {}
        for pk, said in queries.environments_of(chemicals).items():
            values: dict[str, Any] = {name: getattr(said, name) for name in services.CHEMICAL_FIELDS}
            values |= {name: "yes" if values[name] else "no" for name in ("is_key", "is_new_pollutant")}
            values["chemical"] = chemicals[pk]
            told = Standing(str(pk), texts_of(self._columns, values), str(said.version))
            found[self.key_of(told.texts)] = told
            self._standing_rows[told.id] = said
        return found

    def check(self, row: Row) -> Iterable[Fault]:
        before = self._standing_rows.get(row.before.id) if row.before is not None else None
        for name, said in services.chemical_faults(self._known(row), before).items():
            yield Fault(name, said)

    def _known(self, row: Row) -> dict[str, Any]:
        known: dict[str, Any] = {name: row.values.get(name) or "" for name in services.CHEMICAL_FIELDS}
        known |= {name: known[name] == "yes" for name in ("is_key", "is_new_pollutant")}
        known["mark"] = known["mark"] or "D"
        return {name: value for name, value in known.items() if row.before is None or name in row.given}

    def save(self, row: Row) -> str:
        chemical = row.values["chemical"]
        before = queries.environments_of([chemical.pk]).get(chemical.pk)
        services.set_chemical_environment(
            actor=self.actor, chemical=chemical, version=before.version if before else 0, known=self._known(row),
            now=self.now,
        )  # fmt: skip
        return str(chemical.pk)

    def remove(self, row: Row) -> None:
        services.remove_chemical_environment(actor=self.actor, chemical_id=uuid.UUID(row.saved_id), now=self.now)


ENVIRONMENTS = Register(
    code="registry.environments",
    title=gettext_lazy("环境风险评估"),
    duty=services.JUDGE,
    session=EnvironmentImport,
    hint=gettext_lazy("每行一家企业（或一个单元）的环境风险评估，按企业和单元编号识别。"),
    rows_at="registry:environments",
    order=51,
)
CHEMICAL_ENVIRONMENTS = Register(
    code="registry.chemical_environments",
    title=gettext_lazy("化学品环境管理属性"),
    duty=services.CHEMICALS,
    session=ChemicalEnvironmentImport,
    hint=gettext_lazy("每行一种化学品；名录公布后可整表导入。"),
    rows_at="registry:chemicals",
    most_rows=5000,
    order=45,
)
