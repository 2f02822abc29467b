"""Pages of looks on site after the term of a major danger ended (期满现场审查)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.forms.resumptions import ExpiryReviewForm
from quancheng.domains.hazards.loops.expiry_review import EXPIRY_REVIEW
from quancheng.domains.hazards.models import ExpiryReview
from quancheng.domains.hazards.queries import expiry_reviews as queries
from quancheng.domains.hazards.services.expiry_reviews import record_expiry_review
from quancheng.domains.hazards.views.words import finding_link
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Fact, ObjectHead, ObjectPage, Tab


class ExpiryReviewList(ListPage):
    """Looks on site after a term ended."""

    code = "hazards.expiry_reviews"
    title = gettext_lazy("期满现场审查")
    columns = (
        Column("title", gettext_lazy("审查事项"), link=True, card="title", width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.finding.file.enterprise.name, card="meta"),
        Column("expired_date", gettext_lazy("届满的整改期限"), sort="expired_date"),
        Column("due_date", gettext_lazy("审查时限"), sort="due_date", card="meta"),
        Column("visited_date", gettext_lazy("现场审查日期"), sort="visited_date"),
    )
    filters = (
        Search(name="q", label=gettext_lazy("隐患、企业"), fields=("title", "finding__file__enterprise__name"),
               pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=EXPIRY_REVIEW.choices, field="status", pinned=True),
        Flag(name="open", label=gettext_lazy("只看待审查的"), condition=lambda actor: Q(closed_at__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有期满的重大隐患")

    def queryset(self, actor: Actor) -> QuerySet[ExpiryReview]:
        return queries.list_expiry_reviews(actor=actor)

    def url_of(self, row: ExpiryReview) -> str:
        return reverse("hazards:expiry_review", args=[row.pk])


class ExpiryReviewPage(ObjectPage[ExpiryReview]):
    """One look."""

    template = "hazards/object.html"
    back = (gettext_lazy("期满现场审查"), lambda: reverse("hazards:expiry_reviews"))
    forms = {"review": ExpiryReviewForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> ExpiryReview:
        return queries.get_expiry_review(actor=actor, review_id=kwargs["pk"])

    def head(self, row: ExpiryReview, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.finding.name, code=row.finding.code, subtitle=_("期满现场审查"))

    def facts(self, row: ExpiryReview, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.finding.file)),
            Fact(label=_("隐患"), value=finding_link(row.finding), wide=True),
            Fact(label=_("届满的整改期限"), value=row.expired_date),
            Fact(label=_("审查时限"), value=row.due_date),
            Fact(label=_("现场审查日期"), value=row.visited_date),
            Fact(label=_("审查情况和处理意见"), value=row.text, wide=True),
        ]

    def tabs(self, row: ExpiryReview, actor: Actor) -> Sequence[Tab]:
        held = list(files_of(row))
        return [Tab(name="files", label=_("照片、材料"), count=len(held), template="registry/_files.html",
                    context=lambda: {"files": held})]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: ExpiryReview, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
        record_expiry_review(actor=actor, row=row, visited=given["visited"], text=given["text"], evidence=evidence,
                             now=now, client_id=client_id)  # fmt: skip
