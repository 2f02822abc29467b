"""Pages of units with their calculation, of facilities, of what they hold."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.forms import facilities as forms
from quancheng.domains.registry.kinds import Basis
from quancheng.domains.registry.models import Assessment, Facility, Holding, Unit
from quancheng.domains.registry.queries import enterprises as queries
from quancheng.domains.registry.queries.warehouses import WAREHOUSES
from quancheng.domains.registry.services import facilities as services
from quancheng.domains.registry.services import stock
from quancheng.domains.registry.services.enterprises import may_keep
from quancheng.domains.registry.views import storage, words
from quancheng.domains.registry.views.checks import laboratory_action
from quancheng.domains.registry.views.keeping import FilePage, KeeperPage
from quancheng.domains.registry.views.storage_places import PlacePart
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of


class NewUnit(FilePage):
    title = gettext_lazy("增加单元")
    lead = gettext_lazy("储罐区以防火堤为界、仓库以独立库房为界、生产装置以切断阀为界，一个单元一条记录。")
    form = forms.UnitForm
    button = gettext_lazy("保存")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        unit = services.enter_unit(actor=actor, file=self.file, known=given, now=now)
        return reverse("registry:unit", args=[unit.pk])


class NewFacility(KeeperPage):
    title = gettext_lazy("增加设施")
    form = forms.FacilityForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.unit = queries.get_unit(actor=actor, unit_id=kwargs["pk"])
        self.allow(actor, self.unit.file)

    def back_url(self) -> str:
        return reverse("registry:unit", args=[self.unit.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        facility = services.enter_facility(actor=actor, unit=self.unit, known=given, now=now)
        return reverse("registry:facility", args=[facility.pk])


class NewHolding(KeeperPage):
    title = gettext_lazy("登记存量")
    lead = gettext_lazy("写明单位：t、kg、g、m³、L。设计最大量决定法定等级，实际存量用于预警。")
    form = forms.HoldingForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.facility = queries.get_facility(actor=actor, facility_id=kwargs["pk"])
        self.allow(actor, self.facility.unit.file)

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.HoldingForm(*args, place=self.facility, **kwargs)

    def back_url(self) -> str:
        return reverse("registry:facility", args=[self.facility.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        stock.hold(actor=actor, facility=self.facility, spec=spec_of(given), now=now)
        return reverse("registry:facility", args=[self.facility.pk])


def spec_of(given: Mapping[str, Any]) -> stock.HoldingSpec:
    """What was typed of a holding; the form has turned quantities into tonnes."""
    percent = given.get("concentration")
    return stock.HoldingSpec(
        chemical=given["chemical"], product=given.get("product", ""), hazard_classes=given["hazard_classes"],
        concentration=None if percent is None else percent / 100, density=given.get("density"),
        licensed_t=given.get("licensed"), design_t=given.get("design"), present_t=given.get("present"),
    )  # fmt: skip


class UnitPage(ObjectPage[Unit]):
    """One unit: what is in it, and its grade as a person would calculate it."""

    template = "registry/object.html"

    def get_row(self, actor: Actor, **kwargs: Any) -> Unit:
        return queries.get_unit(actor=actor, unit_id=kwargs["pk"])

    def head(self, row: Unit, actor: Actor) -> ObjectHead:
        shown = [marks.badge(words.hazard(row.legal_grade), "active")] if row.legal_grade else []
        return ObjectHead(title=row.name, code=row.code, subtitle=row.get_kind_display(), marks=shown)

    def facts(self, row: Unit, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        systems = (("video", _("视频监控")), ("gas_detection", _("气体检测")), ("shut_off", _("紧急切断")),
                   ("platform", _("智能化管控平台")))  # fmt: skip
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("划分依据"), value=" ".join(filter(None, (row.get_boundary_display(), row.boundary_note))),
                 filled_by=own),
            Fact(label=_("法定等级"), value=words.graded(row.legal_grade, row.legal_s, row.legal_r)),
            Fact(label=_("现状等级"), value=words.graded(row.present_grade, row.present_s, row.present_r)),
            *([Fact(label=_("不适用情形"), value=f"{row.get_exclusion_display()}：{row.exclusion_reason}", wide=True)]
              if row.exclusion else []),
            *(Fact(label=label, value=getattr(row, f"get_{name}_display")(), filled_by=own)
              for name, label in systems if row.kind == "storage"),
            *_place(row, actor).facts(),
        ]  # fmt: skip

    def tabs(self, row: Unit, actor: Actor) -> Sequence[Tab]:
        facilities = queries.facilities_of(row)
        holdings = list(queries.holdings_of(row.file).filter(facility__unit=row))
        past = list(queries.assessments_of(row)[:100])
        return [
            Tab(name="legal", label=_("法定计算"), template="registry/_assessment.html",
                context=lambda: calculation(queries.newest_assessment(row, Basis.LEGAL))),
            Tab(name="present", label=_("现状计算"), template="registry/_assessment.html",
                context=lambda: calculation(queries.newest_assessment(row, Basis.PRESENT))),
            Tab(name="facilities", label=_("设施"), count=len(facilities), template="registry/_facilities.html",
                context=lambda: {"facilities": facilities}),
            Tab(name="stock", label=_("存量"), count=len(holdings), template="registry/_holdings.html",
                context=lambda: {"holdings": holdings, "with_place": True}),
            Tab(name="past", label=_("历次计算"), count=len(past), template="registry/_past.html",
                context=lambda: {"past": past}),
        ]  # fmt: skip

    def actions(self, row: Unit, actor: Actor) -> Sequence[Action]:
        place = _place(row, actor).actions()
        if not may_keep(actor, row.file):
            return place
        return [
            Action(name="facility", label=_("增加设施"), url=reverse("registry:facility_new", args=[row.pk]),
                   primary=True),
            Action(name="change", label=_("修改单元"), asks=True),
            *place,
        ]  # fmt: skip

    def form_for(
        self, action: Action, row: Unit, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        of_place = _place(row, actor).form(action.name, data, files)
        if of_place is not None:
            return of_place
        return forms.UnitForm(data, initial={name: getattr(row, name) for name in services.UNIT_FIELDS})

    def perform(
        self, *, actor: Actor, row: Unit, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "change":
            _place(row, actor).perform(name, given, now)
            return
        services.change_unit(actor=actor, unit=row, changes=given, now=now)


def _place(row: Unit, actor: Actor) -> PlacePart:
    """Read once for a request: the row lives no longer."""
    if not hasattr(row, "place_part"):
        row.place_part = PlacePart(row, actor)  # type: ignore[attr-defined]
    found: PlacePart = row.place_part  # type: ignore[attr-defined]
    return found


class FacilityPage(ObjectPage[Facility]):
    """One facility: its design, its protections, what it holds."""

    template = "registry/object.html"

    def get_row(self, actor: Actor, **kwargs: Any) -> Facility:
        return queries.get_facility(actor=actor, facility_id=kwargs["pk"])

    def head(self, row: Facility, actor: Actor) -> ObjectHead:
        shown = [marks.badge(_("已退役"), "quiet")] if row.decommissioned_date else []
        return ObjectHead(title=row.name, code=row.code, subtitle=row.get_kind_display(), marks=shown)

    def facts(self, row: Facility, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        unit = format_html('<a href="{}">{}</a>', reverse("registry:unit", args=[row.unit_id]), row.unit.name)
        shown = [
            Fact(label=_("企业"), value=link_to(row.unit.file)),
            Fact(label=_("所属单元"), value=unit),
            Fact(label=_("容积（立方米）"), value=row.volume_m3),
            Fact(label=_("最大充装系数"), value=row.max_fill),
            Fact(label=_("操作压力（兆帕）"), value=row.pressure_mpa),
            Fact(label=_("操作温度（摄氏度）"), value=row.temp_c),
            Fact(label=_("消防核定储存量（吨）"), value=queries.shown(row.fire_limit_t),
                 filled_by=own if row.kind == "bay" else ""),
            Fact(label=_("投用日期"), value=row.commissioned_date, filled_by=own),
            Fact(label=_("设计情况"), filled_by=own,
                 value=" ".join(filter(None, (row.get_design_display(), row.design_body)))),
            Fact(label=_("重点监管工艺"), value=words.processes(row.processes)),
        ]  # fmt: skip
        for name in ("alarm", "shut_off", "earthing", "inerting", "dcs", "esd", "sis"):
            label = Facility._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            shown.append(Fact(label=label, value=getattr(row, f"get_{name}_display")(), filled_by=own))
        if row.kind in WAREHOUSES and row.decommissioned_date is None:
            url = reverse("registry:warehouse", args=[row.pk])
            shown.append(Fact(label=_("仓库台账"), value=format_html('<a href="{}">{}</a>', url, _("打开台账"))))
        if row.seepage:
            tested = "" if row.seepage_date is None else row.seepage_date.isoformat()
            shown.append(Fact(label=_("防渗情况"), value=" ".join(filter(None, (row.get_seepage_display(), tested)))))
        if row.decommissioned_date:
            record = f"{row.decommissioned_date.isoformat()} {row.decommission_record}"
            shown.append(Fact(label=_("退役记录"), value=record, wide=True))
        return shown

    def tabs(self, row: Facility, actor: Actor) -> Sequence[Tab]:
        holdings = list(queries.holdings_of(row.unit.file).filter(facility=row))
        stock = Tab(name="stock", label=_("存量"), count=len(holdings), template="registry/_holdings.html",
                    context=lambda: {"holdings": holdings})  # fmt: skip
        return [stock, storage.tab(row, holdings)]

    def actions(self, row: Facility, actor: Actor) -> Sequence[Action]:
        if row.decommissioned_date or not may_keep(actor, row.unit.file):
            return ()
        return [
            *laboratory_action(row),
            Action(name="hold", label=_("登记存量"), url=reverse("registry:holding_new", args=[row.pk]), primary=True),
            Action(name="change", label=_("修改设施"), asks=True),
            Action(name="decommission", label=_("登记退役"), asks=True),
        ]

    def form_for(
        self, action: Action, row: Facility, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "decommission":
            return forms.DecommissionForm(data)
        return forms.FacilityForm(data, initial={name: getattr(row, name) for name in services.FACILITY_FIELDS})

    def perform(
        self, *, actor: Actor, row: Facility, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "change":
            services.change_facility(actor=actor, facility=row, changes=given, now=now)
        elif name == "decommission":
            services.decommission(actor=actor, facility=row, on=given["on"], record=given["record"], now=now)
        else:
            raise NotFound


class HoldingPage(ObjectPage[Holding]):
    """One chemical in one facility, with every movement of it."""

    template = "registry/object.html"

    def get_row(self, actor: Actor, **kwargs: Any) -> Holding:
        return queries.get_holding(actor=actor, holding_id=kwargs["pk"])

    def head(self, row: Holding, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.product or row.chemical.name, code=row.chemical.cas, subtitle=row.facility.name)

    def facts(self, row: Holding, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        place = format_html('<a href="{}">{}</a>', reverse("registry:facility", args=[row.facility_id]), row.facility)
        what = format_html('<a href="{}">{}</a>', reverse("registry:chemical", args=[row.chemical_id]), row.chemical)
        percent = "" if row.concentration is None else f"{(row.concentration * 100).normalize():f}%"
        when = words.stamp(row.present_at, row.present_by)
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("设施"), value=place),
            Fact(label=_("化学品"), value=what),
            Fact(label=_("含量（%）"), value=percent),
            Fact(label=_("许可量（吨）"), value=queries.shown(row.licensed_t), filled_by=own),
            Fact(label=_("设计最大量（吨）"), value=queries.shown(row.design_t), filled_by=own),
            Fact(label=_("实际存量（吨）"), value=queries.shown(row.present_t), filled_by=own),
            Fact(label=_("存量时间"), value=when),
        ]

    def tabs(self, row: Holding, actor: Actor) -> Sequence[Tab]:
        moved = list(row.movements.order_by("-at", "-pk")[:200])
        return [Tab(name="movements", label=_("出入库、盘点"), count=len(moved), template="registry/_movements.html",
                    context=lambda: {"movements": moved})]  # fmt: skip

    def actions(self, row: Holding, actor: Actor) -> Sequence[Action]:
        if row.ended_date or not may_keep(actor, row.file):
            return ()
        return [
            Action(name="move", label=_("登记出入库、盘点"), asks=True, primary=True),
            Action(name="change", label=_("修改许可量、设计量"), asks=True),
            Action(name="end", label=_("停止储存"), confirm=_("该设施不再储存此化学品，确定吗？")),
        ]

    def form_for(
        self, action: Action, row: Holding, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "move": lambda: forms.MovementForm(data, holding=row),
            "change": lambda: words.versioned(forms.HoldingChangeForm, data, forms.known_of(row), row.version),
        }
        return makers[action.name]() if action.name in makers else super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Holding, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "move":
            stock.move_stock(
                actor=actor, holding=row, kind=given["kind"], quantity_t=given["quantity"], at=given["at"],
                remark=given["remark"], now=now, client_id=client_id,
            )  # fmt: skip
        elif name == "change":
            spec = spec_of(given)
            stock.change_holding(actor=actor, holding=row, version=given["version"], spec=spec, now=now)
        elif name == "end":
            stock.end_holding(actor=actor, holding=row, now=now)
        else:
            raise NotFound


class AssessmentPage(View):
    """One calculation as it was made, to be read and printed (计算书)."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        made = queries.get_assessment(actor=actor_of(request), assessment_id=pk)
        return render(request, "registry/assessment.html", {"unit": made.unit, **calculation(made)})


def calculation(made: Assessment | None) -> dict[str, Any]:
    """A calculation for its template: terms, sums and doubts in the reader's language."""
    if made is None:
        return {"made": None}
    terms = [
        {**one, "clause": words.in_language(one["clause"]), "why": words.in_language(one["why"])}
        for one in made.steps if "sums" not in one
    ]  # fmt: skip
    sums: Any = next((words.in_language(one["sums"]) for one in made.steps if "sums" in one), [])
    return {
        "made": made, "terms": terms, "sums": sums, "doubts": [words.in_language(one) for one in made.doubts],
        "grade": words.hazard(made.grade), "because": words.act(made.because),
    }  # fmt: skip
