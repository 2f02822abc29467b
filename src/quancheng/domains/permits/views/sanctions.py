"""Pages of sanctions to test (试运授权): the list, asking at a permit, clearing crews, granting and ending one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from quancheng.domains.permits.forms import sanctions as forms
from quancheng.domains.permits.forms.permits import ReasonForm
from quancheng.domains.permits.loops.permit import BEGUN
from quancheng.domains.permits.loops.sanction import SANCTION
from quancheng.domains.permits.models import Permit, Sanction
from quancheng.domains.permits.queries import sanctions as queries
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.services import sanctions as services
from quancheng.domains.permits.views import words
from quancheng.domains.permits.views.entering import OfPermit
from quancheng.domains.risk.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.filters import Choice, Dates, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab

#: At what time a test ends that nobody told otherwise [D].
_USUAL = timedelta(hours=1)
#: How the act is called by which a crew is signed clear, before the key of its permit.
_CLEAR = "clear-"


def is_late(row: Sanction, now: datetime) -> bool:
    """Whether its test runs past its end."""
    return row.status == "GRANTED" and row.ends_at < now


def state_mark(row: Sanction) -> Any:
    if is_late(row, timezone.now()):
        return marks.badge(_("试运超时"), "active")
    return marks.badge(row.status_label, "quiet" if row.is_closed else "active")


class SanctionList(ListPage):
    """Sanctions to test."""

    code = "permits.sanctions"
    title = gettext_lazy("试运授权")
    columns = (
        Column("purpose", gettext_lazy("试运内容和理由"), link=True, card="title", width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, render=state_mark, sort="status",
               card="meta"),
        Column("permit", gettext_lazy("作业票"), value=lambda row: str(row.permit),
               render=lambda row: words.link_of(row.permit), card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=words.enterprise_of, sort="enterprise__pinyin", width="wide"),
        Column("ends_at", gettext_lazy("试运截止时间"), sort="ends_at", card="meta"),
        Column("asked_at", gettext_lazy("申请时间"), sort="asked_at"),
        Column("granted_at", pgettext_lazy("sanction", "批准时间"), sort="granted_at", shown=False),
        Column("ended_at", gettext_lazy("试运结束时间"), sort="ended_at", shown=False),
        Column("closed_at", gettext_lazy("恢复验证时间"), sort="closed_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("内容、作业票、企业"), pinned=True,
               fields=("purpose", "permit__number", "permit__content", "enterprise__name")),
        Choice(name="status", label=gettext_lazy("状态"), choices=SANCTION.choices, field="status", multiple=True,
               pinned=True),
        Dates(name="asked", label=gettext_lazy("申请时间"), field="asked_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有试运授权")
    empty_hint = gettext_lazy("作业中需要短时送电、送料试运的，在作业票上申请：暂停、清场、两人签认后临时解除隔离。")

    def queryset(self, actor: Actor) -> QuerySet[Sanction]:
        return queries.list_sanctions(actor=actor)

    def url_of(self, row: Sanction) -> str:
        return reverse("permits:sanction", args=[row.pk])


class AskSanction(OfPermit):
    """Asked for at a permit whose work began."""

    title = gettext_lazy("申请试运授权")
    duty = None
    form = forms.AskForm
    template = "permits/entry.html"
    button = gettext_lazy("申请，依靠这些隔离点的作业立即暂停")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        actor.require(WORK)

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.AskForm(*args, points=queries.testable(self.permit), **kwargs)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"ends_at": now + _USUAL}

    def back_url(self) -> str:
        return super().back_url() + "?tab=isolations"

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = services.ask_sanction(
            actor=actor, permit=self.permit, points=list(given["points"]), purpose=given["purpose"],
            ends_at=given["ends_at"], now=now, client_id=client_id,
        )  # fmt: skip
        return reverse("permits:sanction", args=[row.pk])


class SanctionPage(ObjectPage[Sanction]):
    """One sanction: its points, whose crew is clear, who signed."""

    template = "permits/object.html"
    back = (gettext_lazy("试运授权"), lambda: reverse("permits:sanctions"))
    forms: ClassVar = {"drop": ReasonForm, "end": forms.EndForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Sanction:
        self.found: Sequence[queries.Crew] | None = None
        return queries.get_sanction(actor=actor, sanction_id=kwargs["pk"])

    def crews(self, row: Sanction) -> Sequence[queries.Crew]:
        """Read once a request."""
        if self.found is None:
            self.found = queries.crews_of(row)
        return self.found

    def head(self, row: Sanction, actor: Actor) -> ObjectHead:
        late = [marks.badge(_("试运超时"), "active")] if is_late(row, timezone.now()) else []
        return ObjectHead(title=row.purpose, code=row.permit.number, subtitle=words.enterprise_of(row), marks=late)

    def facts(self, row: Sanction, actor: Actor) -> Sequence[Fact]:
        tags = _("、").join(f"{one.tag} {one.status_label}" for one in row.points.all())
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("作业票"), value=words.link_of(row.permit)),
            Fact(label=_("临时解除的隔离点"), value=tags, wide=True),
            Fact(label=_("试运截止时间"), value=row.ends_at),
            Fact(label=pgettext("sanction", "申请人"), value=row.asked_by),
            Fact(label=_("申请时间"), value=row.asked_at),
            Fact(label=pgettext("sanction", "批准人"), value=row.granted_by),
            Fact(label=pgettext("sanction", "批准时间"), value=row.granted_at),
            Fact(label=_("试运结束时间"), value=row.ended_at),
            Fact(label=_("试运结果"), value=row.end_note, wide=True),
            Fact(label=_("恢复验证时间"), value=row.closed_at),
        ]  # fmt: skip

    def tabs(self, row: Sanction, actor: Actor) -> Sequence[Tab]:
        return [
            Tab("crews", _("清场签认"), template="permits/_sanction_crews.html",
                context=lambda: {"crews": self.crews(row) if not row.is_closed else (),
                                 "signed": queries.clearances_of(row)}),
            Tab("points", _("隔离点"), template="permits/_sanction_points.html",
                context=lambda: {"points": list(row.points.all()), "is_asked": row.status == "ASKED"}),
        ]  # fmt: skip

    def _crew(self, row: Sanction, act: str) -> queries.Crew:
        """The crew that an act names: each is signed clear by itself, in whatever order."""
        found = next((one for one in self.crews(row) if act == f"{_CLEAR}{one.permit.pk}"), None)
        if found is None:
            raise NotFound
        return found

    def _lost_action(self, name: str, row: Sanction) -> Action:
        if name.startswith(_CLEAR):
            return Action(name=name, label=_("签认清场"), asks=True)
        return super()._lost_action(name, row)

    def actions(self, row: Sanction, actor: Actor) -> Sequence[Action]:
        if actor.organisation_id != row.file_id:
            return []
        found = [
            Action(name=one.name, label=one.label, primary=one.primary, asks=one.name in self.forms)
            for one in loopview.actions_of(row, actor)
            if one.name != "grant" or row.asked_user_id != actor.user_id
        ]
        if row.status == "ASKED" and actor.has(WORK):
            found = [
                *(Action(name=f"{_CLEAR}{one.permit.pk}", label=_("签认清场：%(permit)s") % {"permit": one.permit},
                         asks=True) for one in self.crews(row) if not one.is_clear),
                *found,
            ]  # fmt: skip
        return found

    def form_for(
        self, action: Action, row: Sanction, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if not action.name.startswith(_CLEAR):
            return super().form_for(action, row, actor, data, files)
        return forms.ClearForm(data, crew=self._crew(row, action.name))

    def perform(
        self, *, actor: Actor, row: Sanction, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        same: dict[str, Any] = {"actor": actor, "sanction": row, "now": now, "client_id": client_id}
        if name.startswith(_CLEAR):
            workers = [uuid.UUID(one) for one in given["workers"]]
            services.clear_crew(
                **same, permit=self._crew(row, name).permit, workers=workers, image=given["image"]
            )
        elif name in _MOVES:
            _MOVES[name](**same, **given)
        else:
            # What the house does by itself.
            raise NotFound
        self.found = None


_MOVES: Mapping[str, Any] = {
    "grant": services.grant_sanction, "drop": services.drop_sanction, "end": services.end_test
}  # fmt: skip


def ask_action(row: Permit, actor: Actor) -> list[Action]:
    """What a permit's page offers of it: the page of points tells whether there is one to lift."""
    if row.status not in BEGUN or not actor.has(WORK):
        return []
    return [Action(name="sanction", label=_("申请试运授权"), url=reverse("permits:sanction_new", args=[row.pk]))]


def sanction_rows(row: Permit) -> list[tuple[Sanction, Any]]:
    """Sanctions that touch a permit, for its page."""
    return [(one, state_mark(one)) for one in queries.sanctions_of(row)]
