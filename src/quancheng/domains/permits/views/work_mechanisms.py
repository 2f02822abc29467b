"""Pages of what enterprises confirm of their rules for dangerous work (危险作业机制): who is late, one with papers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms import spot as forms
from quancheng.domains.permits.models import Matter, WorkMechanism
from quancheng.domains.permits.queries import spot as queries
from quancheng.domains.permits.queries.audits import RULES
from quancheng.domains.permits.services import spot as services
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotPermitted, Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab


def _days(row: Any) -> list[Any]:
    return [row.rules_date, row.training_date, row.self_check_date]


def _state(row: Any) -> str:
    """Whether an enterprise confirmed everything, in time or late."""
    days, due = _days(row), row.due_on
    if None in days:
        return _("未完成")
    return _("逾期完成") if max(days) > due else _("按期完成")


def _state_mark(row: Any) -> Any:
    word = _state(row)
    return marks.badge(word, "done" if word == _("按期完成") else "active")


class WorkMechanismList(ListPage):
    """Enterprises with what they confirmed; late ones can be kept alone."""

    code = "permits.mechanisms"
    title = gettext_lazy("危险作业机制建立情况")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True,
               sort="enterprise__pinyin", card="title", width="wide"),
        Column("state", gettext_lazy("完成情况"), value=_state, render=_state_mark, card="meta"),
        Column("rules", gettext_lazy("管理制度确认日期"), value=lambda row: row.rules_date, sort="rules_date",
               card="meta"),
        Column("training", gettext_lazy("培训确认日期"), value=lambda row: row.training_date, sort="training_date",
               card="meta"),
        Column("self_check", gettext_lazy("自查机制确认日期"), value=lambda row: row.self_check_date,
               sort="self_check_date", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
        Column("supervisor", gettext_lazy("监管部门"), value=lambda row: row.supervisor.label),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("enterprise__name",), pinned=True),
        Flag(name="late", label=gettext_lazy("只看未按期完成的"), pinned=True,
             condition=lambda actor: queries.confirmed_late(queries.due_date())),
        Flag(name="none", label=gettext_lazy("只看至今未完成的"), condition=lambda actor: queries.not_confirmed()),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: queries.in_town(path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有企业")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_mechanisms(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        return reverse("permits:mechanism", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("设置确认期限"), reverse("permits:mechanism_due"))] if actor.has(RULES) else []


class WorkMechanismPage(ObjectPage[Enterprise]):
    """What one enterprise confirmed, with its documents."""

    back = (gettext_lazy("危险作业机制建立情况"), lambda: reverse("permits:mechanisms"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Enterprise:
        return queries.get_mechanism_file(actor=actor, file_id=kwargs["pk"])

    def head(self, row: Enterprise, actor: Actor) -> ObjectHead:
        name = row.enterprise.name if row.enterprise else ""
        return ObjectHead(title=name, subtitle=_("危险作业机制建立情况"), marks=[_state_mark(row)])

    def facts(self, row: Any, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        return [
            Fact(label=_("企业"), value=link_to(row)),
            Fact(label=_("确认期限"), value=queries.due_date()),
            *(
                Fact(label=str(label), value=getattr(row, f"{code}_date"), filled_by=own)
                for code, label in Matter.choices
            ),
        ]

    def tabs(self, row: Enterprise, actor: Actor) -> Sequence[Tab]:
        papers = queries.mechanisms_of(row.pk)
        return [
            Tab("papers", _("制度文件"), template="permits/_mechanisms.html", count=len(papers),
                context=lambda: self._papers(papers)),
        ]  # fmt: skip

    def _papers(self, papers: Sequence[WorkMechanism]) -> Mapping[str, Any]:
        held = files_of_many(WorkMechanism, [one.pk for one in papers])
        return {"papers": [(one, held.get(one.pk, [])) for one in papers]}

    def actions(self, row: Enterprise, actor: Actor) -> Sequence[Action]:
        if not actor.has(queries.CONFIRM) or actor.organisation_id != row.pk:
            return ()
        return [Action(name="confirm", label=_("确认机制已建立"), primary=True,
                       url=reverse("permits:mechanism_new", args=[row.pk]))]  # fmt: skip


class NewMechanism(CreatePage):
    """One matter confirmed with its documents."""

    title = gettext_lazy("确认机制已建立")
    lead = gettext_lazy("上传制度、培训计划和记录、自查安排等文件；以最近一次确认为准，以前的确认保留。")
    duty = queries.CONFIRM
    form = forms.MechanismForm
    button = gettext_lazy("确认并提交")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = queries.get_mechanism_file(actor=actor, file_id=kwargs["pk"])
        if self.file.pk != actor.organisation_id:
            raise NotPermitted

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"issued": Calendar().local_date(now)}

    def back_url(self) -> str:
        return reverse("permits:mechanism", args=[self.file.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        kept = receive_uploads(actor=actor, uploads=given["papers"], now=now)
        names = ("matter", "title", "issued", "text")
        services.confirm_mechanism(
            actor=actor, file=self.file, files=kept, now=now, client_id=client_id,
            **{name: given[name] for name in names},
        )  # fmt: skip
        return self.back_url()


class SetDue(CreatePage):
    """By which day enterprises confirm."""

    title = gettext_lazy("设置确认期限")
    duty = RULES
    form = forms.DueForm
    back = "permits:mechanisms"
    button = gettext_lazy("保存设置")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"day": queries.due_date()}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.set_due(actor=actor, now=now, client_id=client_id, **given)
        return self.back_url()
