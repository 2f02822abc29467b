"""Defects that a design diagnosis found (设计诊断问题) from a spreadsheet: one line a defect, each a hidden danger."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.forms.findings import codes
from quancheng.domains.hazards.loops.finding import NOT_COUNTED
from quancheng.domains.hazards.models import DesignDiagnosis, DiagnosisKind, Finding
from quancheng.domains.hazards.queries import design_diagnoses as queries
from quancheng.domains.hazards.queries.findings import get_finding
from quancheng.domains.hazards.services import design_diagnoses as services
from quancheng.domains.hazards.services.judging import is_criterion
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, GivenForm, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean

#: Diagnoses offered; who has more begins from the page of one.
_MOST = 500


class DiagnosisForm(GivenForm):
    """Which diagnosis found them."""

    diagnosis = forms.ChoiceField(
        label=gettext_lazy("诊断"), error_messages={"required": gettext_lazy("请选择诊断。")}
    )  # fmt: skip

    def prepare(self) -> None:
        rows = queries.list_diagnoses(actor=self.actor).filter(kind=DiagnosisKind.DIAGNOSIS)
        named = [
            (str(one.pk), f"{one.file.enterprise.name if one.file.enterprise else ''} {one.year} {one.report_number}")
            for one in rows[:_MOST]
        ]
        field = self.fields["diagnosis"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", "—"), *named]


class DefectImport(Session):
    """One defect a line, known by its name within the diagnosis."""

    keys = ("name",)

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        return [
            SheetColumn("name", gettext_lazy("问题"), required=True, max_length=300, parse=clean, width=40,
                        sample="反应釜未设置紧急切断"),
            SheetColumn("description", gettext_lazy("诊断意见和整改建议"), max_length=4000, width=60,
                        aliases=("整改建议", "建议")),
            SheetColumn("place", gettext_lazy("部位"), max_length=200, parse=clean),
            choice_column("type", gettext_lazy("隐患类型"), codes("type")),
            choice_column("level", gettext_lazy("隐患等级"), (("major", _("重大")), ("general", _("一般")))),
            SheetColumn("criterion", gettext_lazy("判定标准"), max_length=12, parse=clean, sample="CH-10",
                        help=gettext_lazy("符合重大隐患判定标准的，写明编号")),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    @cached_property
    def _row(self) -> DesignDiagnosis:
        return queries.get_diagnosis(actor=self.actor, diagnosis_id=uuid.UUID(str(self.given["diagnosis"])))

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        names = {row.key[0] for row in rows}
        known = [one for one in queries.defects_of(self._row, actor=self.actor) if one.name in names]
        return {(one.name,): self._standing(one) for one in known if one.status not in NOT_COUNTED}

    def _standing(self, one: Finding) -> Standing:
        values = {
            "name": one.name, "description": one.description, "place": one.place, "type": one.type,
            "level": "major" if one.is_major else "general", "criterion": one.criterion,
        }  # fmt: skip
        return Standing(str(one.pk), {each.key: each.text_of(values[each.key]) for each in self._columns}, one.status)

    def check(self, row: Row) -> Iterable[Fault]:
        code = row.values["criterion"]
        if not services.may_keep(self.actor, self._row.file):
            yield Fault("name", _("只能为本单位或所监管的企业登记。"))
        if code and not is_criterion(code, Calendar().start_of(self._row.dated)):
            yield Fault("criterion", _("没有这条判定标准，或发现当日尚未施行、已经失效。"))
        if code and row.values["level"] == "general":
            yield Fault("level", _("符合判定标准的是重大隐患。"))
        for key in row.changes:
            yield Fault(key, _("已登记的问题按隐患流程办理，不能由导入修改。"))

    def save(self, row: Row) -> str:
        values = row.values
        spec = services.DefectSpec(
            name=values["name"], description=values["description"] or "", place=values["place"] or "",
            type=values["type"] or "other", is_major=values["level"] == "major", criterion=values["criterion"] or "",
        )  # fmt: skip
        return str(services.add_defect(actor=self.actor, row=self._row, spec=spec, now=self.now).pk)

    def remove(self, row: Row) -> None:
        finding = get_finding(actor=self.actor, finding_id=uuid.UUID(row.saved_id))
        services.take_back_defect(actor=self.actor, finding=finding, now=self.now)


DEFECTS = Register(
    code="hazards.design_defects",
    title=gettext_lazy("设计诊断发现的问题"),
    duty=services.KEEP,
    session=DefectImport,
    form=DiagnosisForm,
    hint=gettext_lazy("每行一个问题，登记为所选诊断的隐患，按隐患治理流程销号。"),
    rows_at="hazards:design_diagnoses",
    order=68,
)
