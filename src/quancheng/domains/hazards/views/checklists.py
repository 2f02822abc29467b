"""Pages of the checklists: the list, and one of them to be read, printed and filled in by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.hazards.duties import READ
from quancheng.domains.hazards.forms.checklists import DayForm
from quancheng.domains.hazards.forms.findings import codes
from quancheng.domains.hazards.queries import checklists as queries
from quancheng.domains.hazards.queries.criteria import in_language, name_in_language, worded_in_language
from quancheng.domains.hazards.views.words import coded
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.law.models import LegalText
from quancheng.kernel.law.services import MANAGE, OWN
from quancheng.kernel.pages import export
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Choices, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.models import LINKS
from quancheng.standards.enterprise_classes import enterprise_classes
from quancheng.standards.hidden_dangers.kinds import code_list


def _classes(actor: Actor) -> Choices:
    return [(code, in_language(one.name)) for code, one in enterprise_classes().items()]


def _for(text: LegalText) -> str:
    row: Any = text
    names = [in_language(enterprise_classes()[code].name) for code in queries.classes_of(text)]
    chains = dict(LINKS)
    return listed([*names, *(str(chains[code]) for code in row.own_chains or ())])


def _owner(text: LegalText) -> str:
    return text.owner.label if text.owner is not None else ""


def _aspect(text: Any) -> str:
    return coded("aspect", text.aspect) if text.aspect else ""


class ChecklistList(ListPage):
    """The checklists (检查表), with the edition in force today."""

    code = "hazards.checklists"
    duty = READ
    title = gettext_lazy("检查表")
    columns = (
        Column("name", gettext_lazy("检查表"), value=name_in_language, sort="name", link=True, card="title",
               width="wide"),
        Column("clause_count", gettext_lazy("项数"), numeric=True, sort="clause_count", card="meta"),
        Column("classes", gettext_lazy("适用企业类别"), value=_for, card="meta", width="wide"),
        Column("edition_number", gettext_lazy("现行版本"), sort="edition_number"),
        Column("edition_from", gettext_lazy("施行日期"), sort="edition_from"),
        Column("owner", gettext_lazy("制定部门"), value=_owner, sort="owner__pinyin", card="meta"),
        Column("aspect", gettext_lazy("检查方面"), value=_aspect, sort="aspect"),
        Column("issuer", gettext_lazy("制定机关"), sort="issuer", shown=False),
        Column("code", gettext_lazy("代码"), sort="code"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、代码"), pinned=True, fields=("name", "name_en", "code")),
        Choice(name="place_kind", label=gettext_lazy("适用企业类别"), choices=_classes, narrows=queries.for_class,
               pinned=True),
        Flag(name="own", label=gettext_lazy("只看部门自定的"), condition=lambda actor: Q(owner__isnull=False)),
        Choice(name="aspect", label=gettext_lazy("检查方面"), choices=lambda actor: codes("aspect"),
               narrows=lambda code: Q(aspect=code)),
        Choice(name="chain", label=gettext_lazy("适用链条环节"), choices=LINKS,
               narrows=lambda code: Q(own_chains__contains=[code])),
    )  # fmt: skip
    empty_title = gettext_lazy("没有检查表")
    empty_hint = gettext_lazy("检查表登记在法规标准库中，类别为“检查清单”。")

    def queryset(self, actor: Actor) -> QuerySet[LegalText]:
        return queries.list_checklists(on=timezone.localdate())

    def url_of(self, row: LegalText) -> str:
        return reverse("hazards:checklist", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        if not actor.has(OWN):
            return []
        return [(gettext_lazy("本部门检查表"), reverse("hazards:department_lists"))]


class ChecklistPage(View):
    """One checklist as it stood on a day; on paper a form to be filled in, as a sheet the draft of a new edition."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        actor = actor_of(request)
        actor.require(READ)
        for name in request.GET:
            if name not in ("on", "export"):
                raise unknown_parameter(name)
        if request.GET.get("export", "") not in ("", "xlsx"):
            raise unknown_parameter("export")
        today = timezone.localdate()
        form = DayForm(request.GET if request.GET.get("on") else {"on": today.isoformat()})
        is_good = form.is_valid()
        day = form.cleaned_data["on"] if is_good else today
        sheet = queries.get_checklist(code, on=day)
        if is_good and request.GET.get("export"):
            return self._sheet(actor, sheet)
        context = {
            "form": form, "text": sheet.text, "name": name_in_language(sheet.text), "edition": sheet.edition,
            "day": day,
            "items": [
                {"clause": one, "text": worded_in_language(one), "note": in_language(queries.note_of(one))}
                for one in sheet.items
            ],
            "answers": [in_language(one.name) for one in code_list("answer").items],
            "classes": _for(sheet.text), "may_manage": actor.has(MANAGE) and sheet.text.owner_id is None,
            "may_copy": actor.has(OWN) and sheet.edition is not None, "owner": _owner(sheet.text),
            "aspect": _aspect(sheet.text),
        }  # fmt: skip
        return render(request, "hazards/checklist.html", context, status=200 if is_good else 422)

    def _sheet(self, actor: Actor, sheet: queries.Sheet) -> HttpResponse:
        """The items under the headings that the import of clauses takes."""
        columns: Sequence[Column] = [
            Column("place", _("条款")), Column("title", _("主题")), Column("summary", _("内容")),
            Column("summary_en", _("英文内容")), Column("basis", _("依据")),
            Column("grade", _("等级"), value=lambda one: one.get_grade_display()),
            Column("refers", _("对应判定标准"), value=lambda one: "、".join(one.refers)),
            Column("asks", _("作答方式"), value=lambda one: one.get_asks_display() if one.asks else ""),
        ]  # fmt: skip
        number: Any = sheet.edition.number if sheet.edition else ""
        return export.spreadsheet(
            actor=actor, code="hazards.checklists", title=sheet.text.name, columns=columns, rows=sheet.items,
            filters_text=number, demo=is_demo(), now=timezone.now(),
        )  # fmt: skip
