"""Pages of looks back for responsibility (责任倒查)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.forms import lookbacks as forms
from quancheng.domains.hazards.loops.lookback import LOOKBACK
from quancheng.domains.hazards.models import Lookback
from quancheng.domains.hazards.queries import lookbacks as queries
from quancheng.domains.hazards.services import lookbacks as services
from quancheng.domains.hazards.views.of_finding import FindingPage
from quancheng.domains.hazards.views.words import finding_link
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import in_language, link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import told
from quancheng.standards.hidden_dangers.clearing import TRIGGERS


class LookbackList(ListPage):
    """Looks back for responsibility (责任倒查台账)."""

    code = "hazards.lookbacks"
    title = gettext_lazy("责任倒查")
    columns = (
        Column("title", gettext_lazy("倒查事项"), link=True, card="title", width="wide"),
        Column("code", gettext_lazy("编号"), sort="code", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("owner", gettext_lazy("倒查单位"), value=lambda row: row.owner_org.label),
        Column("created_at", gettext_lazy("启动时间"), sort="created_at"),
        Column("closed_at", gettext_lazy("办结时间"), sort="closed_at"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("事项、编号、企业"), pinned=True,
               fields=("title", "code", "file__enterprise__name")),
        Choice(name="status", label=gettext_lazy("状态"), choices=LOOKBACK.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有责任倒查")

    def queryset(self, actor: Actor) -> QuerySet[Lookback]:
        return queries.list_lookbacks(actor=actor)

    def url_of(self, row: Lookback) -> str:
        return reverse("hazards:lookback", args=[row.pk])


class NewLookback(FindingPage):
    """A look back at one danger: what sets it off is told by the house."""

    title = gettext_lazy("启动责任倒查")
    duty = services.CONDUCT
    form = forms.OpenForm
    button = gettext_lazy("启动并封存记录")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        causes = queries.causes_of(self.finding, today=Calendar().local_date(timezone.now()))
        named = "；".join(told(TRIGGERS[one.trigger]) for one in causes)
        named = named or _("系统没有发现启动情形，因事故倒查的请写明事故")
        self.lead = _("启动情形：%(causes)s。启动后相关原始记录即封存，留存摘要。") % {"causes": named}  # type: ignore[misc]

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.open_lookback(actor=actor, finding=self.finding, now=now, client_id=client_id, **given)
        return reverse("hazards:lookback", args=[made.pk])


class LookbackPage(ObjectPage[Lookback]):
    """One look back: why, the frozen chain, conclusions link by link."""

    template = "hazards/object.html"
    back = (gettext_lazy("责任倒查"), lambda: reverse("hazards:lookbacks"))
    forms = {"submit": forms.SubmitForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Lookback:
        return queries.get_lookback(actor=actor, lookback_id=kwargs["pk"])

    def head(self, row: Lookback, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code)

    def facts(self, row: Lookback, actor: Actor) -> Sequence[Fact]:
        named = "；".join(told(TRIGGERS[one.trigger]) for one in queries.causes_told(row))
        found = [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("倒查单位"), value=row.owner_org.label),
            Fact(label=_("隐患"), value=finding_link(row.finding), wide=True),
            Fact(label=_("启动情形"), value=named, wide=True),
        ]
        if self._conducts(row, actor):
            found += [
                Fact(label=_("启动理由"), value=row.reason, wide=True),
                Fact(label=_("封存时间"), value=row.frozen_at),
                Fact(label=_("封存摘要"), value=row.frozen_digest, wide=True),
                Fact(label=_("倒查结论"), value=row.text, wide=True),
            ]
        found += [
            Fact(label=_("批准人"), value=row.approver_name), Fact(label=_("办结时间"), value=row.closed_at),
        ]  # fmt: skip
        return found

    def tabs(self, row: Lookback, actor: Actor) -> Sequence[Tab]:
        conclusions = queries.conclusions_of(row, actor=actor)
        found = [Tab(name="conclusions", label=_("倒查认定"), count=len(conclusions),
                     template="hazards/_conclusions.html", context=lambda: {"conclusions": conclusions})]  # fmt: skip
        if self._conducts(row, actor):

            def chain() -> dict[str, Any]:
                changed = set(queries.changed_since(row))
                lines = [(parse_datetime(one["at"]), in_language(one), one["digest"], one["id"] in changed)
                         for one in row.frozen]  # fmt: skip
                return {"lines": lines}

            found.append(Tab(name="chain", label=_("封存记录"), count=len(row.frozen),
                             template="hazards/_chain.html", context=chain))  # fmt: skip
        return found

    def actions(self, row: Lookback, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        if row.status == "OPEN" and self._conducts(row, actor) and actor.has(services.CONDUCT):
            url = reverse("hazards:conclusion_new", args=[row.pk])
            found.insert(0, Action(name="conclude", label=_("增加认定"), url=url))
        return found

    def history(self, row: Lookback, actor: Actor) -> Any:
        return super().history(row, actor) if self._conducts(row, actor) else ()

    def perform(
        self, *, actor: Actor, row: Lookback, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        acts: dict[str, Callable[[], Any]] = {
            "submit": lambda: services.submit_lookback(**common, text=given["text"]),
            "approve": lambda: services.approve_lookback(**common),
            "return": lambda: services.end_lookback(**common, name=name, reason=given["reason"]),
            "drop": lambda: services.end_lookback(**common, name=name, reason=given["reason"]),
        }
        if name not in acts:
            raise NotFound
        acts[name]()

    def _conducts(self, row: Lookback, actor: Actor) -> bool:
        return actor.organisation_id == row.owner_org_id


class NewConclusion(CreatePage):
    """One conclusion of an open look back."""

    title = gettext_lazy("增加倒查认定")
    duty = services.CONDUCT
    form = forms.ConclusionForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_lookback(actor=actor, lookback_id=kwargs["pk"])
        if actor.organisation_id != self.row.owner_org_id:
            raise NotPermitted

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"org": self.row.file_id}

    def back_url(self) -> str:
        return reverse("hazards:lookback", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.conclude(actor=actor, row=self.row, spec=services.ConclusionSpec(**given), now=now)
        return self.back_url()
