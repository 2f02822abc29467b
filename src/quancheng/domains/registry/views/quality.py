"""Pages of inspected products: the district's list, one inspection, the entry into an enterprise's file."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.forms import quality as forms
from quancheng.domains.registry.kinds import InspectionKind, InspectionResult
from quancheng.domains.registry.loops.quality import QUALITY
from quancheng.domains.registry.models import Enterprise, Inspection, Product
from quancheng.domains.registry.queries import enterprises, offices
from quancheng.domains.registry.queries import quality as queries
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.services import quality as services
from quancheng.domains.registry.services.offices import require_office
from quancheng.domains.registry.services.quality import MEND_DAYS, RECORD, RetestSpec
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab


def _state(row: Inspection) -> str:
    return str(_("已作废")) if row.voided_at else row.status_label


def state_mark(row: Inspection) -> Any:
    """Where an inspection stands, as a mark."""
    if row.voided_at:
        return marks.badge(_state(row), "quiet")
    return marks.badge(_state(row), "done" if row.is_closed else "active")


class InspectionList(ListPage):
    """Inspected products of the district (产品质量检验)."""

    code = "registry.inspections"
    title = gettext_lazy("产品质量检验")
    columns = (
        Column("product_name", gettext_lazy("样品名称"), link=True, sort="product_name", card="title", width="wide"),
        Column("file", gettext_lazy("企业名称"), value=lambda row: str(row.file.enterprise),
               sort="file__enterprise__pinyin", card="meta", width="wide"),
        Column("kind", gettext_lazy("检验类别"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("batch", gettext_lazy("批号")),
        Column("sampled_date", gettext_lazy("抽样日期"), sort="sampled_date", card="meta"),
        Column("result", gettext_lazy("检验结论"), value=lambda row: row.get_result_display(), sort="result"),
        Column("status", gettext_lazy("状态"), value=_state, sort="status", card="meta", render=state_mark),
        Column("due_date", gettext_lazy("整改时限"), sort="due_date"),
        Column("institute", gettext_lazy("检验机构"), sort="institute"),
        Column("report_no", gettext_lazy("报告编号"), sort="report_no"),
        Column("issuer", gettext_lazy("出具单位"), sort="issuer"),
        Column("code", gettext_lazy("编号"), sort="code", shown=False),
        Column("product", gettext_lazy("产品"), value=lambda row: row.product.name if row.product else "",
               shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
        Column("standard", gettext_lazy("检验依据"), shown=False, width="wide"),
        Column("reported_date", gettext_lazy("报告日期"), sort="reported_date", shown=False),
        Column("failed_items", gettext_lazy("不合格项目"), shown=False, width="wide"),
        Column("disposal", gettext_lazy("处置措施"), shown=False, width="wide"),
        Column("retest_due_date", gettext_lazy("复检时限"), sort="retest_due_date", shown=False),
        Column("retest_date", gettext_lazy("复检日期"), sort="retest_date", shown=False),
        Column("case", gettext_lazy("案件编号或链接"), shown=False),
        Column("owner", gettext_lazy("登记单位"), value=lambda row: row.owner_org.label, shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("样品、企业、报告编号"), pinned=True,
               fields=("product_name", "file__enterprise__name", "report_no", "batch")),
        Choice(name="result", label=gettext_lazy("检验结论"), choices=InspectionResult.choices, field="result",
               pinned=True),
        Choice(name="kind", label=gettext_lazy("检验类别"), choices=InspectionKind.choices, field="kind",
               multiple=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=QUALITY.choices, field="status", multiple=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Dates(name="sampled", label=gettext_lazy("抽样日期"), field="sampled_date"),
        Flag(name="open", label=gettext_lazy("只看未办结"), condition=lambda actor: Q(closed_at__isnull=True)),
        Flag(name="late", label=gettext_lazy("只看超期"),
             condition=lambda actor: queries.is_late(on=timezone.localdate())),
        Flag(name="standing", label=gettext_lazy("不看已作废的"), condition=lambda actor: Q(voided_at__isnull=True)),
    )  # fmt: skip
    imports = ("registry.inspections",)
    empty_title = gettext_lazy("还没有产品质量检验记录")

    def queryset(self, actor: Actor) -> QuerySet[Inspection]:
        return queries.list_inspections(actor=actor).select_related("area")

    def url_of(self, row: Inspection) -> str:
        return reverse("registry:inspection", args=[row.pk])


class NewInspection(CreatePage):
    title = gettext_lazy("登记产品质量检验结果")
    lead = gettext_lazy("合格的直接归档；不合格的由企业在时限内整改，再凭复检结果办结。")
    duty = RECORD
    form = forms.InspectionForm
    button = gettext_lazy("登记")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = enterprises.get_enterprise(actor=actor, file_id=kwargs["pk"])
        require_office(actor, offices.QUALITY, RECORD)

    def back_url(self) -> str:
        return reverse("registry:enterprise", args=[self.file.pk]) + "?tab=quality"

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        wanted = self.request.GET.get("product", "")
        product = next((one for one in queries.products_to_inspect(self.file) if str(one.pk) == wanted), None)
        today = Calendar().local_date(now)
        return {"product": product and product.pk, "product_name": product.name if product else "",
                "due_date": (today + timedelta(days=MEND_DAYS)).isoformat()}  # fmt: skip

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.InspectionForm(*args, file=self.file, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
        made = services.record_inspection(
            actor=actor, file=self.file, product=given["product"], known=given, evidence=evidence, now=now,
            client_id=client_id,
        )  # fmt: skip
        return reverse("registry:inspection", args=[made.pk])


class InspectionPage(ObjectPage[Inspection]):
    """One inspection: the report, and where it failed the mending, the re-test, the case."""

    template = "registry/object.html"
    back = (gettext_lazy("产品质量检验"), lambda: reverse("registry:inspections"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Inspection:
        return queries.get_inspection(actor=actor, inspection_id=kwargs["pk"])

    def head(self, row: Inspection, actor: Actor) -> ObjectHead:
        shown = [marks.badge(row.get_result_display(), "done" if row.result == "passed" else "active")]
        if row.voided_at:
            shown.append(marks.badge(_("已作废"), "quiet"))
        return ObjectHead(title=row.product_name, code=row.code, subtitle=row.get_kind_display(), marks=shown)

    def facts(self, row: Inspection, actor: Actor) -> Sequence[Fact]:
        product: Any = ""
        if row.product is not None:
            url = reverse("registry:product", args=[row.product.pk])
            product = format_html('<a href="{}">{}</a>', url, row.product.name)
        case: Any = row.case
        if row.case.startswith(("https://", "http://")):
            case = format_html('<a href="{}" rel="noreferrer">{}</a>', row.case, row.case)
        found = [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("产品"), value=product),
            Fact(label=_("批号"), value=row.batch),
            Fact(label=_("抽样日期"), value=row.sampled_date),
            Fact(label=_("检验机构"), value=row.institute),
            Fact(label=_("检验依据"), value=row.standard),
            Fact(label=_("报告编号"), value=row.report_no),
            Fact(label=_("报告日期"), value=row.reported_date),
            Fact(label=_("出具单位"), value=row.issuer),
            Fact(label=_("登记单位"), value=row.owner_org.label),
            Fact(label=_("处置措施"), value=row.disposal, wide=True,
                 filled_by=row.owner_org.label if row.result == "failed" else ""),
        ]  # fmt: skip
        if row.result == "failed":
            found += [
                Fact(label=_("不合格项目"), value=row.failed_items, wide=True),
                Fact(label=_("整改时限"), value=row.due_date),
                Fact(label=_("复检时限"), value=row.retest_due_date),
                Fact(label=_("整改情况"), value=row.measures, wide=True, filled_by=_("企业")),
                Fact(label=_("复检日期"), value=row.retest_date),
                Fact(label=_("复检机构"), value=row.retest_institute),
                Fact(label=_("复检报告编号"), value=row.retest_no),
            ]
        if row.case:
            found.append(Fact(label=_("案件编号或链接"), value=case, wide=True))
        if row.voided_at:
            found.append(Fact(label=_("作废理由"), value=row.void_reason, wide=True))
        return found

    def tabs(self, row: Inspection, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(Inspection, [row.pk]).get(row.pk, [])
        return [Tab(name="files", label=_("报告和材料"), count=len(files), template="registry/_files.html",
                    context=lambda: {"files": files})]  # fmt: skip

    def actions(self, row: Inspection, actor: Actor) -> Sequence[Action]:
        asked = [
            Action(name=one.name, label=one.label, primary=one.primary, asks=True)
            for one in super().actions(row, actor)
        ]
        mine = actor.has(RECORD) and row.owner_org_id == actor.organisation_id
        if mine and not row.voided_at and row.is_closed:
            asked.append(Action(name="void", label=_("作废"), asks=True))
        return asked

    def form_for(
        self, action: Action, row: Inspection, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        known = {"institute": row.institute}
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "answer": lambda: forms.AnswerForm(data, files),
            "close": lambda: forms.RetestForm(data, files, initial=known),
            "fail": lambda: forms.FailedAgainForm(data, files, initial={**known, "reason": row.failed_items}),
            "punish": lambda: forms.CaseForm(data),
            "void": lambda: forms.VoidForm(data),
        }
        return makers[action.name]() if action.name in makers else super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Inspection, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        evidence = receive_uploads(actor=actor, uploads=given.get("evidence") or [], now=now)
        if name == "answer":
            services.answer_inspection(**common, text=given["text"], evidence=evidence)
        elif name in ("close", "fail"):
            spec = RetestSpec(**{key: value for key, value in given.items() if key != "evidence"})
            services.retest_inspection(**common, name=name, spec=spec, evidence=evidence)
        elif name == "void":
            services.void_inspection(**common, reason=given["reason"])
        else:
            services.step_inspection(**common, name=name, text=given.get("case") or given.get("reason", ""))


# What the pages of an enterprise and of a product say of inspections ------------------------------------------------

_SHOWN = 200


def enterprise_tab(row: Enterprise, actor: Actor, count: int) -> Tab:
    """Inspections of its products; read when it is opened."""
    return _tab(actor, count, file=row)


def product_tab(row: Product, actor: Actor) -> Tab:
    """Inspections of one product."""
    return _tab(actor, row.inspection_count, product=row)  # type: ignore[attr-defined]


def _tab(actor: Actor, count: int, **which: Any) -> Tab:
    def context() -> dict[str, Any]:
        rows = queries.list_inspections(actor=actor).filter(**which)[:_SHOWN]
        return {"inspections": [(one, state_mark(one)) for one in rows]}

    return Tab(name="quality", label=_("质量检验"), count=count, template="registry/_inspections.html", context=context)


def actions(file: Enterprise, actor: Actor, product: Product | None = None) -> list[Action]:
    """The entry of an inspection, for an office whose matter it is."""
    if file.merged_into_id is not None or not offices.is_office(actor, offices.QUALITY, RECORD):
        return []
    url = reverse("registry:inspection_new", args=[file.pk])
    if product is not None:
        url = f"{url}?product={product.pk}"
    return [Action(name="inspection", label=_("登记质量检验"), url=url)]
