"""Pages of departments' own checklists: the department's list, one edition with its items, a new one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.forms import department_checklists as forms
from quancheng.domains.hazards.forms.findings import codes
from quancheng.domains.hazards.loops.department_checklist import DEPARTMENT_CHECKLIST
from quancheng.domains.hazards.models import DepartmentChecklist
from quancheng.domains.hazards.queries import department_checklists as queries
from quancheng.domains.hazards.queries.checklists import get_checklist
from quancheng.domains.hazards.queries.criteria import name_in_language, worded_in_language
from quancheng.domains.hazards.services import department_checklists as services
from quancheng.domains.hazards.services.department_checklists import ListSpec
from quancheng.domains.hazards.views.words import coded
from quancheng.domains.registry.kinds import Kind
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.law.services import OWN, ClauseSpec
from quancheng.kernel.pages import loopview
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.models import LINKS


def _for(row: DepartmentChecklist) -> str:
    chains, kinds = dict(LINKS), dict(Kind.choices)
    named = [*(str(chains[code]) for code in row.chains), *(str(kinds[code]) for code in row.kinds)]
    return listed(named) if named else _("所有企业")


class DepartmentListList(ListPage):
    """Editions of the checklists of one's own department (本部门检查表), drafts too."""

    code = "hazards.department_lists"
    duty = OWN
    title = gettext_lazy("本部门检查表")
    imports = ("hazards.department_items",)
    columns = (
        Column("title", gettext_lazy("检查表"), link=True, sort="title", card="title", width="wide"),
        Column("edition", gettext_lazy("版本"), value=lambda row: row.edition.number, card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("aspect", gettext_lazy("检查方面"), value=lambda row: coded("aspect", row.aspect), sort="aspect",
               card="meta"),
        Column("for", gettext_lazy("适用范围"), value=_for, width="wide"),
        Column("effective_from", gettext_lazy("施行日期"), value=lambda row: row.edition.effective_from,
               sort="edition__effective_from"),
        Column("effective_to", gettext_lazy("失效日期"), value=lambda row: row.edition.effective_to,
               sort="edition__effective_to"),
        Column("text", gettext_lazy("代码"), value=lambda row: row.text_id, sort="text"),
        Column("created_at", gettext_lazy("拟订时间"), sort="created_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、代码"), fields=("title", "text__code"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=DEPARTMENT_CHECKLIST.choices, field="status",
               multiple=True, pinned=True),
        Choice(name="aspect", label=gettext_lazy("检查方面"), choices=lambda actor: codes("aspect"), field="aspect"),
        Flag(name="open", label=gettext_lazy("只看未停用的"), condition=lambda actor: Q(closed_at__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("本部门还没有自定的检查表")
    empty_hint = gettext_lazy("可以新建，也可以从现有检查表复制后修改；发布后企业和专项检查即可选用。")

    def queryset(self, actor: Actor) -> QuerySet[DepartmentChecklist]:
        return queries.list_editions(actor=actor)

    def url_of(self, row: DepartmentChecklist) -> str:
        return reverse("hazards:department_list", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [(gettext_lazy("新建检查表"), reverse("hazards:department_list_new"))] if actor.supervises else []


class NewDepartmentList(CreatePage):
    """A checklist of one's own department, empty or copied (``?copy=CODE``)."""

    title = gettext_lazy("新建本部门检查表")
    lead = gettext_lazy("先填名称、方面和适用范围，再录入或导入检查项；由本部门另一人发布后生效。")
    duty = OWN
    form = forms.ListForm
    button = gettext_lazy("保存草稿")
    back = "hazards:department_lists"

    def open(self, actor: Actor, **kwargs: Any) -> None:
        if not actor.supervises:
            raise NotPermitted
        code = self.request.GET.get("copy", "")
        self.source = None
        if code:
            sheet = get_checklist(code, on=Calendar().local_date(timezone.now()))
            if sheet.edition is None:
                raise NotFound
            self.source = sheet

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        if self.source is None:
            return {}
        text: Any = self.source.text
        return {"name": name_in_language(text), "aspect": text.aspect or "", "kinds": list(text.own_kinds or ()),
                "chains": list(text.own_chains or ())}  # fmt: skip

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.draft_list(
            actor=actor, spec=ListSpec(**given), copy_from=self.source.edition if self.source else None, now=now,
            client_id=client_id,
        )  # fmt: skip
        return reverse("hazards:department_list", args=[made.pk])


class DepartmentListPage(ObjectPage[DepartmentChecklist]):
    """One edition of a department's checklist: for whom, its items, its other editions."""

    template = "hazards/object.html"
    duty = OWN
    back = (gettext_lazy("本部门检查表"), lambda: reverse("hazards:department_lists"))
    forms = {"publish": forms.PublishForm, "submit": django_forms.Form, "remove": forms.NumbersForm}
    need_fields = {"note": (gettext_lazy("复核情况"), gettext_lazy("写明复核了什么、为什么继续使用。"))}

    def get_row(self, actor: Actor, **kwargs: Any) -> DepartmentChecklist:
        return queries.get_edition(actor=actor, edition_id=kwargs["pk"])

    def head(self, row: DepartmentChecklist, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.text_id, subtitle=row.edition.number)

    def facts(self, row: DepartmentChecklist, actor: Actor) -> Sequence[Fact]:
        copied = row.copied_from
        return [
            Fact(label=_("制定部门"), value=row.owner_org.label),
            Fact(label=_("检查方面"), value=coded("aspect", row.aspect)),
            Fact(label=_("适用范围"), value=_for(row), wide=True),
            Fact(label=_("施行日期"), value=row.edition.effective_from),
            Fact(label=_("失效日期"), value=row.edition.effective_to),
            Fact(label=_("复制自"), value=f"{copied.text_id} {copied.number}" if copied else ""),
            Fact(label=_("停用理由"), value=row.reason, wide=True),
        ]

    def tabs(self, row: DepartmentChecklist, actor: Actor) -> Sequence[Tab]:
        items, editions = queries.items_of(row), queries.later_editions(row)
        edit = reverse("hazards:department_item", args=[row.pk]) if row.status == "DRAFT" else ""
        return [
            Tab(name="items", label=_("检查项"), count=len(items), template="hazards/_department_items.html",
                context=lambda: {
                    "items": [(services.number_of(one), one, worded_in_language(one)) for one in items], "edit": edit,
                }),
            Tab(name="editions", label=_("版本"), count=len(editions), template="hazards/_department_editions.html",
                context=lambda: {"editions": editions}),
        ]  # fmt: skip

    def actions(self, row: DepartmentChecklist, actor: Actor) -> Sequence[Action]:
        found = list(loopview.actions_of(row, actor))
        if row.owner_org_id != actor.organisation_id:
            return found
        if row.status == "DRAFT":
            sheet = f"{reverse('exchange:import_new', args=['hazards.department_items'])}?list={row.pk}"
            found += [
                Action(name="item", label=_("录入检查项"), url=reverse("hazards:department_item", args=[row.pk])),
                Action(name="import", label=_("导入检查项"), url=sheet),
                Action(name="change", label=_("修改名称和范围"), asks=True),
                Action(name="remove", label=_("删除检查项"), asks=True),
            ]
        elif row.status == "PUBLISHED":
            found.insert(0, Action(name="revise", label=_("制定新版"), confirm=_("以现有检查项为底稿拟订新版。")))
        return found

    def form_for(
        self, action: Action, row: DepartmentChecklist, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "change":
            known = {"name": row.title, "aspect": row.aspect, "kinds": row.kinds, "chains": row.chains}
            return forms.ListForm(data, initial=known)
        if action.name == "publish" and data is None:
            return forms.PublishForm(initial={"effective_date": Calendar().local_date(timezone.now())})
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: DepartmentChecklist, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        acts: dict[str, Callable[[], Any]] = {
            "submit": lambda: services.submit_list(**common),
            "publish": lambda: services.publish_list(**common, effective_date=given["effective_date"]),
            "withdraw": lambda: services.withdraw_list(**common, reason=given["reason"]),
            "revise": lambda: services.revise_list(**common),
            "change": lambda: services.change_list(**common, spec=ListSpec(**given)),
            "remove": lambda: services.remove_items(**common, numbers=given["numbers"]),
        }  # fmt: skip
        if name in acts:
            acts[name]()
        elif name in ("return", "drop", "confirm"):
            services.step_list(**common, name=name, text=given.get("note") or given["reason"])
        else:
            raise NotFound


class DepartmentItem(CreatePage):
    """One item of a draft, new or worded anew (``?number=N``)."""

    title = gettext_lazy("录入检查项")
    duty = OWN
    form = forms.ItemForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_edition(actor=actor, edition_id=kwargs["pk"])
        if self.row.owner_org_id != actor.organisation_id:
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("hazards:department_list", args=[self.row.pk])

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        items = {services.number_of(one): one for one in queries.items_of(self.row)}
        wanted = self.request.GET.get("number", "")
        if wanted and (not wanted.isascii() or not wanted.isdigit() or int(wanted) not in items):
            raise NotFound
        if not wanted:
            return {"number": services.next_number(self.row), "grade": "general"}
        one = items[int(wanted)]
        return {"number": int(wanted), "summary": one.summary, "summary_en": one.summary_en, "basis": one.basis,
                "grade": one.grade, "refers": " ".join(one.refers), "asks": one.asks}  # fmt: skip

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        known = {name: value for name, value in given.items() if name != "number"}
        item = (given["number"], ClauseSpec(place="", **known))
        services.save_items(actor=actor, row=self.row, items=[item], now=now, client_id=client_id)
        return self.back_url()
