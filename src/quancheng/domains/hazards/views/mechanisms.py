"""Pages of the rules of self-checking that enterprises confirm: who has not by a day, and what one confirmed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.hazards.forms import self_checks as forms
from quancheng.domains.hazards.models import Mechanism
from quancheng.domains.hazards.queries import self_checks as queries
from quancheng.domains.hazards.services import self_checks as services
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Day, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _NotDoneBy(Day):
    """Who had not confirmed both matters by the end of a day."""

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        day = self.read(given)
        return rows if day is None else rows.filter(queries.not_done_by(day))


class MechanismList(ListPage):
    """Enterprises with what they confirmed of their rules of self-checking (自查自改机制建立情况)."""

    code = "hazards.mechanisms"
    title = gettext_lazy("自查自改机制建立情况")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True,
               sort="enterprise__pinyin", card="title", width="wide"),
        Column("self_check", gettext_lazy("自查自改机制确认日期"), value=lambda row: row.self_check_date,
               sort="self_check_date", card="meta"),
        Column("posts", gettext_lazy("全员责任制确认日期"), value=lambda row: row.posts_date, sort="posts_date",
               card="meta"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", card="meta"),
        Column("supervisor", gettext_lazy("监管部门"), value=lambda row: row.supervisor.label),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("enterprise__name",), pinned=True),
        _NotDoneBy(name="by", label=gettext_lazy("截至该日未完成"), pinned=True),
        Flag(name="none", label=gettext_lazy("只看至今未完成的"),
             condition=lambda actor: Q(self_check_date__isnull=True) | Q(posts_date__isnull=True)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有企业")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_mechanisms(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        return reverse("hazards:mechanism", args=[row.pk])


class MechanismPage(ObjectPage[Enterprise]):
    """What one enterprise confirmed, with its documents."""

    template = "hazards/object.html"
    back = (gettext_lazy("自查自改机制建立情况"), lambda: reverse("hazards:mechanisms"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Enterprise:
        return queries.get_mechanism_file(actor=actor, file_id=kwargs["pk"])

    def head(self, row: Enterprise, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.enterprise.name if row.enterprise else "", subtitle=_("自查自改机制建立情况"))

    def facts(self, row: Any, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        return [
            Fact(label=_("企业"), value=link_to(row)),
            Fact(label=_("自查自改机制确认日期"), value=row.self_check_date, filled_by=own),
            Fact(label=_("全员责任制确认日期"), value=row.posts_date, filled_by=own),
        ]

    def tabs(self, row: Enterprise, actor: Actor) -> Sequence[Tab]:
        papers = queries.mechanisms_of(row.pk)
        return [
            Tab(name="papers", label=_("制度文件"), count=len(papers), template="hazards/_mechanisms.html",
                context=lambda: self._papers(papers)),
        ]  # fmt: skip

    def _papers(self, papers: Sequence[Mechanism]) -> Mapping[str, Any]:
        held = files_of_many(Mechanism, [one.pk for one in papers])
        return {"papers": [(one, held.get(one.pk, [])) for one in papers]}

    def actions(self, row: Enterprise, actor: Actor) -> Sequence[Action]:
        if not actor.has(services.CONFIRM) or actor.organisation_id != row.pk:
            return ()
        return [Action(name="confirm", label=_("确认制度已建立"), primary=True,
                       url=reverse("hazards:mechanism_new", args=[row.pk]))]  # fmt: skip


class NewMechanism(CreatePage):
    title = gettext_lazy("确认制度已建立")
    lead = gettext_lazy("上传正式印发的制度文件；以最近一次确认为准，以前的确认保留。")
    duty = services.CONFIRM
    form = forms.MechanismForm
    button = gettext_lazy("确认并提交")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = queries.get_mechanism_file(actor=actor, file_id=kwargs["pk"])
        if self.file.pk != actor.organisation_id:
            raise NotPermitted

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"issued": Calendar().local_date(now)}

    def back_url(self) -> str:
        return reverse("hazards:mechanism", args=[self.file.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        stored = receive_uploads(actor=actor, uploads=given["files"], now=now)
        services.confirm_mechanism(
            actor=actor, file=self.file, matter=given["matter"], title=given["title"], issued=given["issued"],
            text=given["text"], files=stored, now=now, client_id=client_id,
        )  # fmt: skip
        return self.back_url()


class OwnMechanism(View):
    """Leads to the page of one's own enterprise, or to the page that opens its file."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        file = own_file(actor=actor_of(request))
        return redirect("registry:own_new") if file is None else redirect("hazards:mechanism", file.pk)
