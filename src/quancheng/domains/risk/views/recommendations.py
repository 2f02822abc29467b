"""What analyses recommend (建议措施): the list with its closing rate, and one of them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.risk import analysis_scheme as scheme
from quancheng.domains.risk.forms import analyses as forms
from quancheng.domains.risk.loops.analysis import RECOMMENDATION
from quancheng.domains.risk.models import Recommendation
from quancheng.domains.risk.queries import analyses as queries
from quancheng.domains.risk.services import recommendations
from quancheng.domains.risk.views import words
from quancheng.domains.risk.views.analyses import TOWN, today
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Fact, ObjectHead, ObjectPage, Tab


class RecommendationList(ListPage):
    """What analyses recommend (建议措施)."""

    code = "risk.recommendations"
    title = gettext_lazy("分析建议措施")
    template = "risk/recommendations.html"
    columns = (
        Column("title", gettext_lazy("建议措施"), link=True, card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.analysis.file.enterprise.name, card="meta"),
        Column("analysis", gettext_lazy("分析编号"), value=lambda row: row.analysis.code, sort="analysis__code"),
        Column("unit", gettext_lazy("风险分析单元"), value=lambda row: row.analysis.unit.name),
        Column("responsible", gettext_lazy("责任人")),
        Column("raised_date", gettext_lazy("提出日期"), sort="raised_date"),
        Column("due_date", gettext_lazy("完成期限"), sort="due_date", card="meta"),
        Column("closed_at", gettext_lazy("关闭时间"), sort="closed_at", shown=False),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("措施、企业、编号"), pinned=True,
               fields=("title", "analysis__code", "analysis__file__enterprise__name")),
        Choice(name="status", label=gettext_lazy("状态"), choices=RECOMMENDATION.choices, field="status",
               multiple=True, pinned=True),
        Dates(name="due", label=gettext_lazy("完成期限"), field="due_date"),
        Flag(name="late", label=gettext_lazy("只看超期的"),
             condition=lambda actor: Q(status__in=("OPEN", "DONE"), due_date__lt=today())),
        Flag(name="stale", label=gettext_lazy("超过12个月未关闭"), condition=lambda actor: queries.is_stale(today())),
        TOWN,
    )  # fmt: skip
    empty_title = gettext_lazy("还没有建议措施")

    def queryset(self, actor: Actor) -> QuerySet[Recommendation]:
        return queries.list_recommendations(actor=actor)

    def url_of(self, row: Recommendation) -> str:
        return reverse("risk:recommendation", args=[row.pk])

    def more_context(self, actor: Actor) -> dict[str, Any]:
        closed, accepted = queries.closing_figures(actor=actor)
        return {"closed": closed, "accepted": accepted, "rate": round(100 * closed / accepted) if accepted else None}


class RecommendationPage(ObjectPage[Recommendation]):
    """One recommendation until it is closed or rejected."""

    template = "risk/object.html"
    back = (gettext_lazy("分析建议措施"), lambda: reverse("risk:recommendations"))
    forms = {"finish": forms.DoneForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Recommendation:
        return queries.get_recommendation(actor=actor, recommendation_id=kwargs["pk"])

    def head(self, row: Recommendation, actor: Actor) -> ObjectHead:
        shown = [words.colour(row.row.level)]
        return ObjectHead(title=row.title, code=row.analysis.code, subtitle=_("建议措施"), marks=shown)

    def facts(self, row: Recommendation, actor: Actor) -> Sequence[Fact]:
        found = [
            Fact(label=_("企业"), value=words.link_to(row.analysis.file)),
            Fact(label=_("风险分析"), value=words.link("analysis", row.analysis)),
            Fact(label=_("针对"), value=scheme.title_of(row.analysis.method, row.row.values), wide=True),
            Fact(label=_("建议内容"), value=row.text, wide=True),
            Fact(label=_("责任人"), value=row.responsible),
            Fact(label=_("提出日期"), value=row.raised_date),
            Fact(label=_("完成期限"), value=row.due_date),
            Fact(label=_("完成情况"), value=row.result, wide=True),
        ]
        if not row.is_closed and queries.is_old(row, today()):
            said = _("已超过12个月未关闭，应按隐患治理。")
            found.append(Fact(label=_("提示"), value=format_html("{} {}", marks.badge(_("超期"), "active"), said),
                              wide=True))  # fmt: skip
        return found

    def tabs(self, row: Recommendation, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(Recommendation, [row.pk]).get(row.pk, [])
        return [Tab(name="files", label=_("佐证材料"), count=len(files), template="registry/_files.html",
                    context=lambda: {"files": files})]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: Recommendation, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        if name == "finish":
            kept = receive_uploads(actor=actor, uploads=given["papers"] or [], now=now)
            recommendations.finish_recommendation(**common, text=given["evidence"], evidence=kept)
        else:
            recommendations.answer_recommendation(**common, name=name, reason=given.get("reason", ""))
