"""Plans of single enterprises (一企一策)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.risk.forms import gradings as forms
from quancheng.domains.risk.loops.grading import POLICY
from quancheng.domains.risk.models import Policy
from quancheng.domains.risk.queries import gradings as queries
from quancheng.domains.risk.services import policies as services
from quancheng.domains.risk.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.filters import Choice, Dates, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab


class PolicyList(ListPage):
    """Plans of single enterprises (一企一策)."""

    code = "risk.policies"
    title = gettext_lazy("一企一策")
    columns = (
        Column("code", gettext_lazy("编号"), sort="code"),
        Column("title", gettext_lazy("企业"), link=True, sort="title", card="title", width="wide"),
        Column("because", gettext_lazy("制定依据"), value=lambda row: "；".join(words.reasons(row.because))),
        Column("due_date", gettext_lazy("制定期限"), sort="due_date", card="meta"),
        Column("review_date", gettext_lazy("年度复审日期"), sort="review_date"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、编号"), fields=("title", "code"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=POLICY.choices, field="status", multiple=True,
               pinned=True),
        Dates(name="due", label=gettext_lazy("制定期限"), field="due_date"),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有一企一策")

    def queryset(self, actor: Actor) -> QuerySet[Policy]:
        return queries.list_policies(actor=actor)

    def url_of(self, row: Policy) -> str:
        return reverse("risk:policy", args=[row.pk])


class PolicyPage(ObjectPage[Policy]):
    """One plan: what calls for it, its goal, its measures with who answers until when."""

    template = "risk/object.html"
    back = (gettext_lazy("一企一策"), lambda: reverse("risk:policies"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Policy:
        return queries.get_policy(actor=actor, policy_id=kwargs["pk"])

    def head(self, row: Policy, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code, subtitle=_("一企一策"))

    def facts(self, row: Policy, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("制定期限"), value=row.due_date),
            Fact(label=_("制定依据"), value="；".join(words.reasons(row.because)), wide=True),
            Fact(label=_("管控目标"), value=row.goal, wide=True, filled_by=_("企业")),
            Fact(label=_("年度复审日期"), value=row.review_date),
        ]

    def tabs(self, row: Policy, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(Policy, [row.pk]).get(row.pk, [])
        return [
            Tab(name="measures", label=_("管控措施"), count=len(row.measures), template="risk/_policy_measures.html",
                context=lambda: {"measures": row.measures}),
            Tab(name="files", label=_("方案文件"), count=len(files), template="registry/_files.html",
                context=lambda: {"files": files}),
        ]  # fmt: skip

    def actions(self, row: Policy, actor: Actor) -> Sequence[Action]:
        return [
            Action(name=one.name, label=one.label, primary=one.primary, asks=True)
            for one in super().actions(row, actor)
        ]

    def form_for(
        self, action: Action, row: Policy, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "submit":
            known = {"goal": row.goal, "measures": forms.measures_as_text(row.measures)}
            return forms.PolicyForm(data, files, initial=known)
        if action.name == "approve":
            return forms.NoteForm(data)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Policy, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        if name == "submit":
            evidence = receive_uploads(actor=actor, uploads=given["evidence"] or [], now=now)
            services.submit_policy(**common, goal=given["goal"], measures=given["measures"], evidence=evidence)
        elif name == "approve":
            services.approve_policy(**common, text=given["text"])
        else:
            services.answer_policy(**common, name=name, reason=given["reason"])
