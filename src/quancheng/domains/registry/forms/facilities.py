"""What people type about units, facilities and what they hold."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.forms.base import ListField, codes, form_of
from quancheng.domains.registry.forms.storage import WarningForm
from quancheng.domains.registry.models import Chemical, Facility, Holding, Unit
from quancheng.domains.registry.models.stock import MovementKind
from quancheng.domains.registry.quantities import in_tonnes, tonnes
from quancheng.domains.registry.queries import storage
from quancheng.domains.registry.queries.chemicals import find_chemical
from quancheng.domains.registry.services.chemicals import class_fault
from quancheng.domains.registry.services.facilities import FACILITY_FIELDS, NO_PROCESS, UNIT_FIELDS
from quancheng.kernel.errors import DomainError
from quancheng.kernel.pages import fields
from quancheng.standards.lists import key_processes


def _process_choices() -> list[tuple[str, str]]:
    language = translation.get_language() or "zh"
    named = [(one.code, f"{one.code} {one.name.in_language(language)}") for one in key_processes().values()]
    return [*named, (NO_PROCESS, gettext("不涉及重点监管工艺"))]


UnitForm = form_of("UnitForm", Unit, UNIT_FIELDS)
FacilityForm = form_of(
    "FacilityForm", Facility, FACILITY_FIELDS, processes=codes(_("重点监管工艺"), _process_choices)
)  # fmt: skip


class DecommissionForm(forms.Form):
    on = fields.day(_("退役日期"))
    record = fields.words(
        _("退役记录"), limit=300, help_text=_("编号、断开和盲板、清洗置换情况。有此记录，法定等级才可能降低。")
    )


class QuantityField(forms.CharField):
    """A quantity with its unit; the form turns it into tonnes, since a volume needs a density."""

    def __init__(self, label: Any, *, required: bool = False, help_text: Any = "") -> None:
        super().__init__(
            label=label, required=required, max_length=40, help_text=help_text,
            widget=forms.TextInput(attrs={"placeholder": _("例如 25.2 t、800 kg、30 m³")}),
            error_messages={"required": _("请填写数量和单位，例如 25.2 t、800 kg、30 m³。")},
        )  # fmt: skip


def _in_tonnes(form: forms.Form, given: dict[str, Any], density: Decimal | None, *names: str) -> None:
    for name in names:
        text = (given.get(name) or "").strip()
        if not text:
            given[name] = None
            continue
        try:
            given[name] = tonnes(text, density=density, field=name)
        except DomainError as refused:
            form.add_error(name, str(refused.fields[name]))


class HoldingForm(WarningForm):
    """One chemical in a facility: what it is, and how much of it is licensed, designed for and there."""

    chemical = fields.words(_("化学品"), help_text=_("名称、别名或CAS号，与化学品目录一致。"))
    product = fields.words(_("商品名称"), required=False, limit=120)
    concentration = forms.DecimalField(
        label=_("含量（%）"), required=False, min_value=0, max_value=100, help_text=_("混合物填主要成分的质量百分数。")
    )
    hazard_classes = ListField(
        label=_("混合物危险性类别"), help_text=_("每行一个，例如 易燃液体,类别2；与纯品相同的不填。")
    )
    density = forms.DecimalField(
        label=_("密度（吨/立方米）"), required=False, min_value=0, max_digits=9, decimal_places=3
    )
    licensed = QuantityField(_("许可量"))
    design = QuantityField(_("设计最大量"), help_text=_("不填时按容积、充装系数和密度计算。"))
    present = QuantityField(_("实际存量"), help_text=_("以后的变化在存量页面登记出入库或盘点。"))

    def __init__(self, *args: Any, place: Facility | None = None, **kwargs: Any) -> None:
        """:param place: into which it is entered, so that what may not lie beside it is told."""
        super().__init__(*args, **kwargs)
        self.place = place

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        chemical = find_chemical(given.get("chemical") or "")
        if given.get("chemical") and chemical is None:
            self.add_error("chemical", gettext("化学品目录中没有（或不止一个）“%(text)s”，请写CAS号或全称。") % {
                "text": given["chemical"]
            })  # fmt: skip
        if (classes := given.get("hazard_classes")) and (told := class_fault(classes)) is not None:
            self.add_error("hazard_classes", str(told))
        density = given.get("density") or (chemical.density if chemical else None)
        _in_tonnes(self, given, density, *(name for name in ("licensed", "design", "present") if name in self.fields))
        given["chemical"] = chemical
        if self.place is not None and chemical is not None and not self.errors:
            stock = storage.Stock(
                self.place, chemical, given.get("product") or "", tuple(given["hazard_classes"] or ()),
                given.get("density"), given.get("licensed"), given.get("design"), given.get("present"),
            )  # fmt: skip
            self.warn(storage.warnings_for(self.place, stock, storage.held_in(self.place)))
        return given


class HoldingChangeForm(HoldingForm):
    """What is licensed and designed; the chemical stays, and the present quantity is moved elsewhere."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chemical"].widget.attrs["readonly"] = True
        del self.fields["product"], self.fields["present"]


def known_of(row: Holding) -> dict[str, Any]:
    """A holding as its form shows it."""
    return {
        "chemical": row.chemical.cas or row.chemical.name, "density": row.density,
        "licensed": in_tonnes(row.licensed_t),
        "concentration": None if row.concentration is None else row.concentration * 100,
        "hazard_classes": row.hazard_classes, "design": in_tonnes(row.design_t),
    }  # fmt: skip


class MovementForm(WarningForm):
    """Goods in, goods out, or a count."""

    kind = fields.choice(_("变动类别"), MovementKind.choices)
    quantity = QuantityField(_("数量"), required=True, help_text=_("盘点填写盘得的数量。"))
    at = fields.moment(_("发生时间"))
    remark = fields.words(_("说明"), required=False)

    def __init__(self, *args: Any, holding: Holding, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.holding = holding
        self.density = holding.density or holding.chemical.density
        self.fields["at"].initial = timezone.localtime().replace(second=0, microsecond=0)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("quantity"):
            _in_tonnes(self, given, self.density, "quantity")
        if given.get("quantity") is not None and given.get("kind") in (MovementKind.IN, MovementKind.COUNT):
            self.warn(self._faults_after(given["kind"], given["quantity"]))
        return given

    def _faults_after(self, kind: str, quantity: Decimal) -> list[storage.Fault]:
        """What would be stored wrongly with so much of it."""
        row, place = self.holding, self.holding.facility
        stands = row.present_t or Decimal(0)
        stock = replace(storage.stock_of(row), present_t=quantity if kind == MovementKind.COUNT else stands + quantity)
        return storage.warnings_for(place, stock, storage.held_in(place))


ChemicalForm = form_of(
    "ChemicalForm",
    Chemical,
    [
        "name", "aliases", "english", "cas", "un_no", "catalogue_no", "state", "hazard_classes", "gb18218_item",
        "boiling_point_c", "flash_point_c", "autoignition_c", "density", "lower_limit", "upper_limit", "molar_mass",
        "twa_mg_m3", "stel_mg_m3", "ceiling_mg_m3", "ld50_oral", "ld50_dermal", "lc50_inhaled", "data_source",
    ],
    aliases=ListField(label=_("别名"), help_text=_("每行一个。")),
    hazard_classes=ListField(label=_("危险性类别"), help_text=_("每行一个，例如 易燃液体,类别2。")),
)  # fmt: skip
