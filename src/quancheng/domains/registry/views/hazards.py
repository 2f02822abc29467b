"""Pages of the files of major hazards, and of the office's looks at them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.forms import Form
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.forms import hazards as forms
from quancheng.domains.registry.loops.major_hazard import MAJOR_HAZARD
from quancheng.domains.registry.models import HazardCheck, MajorHazard
from quancheng.domains.registry.queries import hazards as queries
from quancheng.domains.registry.queries.enterprises import shown
from quancheng.domains.registry.services import hazards as services
from quancheng.domains.registry.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Fact, ObjectHead, ObjectPage, Tab

_GRADES = (("1", gettext_lazy("一级")), ("2", gettext_lazy("二级")), ("3", gettext_lazy("三级")),
           ("4", gettext_lazy("四级")))  # fmt: skip


class HazardList(ListPage):
    """Major hazards (重大危险源)."""

    code = "registry.hazards"
    title = gettext_lazy("重大危险源")
    columns = (
        Column("code", gettext_lazy("编号"), sort="code"),
        Column("unit", gettext_lazy("单元"), value=lambda row: row.unit.name, link=True, sort="unit__name",
               card="title", width="wide"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name,
               sort="enterprise__pinyin", card="meta", width="wide"),
        Column("grade", gettext_lazy("等级"), value=lambda row: words.hazard(row.grade), sort="grade", card="meta"),
        Column("r", "R", value=lambda row: shown(row.r), numeric=True, sort="r"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active")),
        Column("due_date", gettext_lazy("备案时限"), sort="due_date"),
        Column("number", gettext_lazy("备案编号"), sort="number"),
        Column("reassess_date", gettext_lazy("下次评估日期"), sort="reassess_date"),
        Column("supervisor", gettext_lazy("监管牵头部门"), value=lambda row: row.supervisor.label, shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("编号、单元、企业"), pinned=True,
               fields=("code", "unit__name", "enterprise__name", "number")),
        Choice(name="grade", label=gettext_lazy("等级"), choices=_GRADES, field="grade", multiple=True, pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=MAJOR_HAZARD.choices, field="status", multiple=True,
               pinned=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有重大危险源")

    def queryset(self, actor: Actor) -> QuerySet[MajorHazard]:
        return queries.list_hazards(actor=actor)

    def url_of(self, row: MajorHazard) -> str:
        return reverse("registry:hazard", args=[row.pk])


class HazardPage(ObjectPage[MajorHazard]):
    """The file of one major hazard: filing, number, reassessment, removal."""

    template = "registry/object.html"
    back = (gettext_lazy("重大危险源"), lambda: reverse("registry:hazards"))
    forms: ClassVar[Mapping[str, type[Form]]] = {
        "file": forms.FilingForm, "accept": forms.OpinionForm, "agree": forms.OpinionForm
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> MajorHazard:
        return queries.get_hazard(actor=actor, hazard_id=kwargs["pk"])

    def head(self, row: MajorHazard, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.unit.name, code=row.code, subtitle=words.hazard(row.grade))

    def facts(self, row: MajorHazard, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        unit = format_html('<a href="{}">{}</a>', reverse("registry:unit", args=[row.unit_id]), row.unit)
        file = format_html(
            '<a href="{}">{}</a>', reverse("registry:enterprise", args=[row.enterprise_id]), row.enterprise.name  # type: ignore[union-attr]
        )  # fmt: skip
        return [
            Fact(label=_("企业"), value=file),
            Fact(label=_("单元"), value=unit),
            Fact(label=_("辨识等级"), value=f"{words.hazard(row.grade)}，R = {shown(row.r)}"),
            Fact(label=_("辨识日期"), value=row.found_date),
            Fact(label=_("备案时限"), value=row.due_date),
            Fact(label=_("安全评估报告"), filled_by=own,
                 value=_("%(day)s，%(body)s") % {"day": row.report_date.isoformat(), "body": row.report_by}
                 if row.report_date else ""),
            Fact(label=_("备案编号"), value=row.number, filled_by=row.supervisor.label),
            Fact(label=_("下次评估日期"), value=row.reassess_date),
        ]  # fmt: skip

    def tabs(self, row: MajorHazard, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(MajorHazard, [row.pk]).get(row.pk, [])
        checks = queries.checks_of(row)
        return [
            Tab(name="files", label=_("材料"), count=len(files), template="registry/_files.html",
                context=lambda: {"files": files}),
            Tab(name="checks", label=_("现场核实"), count=len(checks), template="registry/_checks.html",
                context=lambda: {"checks": checks}),
        ]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: MajorHazard, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "file":
            evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
            services.file_hazard(
                actor=actor, hazard=row, report_date=given["report_date"], report_by=given["report_by"],
                evidence=evidence, now=now, client_id=client_id,
            )  # fmt: skip
        elif name == "accept":
            services.accept_hazard(actor=actor, hazard=row, text=given["text"], now=now, client_id=client_id)
        elif name == "agree":
            services.delist_hazard(actor=actor, hazard=row, text=given["text"], now=now, client_id=client_id)
        else:
            services.answer_hazard(
                actor=actor, hazard=row, name=name, reason=given.get("reason", ""), now=now, client_id=client_id
            )


class CheckPage(ObjectPage[HazardCheck]):
    """The office's look at a major hazard that was newly found."""

    template = "registry/object.html"
    forms: ClassVar[Mapping[str, type[Form]]] = {"confirm": forms.SeenForm, "dispute": forms.DifferForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> HazardCheck:
        return queries.get_check(actor=actor, check_id=kwargs["pk"])

    def head(self, row: HazardCheck, actor: Actor) -> ObjectHead:
        return ObjectHead(title=_("现场核实：%(unit)s") % {"unit": row.hazard.unit.name}, code=row.hazard.code)

    def facts(self, row: HazardCheck, actor: Actor) -> Sequence[Fact]:
        hazard = format_html('<a href="{}">{}</a>', reverse("registry:hazard", args=[row.hazard_id]), row.hazard.code)
        return [
            Fact(label=_("企业"), value=row.enterprise.name if row.enterprise else ""),
            Fact(label=_("重大危险源"), value=hazard),
            Fact(label=_("辨识等级"), value=words.hazard(row.grade)),
            Fact(label=_("核实情况"), value=row.text, filled_by=row.owner_org.label, wide=True),
        ]

    def tabs(self, row: HazardCheck, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(HazardCheck, [row.pk]).get(row.pk, [])
        return [Tab(name="files", label=_("材料"), count=len(files), template="registry/_files.html",
                    context=lambda: {"files": files})]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: HazardCheck, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        evidence = receive_uploads(actor=actor, uploads=given.get("evidence", []), now=now)
        text = given.get("text") or given.get("reason", "")
        services.check_hazard(
            actor=actor, check=row, name=name, text=text, evidence=evidence, now=now, client_id=client_id
        )  # fmt: skip
