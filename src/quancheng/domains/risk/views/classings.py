"""Class labels of enterprises (企业分类整治), S5-3.1b: who has which, how far it has come, who has none."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk.forms import classings as forms
from quancheng.domains.risk.kinds import EnterpriseClass
from quancheng.domains.risk.loops.classing import CLASSING
from quancheng.domains.risk.models import Classing
from quancheng.domains.risk.queries import classings as queries
from quancheng.domains.risk.services import classings as services
from quancheng.domains.risk.views import words
from quancheng.domains.risk.views.keeping import FilePage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab

_STATUS = {code: state.label for code, state in CLASSING.states.items()}


def _kind(row: Any) -> str:
    return str(EnterpriseClass(row.class_kind).label) if row.class_kind else _("未定类")


class ClassedList(ListPage):
    """Enterprises with their label and its progress; those without one come first."""

    code = "risk.classings"
    title = gettext_lazy("企业分类整治")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True, sort="pinyin",
               card="title", width="wide"),
        Column("class", gettext_lazy("整治类别"), value=_kind, sort="class_kind", card="meta"),
        Column("status", gettext_lazy("状态"), sort="class_status", card="meta",
               value=lambda row: str(_STATUS[row.class_status]) if row.class_status else ""),
        Column("percent", gettext_lazy("进度（%）"), value=lambda row: row.class_percent, numeric=True,
               sort="class_percent", card="meta"),
        Column("due", gettext_lazy("整治期限"), value=lambda row: row.class_due, sort="class_due", card="meta"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("enterprise__name",), pinned=True,
               pinyin=("pinyin",)),
        Choice(name="class", label=gettext_lazy("整治类别"), choices=EnterpriseClass.choices, field="class_kind",
               multiple=True, pinned=True),
        Flag(name="unclassed", label=gettext_lazy("只看未定类的"), pinned=True,
             condition=lambda actor: Q(class_kind__isnull=True)),
        Choice(name="status", label=gettext_lazy("状态"), choices=CLASSING.choices, field="class_status",
               multiple=True),
        Flag(name="late", label=gettext_lazy("只看超期的"),
             condition=lambda actor: queries.is_late(timezone.localdate())),
        Dates(name="due", label=gettext_lazy("整治期限"), field="class_due"),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="kind", multiple=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有企业")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_enterprises(actor=actor)

    def url_of(self, row: Any) -> str:
        if row.class_id:
            return reverse("risk:classing", args=[row.class_id])
        return reverse("risk:file", args=[row.pk]) + "?tab=classings"


class ClassingPage(ObjectPage[Classing]):
    """One label: why, what it calls for, how far it has come."""

    template = "risk/object.html"
    back = (gettext_lazy("企业分类整治"), lambda: reverse("risk:classings"))
    forms = {"progress": forms.ProgressForm, "report": forms.ReportForm, "accept": forms.AcceptForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Classing:
        return queries.get_classing(actor=actor, classing_id=kwargs["pk"])

    def head(self, row: Classing, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code, subtitle=_("企业分类整治"))

    def facts(self, row: Classing, actor: Actor) -> Sequence[Fact]:
        found = [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("整治类别"), value=row.get_kind_display()),
            Fact(label=_("定类依据"), value=row.grounds, wide=True),
            Fact(label=_("定类人"), value=row.classed_by),
        ]
        if row.kind == EnterpriseClass.GOOD:
            return [*found, Fact(label=_("复核日期"), value=row.review_date)]
        return [
            *found,
            Fact(label=_("整治要求"), value=row.demands, wide=True),
            Fact(label=_("整治期限"), value=row.due_date),
            Fact(label=_("进度（%）"), value=row.percent),
            Fact(label=_("最新进展"), value=row.progress, wide=True, filled_by=_("企业")),
            Fact(label=pgettext("classing", "填报时间"), value=row.progress_at),
            Fact(label=pgettext("classing", "验收意见"), value=row.accepted, wide=True),
        ]

    def tabs(self, row: Classing, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(Classing, [row.pk]).get(row.pk, [])
        return [Tab(name="files", label=_("佐证材料"), count=len(files), template="registry/_files.html",
                    context=lambda: {"files": files})]  # fmt: skip

    def actions(self, row: Classing, actor: Actor) -> Sequence[Action]:
        return [
            Action(name=one.name, label=one.label, primary=one.primary, asks=True)
            for one in super().actions(row, actor)
            if one.name != "call"
        ]

    def perform(
        self, *, actor: Actor, row: Classing, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id, "name": name}
        if name in ("progress", "report"):
            kept = receive_uploads(actor=actor, uploads=given["evidence"] or [], now=now)
            services.tell_progress(**common, percent=given.get("percent", 100), text=given["text"], evidence=kept)
        elif name in ("accept", "return", "replace"):
            services.judge_classing(**common, text=given["text" if name == "accept" else "reason"])
        else:
            raise NotFound


class NewClassing(FilePage):
    title = gettext_lazy("企业定类")
    lead = gettext_lazy("由牵头监管部门定类；整治提升、淘汰退出的企业在期限内整治，填报进展，由部门验收。")
    form = forms.ClassForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = get_enterprise(actor=actor, file_id=kwargs["pk"])
        if not services.may_class(actor, self.file):
            raise NotPermitted

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.class_enterprise(actor=actor, file=self.file, now=now, client_id=client_id, **given)
        return reverse("risk:classing", args=[made.pk])


def classings_tab(row: Enterprise, actor: Actor) -> Tab:
    """What an enterprise's page says of its labels; read when it is opened."""

    def context() -> dict[str, Any]:
        new = reverse("risk:classing_new", args=[row.pk]) if services.may_class(actor, row) else ""
        return {"classings": queries.classings_of(row), "new_url": new}

    return Tab(name="classings", label=_("分类整治"), template="risk/_classings.html", context=context)
