"""Pages of laws and standards: the register, one text with its editions and clauses, and a new one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import DomainError
from quancheng.kernel.law import queries, services
from quancheng.kernel.law.forms import DatesForm, EditionForm, TextForm
from quancheng.kernel.law.models import Edition, Kind, LegalText
from quancheng.kernel.law.services import EditionSpec
from quancheng.kernel.pages.filters import Choice, Search
from quancheng.kernel.pages.lists import Column, ListPage, Text
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.people.actors import actor_of

MANAGE = "law.manage"


def today() -> date:
    return Calendar().local_date(timezone.now())


def standing(text: LegalText) -> Edition | None:
    """The edition in force today, out of those that are loaded."""
    return next((one for one in text.editions.all() if one.stands_on(today())), None)


class TextList(ListPage):
    """The register of legal bases."""

    code = "law.texts"
    imports = ("law.texts", "law.clauses")
    title = gettext_lazy("法规标准")
    columns = (
        Column(key="name", label=gettext_lazy("名称"), sort="name", link=True, card="title", width="wide"),
        Column(key="kind", label=gettext_lazy("类别"), value=lambda row: row.get_kind_display(), sort="kind",
               card="meta"),
        Column(key="number", label=gettext_lazy("现行版本"), card="meta", width="wide",
               value=lambda row: getattr(standing(row), "number", "")),
        Column(key="effective_from", label=gettext_lazy("施行日期"),
               value=lambda row: getattr(standing(row), "effective_from", None)),
        Column(key="mark", label=gettext_lazy("条文确信程度"),
               value=lambda row: one.get_mark_display() if (one := standing(row)) else ""),
        Column(key="code", label=gettext_lazy("代码"), sort="code"),
        Column(key="issuer", label=gettext_lazy("制定机关"), sort="issuer", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("name", "name_en", "code", "numbers"),
               pinned=True),
        Choice(name="kind", label=gettext_lazy("类别"), field="kind", choices=Kind.choices, pinned=True),
    )  # fmt: skip

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return queries.list_register()

    def url_of(self, row: Any) -> str:
        return reverse("law:text", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(_("新增法规标准"), reverse("law:new"))] if actor.has(MANAGE) else []


class TextPage(ObjectPage[LegalText]):
    """One text: which edition is in force, its clauses, and those before and after."""

    back = (gettext_lazy("法规标准"), lambda: reverse("law:texts"))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        actor_of(request).require(MANAGE)
        return super().post(request, **kwargs)

    def get_row(self, actor: Actor, **kwargs: Any) -> LegalText:
        return queries.get_text(kwargs["code"])

    def head(self, row: LegalText, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, code=row.code, subtitle=row.get_kind_display())

    def facts(self, row: LegalText, actor: Actor) -> Sequence[Fact]:
        edition = standing(row)
        return [
            Fact(_("现行版本"), edition.number if edition else _("不明，见各版本"), wide=True),
            Fact(_("施行日期"), edition.effective_from if edition else None),
            Fact(_("条文确信程度"), edition.get_mark_display() if edition else None),
            Fact(_("制定机关"), row.issuer),
            Fact(_("英文名称"), row.name_en),
            Fact(_("说明"), row.note, wide=True),
        ]

    def tabs(self, row: LegalText, actor: Actor) -> Sequence[Tab]:
        editions = sorted(row.editions.all(), key=lambda one: (one.effective_from or date.max, one.number))
        shown = standing(row) or (editions[-1] if editions else None)
        clauses = list(queries.list_clauses(shown)) if shown else []
        return [
            Tab(name="clauses", label=_("条款"), template="law/_clauses.html", count=len(clauses),
                context=lambda: {
                    "clauses": clauses, "edition": shown, "may_import": actor.has(MANAGE) and row.owner_id is None,
                    "is_english": (translation.get_language() or "").startswith("en"),
                    "is_graded": any(one.grade for one in clauses),
                    "is_referring": any(one.refers for one in clauses),
                }),
            Tab(name="editions", label=_("版本"), template="law/_editions.html", count=len(editions),
                context=lambda: {"editions": editions}),
        ]  # fmt: skip

    def actions(self, row: LegalText, actor: Actor) -> Sequence[Action]:
        if not actor.has(MANAGE) or row.owner_id is not None:
            return []
        found = [Action("edition", _("录入新版本"), primary=True, asks=True, icon="plus")]
        if row.editions.all():
            found.append(Action("dates", _("更正施行日期"), asks=True, icon="calendar"))
        return found

    def form_for(self, action: Action, row: LegalText, actor: Actor, data: Any = None, files: Any = None) -> Form:
        return DatesForm(data, text=row) if action.name == "dates" else EditionForm(data)

    def perform(
        self,
        *,
        actor: Actor,
        row: LegalText,
        name: str,
        given: Mapping[str, Any],
        now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:
        if name == "dates":
            services.set_dates(actor=actor, now=now, **given)
            return
        services.add_edition(actor=actor, text=row, spec=EditionSpec(**given), now=now)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A text that the register lacks."""
    actor = actor_of(request)
    actor.require(MANAGE)
    form, status = TextForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                text = services.add_text(actor=actor, now=timezone.now(), **form.cleaned_data)
            except DomainError as refused:
                status = tell(form, refused)
            else:
                done = _("已新增，请录入其现行版本。")
                return redirect_to(request, reverse("law:text", args=[text.pk]), toast=done)
    return render(request, "law/new.html", {"form": form}, status=status)
