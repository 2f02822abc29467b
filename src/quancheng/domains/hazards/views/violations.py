"""Pages of violations (反三违), for the enterprise that they happened in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.forms.violations import ViolationForm
from quancheng.domains.hazards.models import Violation
from quancheng.domains.hazards.models.violations import ViolationKind
from quancheng.domains.hazards.queries import violations as queries
from quancheng.domains.hazards.queries.findings import get_finding
from quancheng.domains.hazards.services import violations as services
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Search
from quancheng.kernel.pages.lists import Column, ListPage


class ViolationList(ListPage):
    """Violations by worker and type (反三违台账); whoever supervises the enterprise sees none of it."""

    code = "hazards.violations"
    title = gettext_lazy("反三违台账")
    duty = services.CONFIRM
    columns = (
        Column("worker", gettext_lazy("违章人员"), sort="worker", card="title"),
        Column("kind", gettext_lazy("三违类型"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("finding", gettext_lazy("隐患"), value=lambda row: str(row.finding), link=True, width="wide"),
        Column("found_at", gettext_lazy("发现时间"), value=lambda row: row.finding.found_at, sort="finding__found_at",
               card="meta"),
        Column("note", gettext_lazy("处理情况"), width="wide"),
        Column("by_name", gettext_lazy("登记人"), shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("违章人员、隐患"), fields=("worker", "finding__name"), pinned=True),
        Choice(name="kind", label=gettext_lazy("三违类型"), choices=ViolationKind.choices, field="kind", pinned=True),
        Dates(name="found", label=gettext_lazy("发现时间"), field="finding__found_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有登记三违")

    def queryset(self, actor: Actor) -> QuerySet[Violation]:
        return queries.list_violations(actor=actor)

    def url_of(self, row: Violation) -> str:
        return reverse("hazards:finding", args=[row.finding_id])


class NewViolation(CreatePage):
    """The violation behind one danger of one's own enterprise."""

    title = gettext_lazy("登记三违")
    duty = services.CONFIRM
    form = ViolationForm
    button = gettext_lazy("登记")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.finding = get_finding(actor=actor, finding_id=kwargs["pk"])
        if self.finding.owner_org_id != actor.organisation_id:
            raise NotPermitted

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        found = queries.violation_of(self.finding, actor=actor)
        return {"kind": found.kind, "worker": found.worker, "note": found.note} if found else {}

    def back_url(self) -> str:
        return reverse("hazards:finding", args=[self.finding.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.record_violation(actor=actor, row=self.finding, now=now, **given)
        return self.back_url()
