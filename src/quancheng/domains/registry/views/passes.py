"""Pages of short-lived codes: the duty room gives one, sees it once, takes it back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache

from quancheng.domains.registry.forms.codes import PassForm
from quancheng.domains.registry.models import AccessPass
from quancheng.domains.registry.models.codes import Looker
from quancheng.domains.registry.queries import codes as queries
from quancheng.domains.registry.services import passes as services
from quancheng.domains.registry.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotFound, Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.people.actors import actor_of


def _state(row: AccessPass) -> str:
    if row.closed_at is not None:
        return _("已收回")
    return _("有效") if row.expires_at > timezone.now() else _("已失效")


class PassList(ListPage):
    """Short-lived codes that were given (临时查看码)."""

    code = "registry.passes"
    title = gettext_lazy("临时查看码")
    columns = (
        Column("holder", gettext_lazy("告知对象"), link=True, sort="holder", card="title", width="wide"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name,
               sort="enterprise__pinyin", card="meta", width="wide"),
        Column("product", gettext_lazy("产品"), value=lambda row: row.product.name if row.product else ""),
        Column("looker", gettext_lazy("查看身份"), value=lambda row: row.get_looker_display(), sort="looker",
               card="meta"),
        Column("state", gettext_lazy("状态"), value=_state, card="meta"),
        Column("opened_at", gettext_lazy("发出时间"), sort="opened_at"),
        Column("expires_at", gettext_lazy("失效时间"), sort="expires_at"),
        Column("uses", gettext_lazy("使用次数"), numeric=True, sort="uses"),
        Column("reason", gettext_lazy("事由"), shown=False, width="wide"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("对象、企业、事由"), pinned=True,
               fields=("holder", "enterprise__name", "reason")),
        Choice(name="looker", label=gettext_lazy("查看身份"), choices=Looker.choices, field="looker", pinned=True),
        Flag(name="live", label=gettext_lazy("只看有效"),
             condition=lambda actor: Q(expires_at__gt=timezone.now(), closed_at__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有发出临时查看码")

    def queryset(self, actor: Actor) -> QuerySet[AccessPass]:
        return queries.list_passes(actor=actor)

    def url_of(self, row: AccessPass) -> str:
        return reverse("registry:pass", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        found = [(gettext_lazy("发出临时查看码"), reverse("registry:pass_new"))]
        return found if actor.has(services.OPEN) else []


@method_decorator(never_cache, name="dispatch")
class NewPass(View):
    """The form; after a good one the code, on this answer only."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = self._actor(request)
        return self._show(request, PassForm(actor=actor, initial={"hours": services.default_hours()}))

    def post(self, request: HttpRequest) -> HttpResponse:
        actor = self._actor(request)
        form = PassForm(request.POST, actor=actor)
        if not form.is_valid():
            return self._show(request, form, status=422)
        given = form.cleaned_data
        told = {name: given[name] for name in ("file", "product", "looker", "holder", "reason", "hours")}
        try:
            made, secret = services.open_pass(actor=actor, now=timezone.now(), **told)
        except Invalid as refused:
            return self._show(request, form, status=tell(form, refused))
        return render(request, "registry/pass_made.html", {"made": made, "secret": f"{secret[:4]}-{secret[4:]}"})

    def _actor(self, request: HttpRequest) -> Actor:
        actor = actor_of(request)
        actor.require(services.OPEN)
        return actor

    def _show(self, request: HttpRequest, form: PassForm, *, status: int = 200) -> HttpResponse:
        return render(request, "registry/pass_new.html", {"form": form}, status=status)


class PassPage(ObjectPage[AccessPass]):
    """One short-lived code: to whom, why, how often used."""

    template = "registry/object.html"
    back = (gettext_lazy("临时查看码"), lambda: reverse("registry:passes"))

    def get_row(self, actor: Actor, **kwargs: Any) -> AccessPass:
        return queries.get_pass(actor=actor, pass_id=kwargs["pk"])

    def head(self, row: AccessPass, actor: Actor) -> ObjectHead:
        tone = "active" if row.closed_at is None and row.expires_at > timezone.now() else "quiet"
        return ObjectHead(title=row.holder, subtitle=row.get_looker_display(), marks=[marks.badge(_state(row), tone)])

    def facts(self, row: AccessPass, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=row.enterprise.name if row.enterprise else ""),
            Fact(label=_("产品"), value=row.product.name if row.product else _("全部产品")),
            Fact(label=_("事由"), value=row.reason, wide=True),
            Fact(label=_("发出"), value=words.stamp(row.opened_at, row.owner_org.label)),
            Fact(label=_("失效时间"), value=row.expires_at),
            Fact(label=_("提前收回时间"), value=row.closed_at),
            Fact(label=_("使用次数"), value=row.uses),
        ]

    def actions(self, row: AccessPass, actor: Actor) -> Sequence[Action]:
        is_live = row.closed_at is None and row.expires_at > timezone.now()
        if not is_live or not actor.has(services.OPEN) or row.owner_org_id != actor.organisation_id:
            return ()
        return [Action(name="close", label=_("收回"), primary=True, confirm=_("收回后立即失效，确定吗？"))]

    def perform(
        self, *, actor: Actor, row: AccessPass, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "close":
            raise NotFound
        services.close_pass(actor=actor, given=row, now=now)
