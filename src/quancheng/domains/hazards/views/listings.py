"""Pages of listed supervision (挂牌督办): candidates, each listing, its visits, and what everybody may read."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms as django_forms
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from quancheng.domains.hazards.forms import listings as forms
from quancheng.domains.hazards.loops.listing import FAILED_TERMS, LISTING
from quancheng.domains.hazards.models import Finding, Listing, ListingVisit
from quancheng.domains.hazards.models.listings import LEVELS, LISTED
from quancheng.domains.hazards.queries import listings as queries
from quancheng.domains.hazards.services import listings as services
from quancheng.domains.hazards.views.of_finding import FindingPage
from quancheng.domains.hazards.views.words import criterion_link, finding_link
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import in_language, link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import told


def _today() -> date:
    return Calendar().local_date(timezone.now())


class CandidateList(ListPage):
    """Open major dangers that a rule makes candidates (挂牌候选), each with its reasons."""

    code = "hazards.listing_candidates"
    title = gettext_lazy("挂牌督办候选")
    duty = services.PROPOSE
    columns = (
        Column("name", gettext_lazy("隐患名称"), link=True, card="title", width="wide"),
        Column("code", gettext_lazy("编号"), sort="code", card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("because", gettext_lazy("候选原因"), card="meta", width="wide",
               value=lambda row: "；".join(told(one) for one in queries.reasons_of(row, _today()))),
        Column("deadline", gettext_lazy("整改期限"), sort="deadline"),
        Column("found_at", gettext_lazy("发现时间"), sort="found_at"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else ""),
        Column("supervisor", gettext_lazy("监管部门"), value=lambda row: row.supervisor.label),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("隐患、编号、企业"), pinned=True,
               fields=("name", "code", "file__enterprise__name")),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有符合挂牌条件的重大隐患")

    def queryset(self, actor: Actor) -> QuerySet[Finding]:
        return queries.list_candidates(actor=actor, today=_today())

    def url_of(self, row: Finding) -> str:
        return reverse("hazards:listing_new", args=[row.pk])


class ListingList(ListPage):
    """Listed supervision (挂牌督办台账)."""

    code = "hazards.listings"
    title = gettext_lazy("挂牌督办")
    columns = (
        Column("title", gettext_lazy("督办事项"), link=True, card="title", width="wide"),
        Column("number_text", gettext_lazy("督办文号"), sort="number_text", card="meta"),
        Column("code", gettext_lazy("编号"), sort="code", shown=False),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("level", gettext_lazy("挂牌级别"), value=lambda row: row.get_level_display(), sort="level"),
        Column("owner", gettext_lazy("督办单位"), value=lambda row: row.owner_org.label),
        Column("inspector", gettext_lazy("督办责任人")),
        Column("served_at", gettext_lazy("挂牌时间"), sort="served_at"),
        Column("term_date", gettext_lazy("督办期限"), sort="term_date", card="meta"),
        Column("progress", gettext_lazy("整改进度"), value=lambda row: row.get_progress_display(), sort="progress",
               numeric=True),
        Column("failed_terms", gettext_lazy("未完成的期限数"), numeric=True, sort="failed_terms"),
        Column("closed_at", gettext_lazy("摘牌时间"), sort="closed_at"),
        Column("published_at", gettext_lazy("公布时间"), sort="published_at", shown=False),
        Column("recorded_at", gettext_lazy("上级备案时间"), sort="recorded_at", shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else "",
               shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("事项、文号、企业"), pinned=True,
               fields=("title", "number_text", "code", "file__enterprise__name")),
        Choice(name="status", label=gettext_lazy("状态"), choices=LISTING.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="level", label=gettext_lazy("挂牌级别"), choices=LEVELS, field="level"),
        Flag(name="standing", label=gettext_lazy("只看挂牌中的"), condition=lambda actor: Q(status__in=LISTED)),
        Flag(name="overdue", label=gettext_lazy("只看超期的"),
             condition=lambda actor: Q(status__in=LISTED, term_date__lt=_today())),
        Flag(name="upgrade", label=gettext_lazy("只看应提级的"),
             condition=lambda actor: Q(status__in=LISTED, level="county", failed_terms__gte=FAILED_TERMS)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Dates(name="listed", label=gettext_lazy("挂牌时间"), field="served_at", times=True),
        Dates(name="lifted", label=gettext_lazy("摘牌时间"), field="closed_at", times=True),
        Flag(name="gone", label=gettext_lazy("只看已摘牌的"), condition=lambda actor: Q(status="LIFTED")),
    )  # fmt: skip
    empty_title = gettext_lazy("没有挂牌督办")

    def queryset(self, actor: Actor) -> QuerySet[Listing]:
        return queries.list_listings(actor=actor)

    def url_of(self, row: Listing) -> str:
        return reverse("hazards:listing", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        found = [(gettext_lazy("公布页面"), reverse("hazards:listings_published"))]
        if actor.has(services.PROPOSE):
            found.append((gettext_lazy("挂牌候选"), reverse("hazards:listing_candidates")))
        return found


class NewListing(FindingPage):
    """A department proposes that a major danger is listed."""

    title = gettext_lazy("提议挂牌督办")
    lead = gettext_lazy("提议后由安委办审核、区领导签发，五个工作日内送达并公布。")
    duty = services.PROPOSE
    form = forms.ProposeForm
    button = gettext_lazy("提议")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        reasons = queries.reasons_of(self.finding, Calendar().local_date(now))
        said = "；".join(one.zh for one in reasons)
        return {"reason": f"{self.finding.code} {self.finding.name}：{said}" if said else "", "inspector": actor.name,
                "requirement": _("按治理方案整改到位；整改期间落实临时管控措施，每周报告进展。")}  # fmt: skip

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        spec = services.ListingSpec(**given)
        made = services.propose_listing(actor=actor, finding=self.finding, spec=spec, now=now, client_id=client_id)
        return reverse("hazards:listing", args=[made.pk])


class ListingPage(ObjectPage[Listing]):
    """One listing from its proposal to the archive."""

    template = "hazards/object.html"
    back = (gettext_lazy("挂牌督办"), lambda: reverse("hazards:listings"))
    forms = {
        "record": forms.RecordForm, "ask_more": forms.LongerForm, "grant": forms.GrantForm, "pass": forms.OpinionForm,
        "fail": forms.FailForm, "miss": forms.FailForm,
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> Listing:
        return queries.get_listing(actor=actor, listing_id=kwargs["pk"])

    def head(self, row: Listing, actor: Actor) -> ObjectHead:
        shown = [marks.badge(row.get_level_display(), "active")] if row.status in LISTED else []
        if row.level == "county" and row.status in LISTED and services.may_upgrade(row, timezone.now()):
            shown.append(marks.badge(_("应提级督办"), "active"))
        return ObjectHead(title=row.title, code=row.number_text or row.code, marks=shown)

    def facts(self, row: Listing, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("隐患"), value=finding_link(row.finding), wide=True),
            Fact(label=_("判定标准"), value=criterion_link(row.finding.criterion), wide=True),
            Fact(label=_("候选原因"), value="；".join(in_language(one) for one in row.because), wide=True),
            Fact(label=_("提议理由"), value=row.reason, wide=True),
            Fact(label=_("督办要求"), value=row.requirement, wide=True),
            Fact(label=_("督办单位"), value=row.owner_org.label),
            Fact(label=_("督办责任人"), value=row.inspector),
            Fact(label=_("督办期限"), value=row.term_date),
            Fact(label=_("整改进度"), value=row.get_progress_display()),
            Fact(label=_("挂牌督办通知书"), value=_paper(row.paper, actor)),
            Fact(label=_("签发人"), value=row.signer_name),
            Fact(label=_("挂牌时间"), value=row.served_at),
            Fact(label=_("公布"), value=_("涉及安全敏感信息，不公布") if row.is_sensitive else row.published_at),
            Fact(label=_("上级备案时间"), value=row.recorded_at, filled_by=_("安委办") if row.served_at else ""),
            Fact(label=_("未完成的期限数"), value=row.failed_terms),
            Fact(label=_("申请延长至"), value=row.wanted_date),
            Fact(label=_("申请摘牌时间"), value=row.applied_at),
            Fact(label=_("复核意见"), value=row.review, wide=True),
            Fact(label=_("摘牌通知书"), value=_paper(row.lift_paper, actor)),
            Fact(label=_("摘牌时间"), value=row.closed_at if row.status == "LIFTED" else None),
        ]

    def tabs(self, row: Listing, actor: Actor) -> Sequence[Tab]:
        visits, held = queries.visits_of(row, actor=actor), list(files_of(row))
        return [
            Tab(name="visits", label=_("现场督导"), count=len(visits), template="hazards/_listing_visits.html",
                context=lambda: {"visits": visits}),
            Tab(name="files", label=_("照片、材料"), count=len(held), template="registry/_files.html",
                context=lambda: {"files": held}),
        ]  # fmt: skip

    def form_for(
        self, action: Any, row: Listing, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "apply":
            return forms.ProofForm(data, files)
        if action.name == "grant":
            return forms.GrantForm(data, initial={"until": row.wanted_date})
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Listing, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        reason = given.get("reason", "")
        acts: dict[str, Callable[[], Any]] = {
            "agree": lambda: services.review_listing(**common),
            "sign": lambda: services.sign_listing(**common),
            "serve": lambda: services.serve_listing(**common),
            "lift": lambda: services.lift_listing(**common),
            "record": lambda: services.note_listing(**common, name=name, text=given["text"]),
            "ask_more": lambda: services.ask_longer(**common, until=given["until"], reason=reason),
            "grant": lambda: services.judge_longer(**common, granted=True, until=given["until"], reason=reason),
            "deny": lambda: services.judge_longer(**common, granted=False, until=None, reason=reason),
            "pass": lambda: services.review_lifting(**common, name=name, text=given["text"]),
        }
        for each in ("fail", "miss"):
            acts[each] = lambda: services.review_lifting(
                **common, name=name, text=reason, until=given["until"], stop=given["stop"]
            )  # fmt: skip
        if name == "apply":
            evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
            services.apply_lifting(**common, text=given["text"], evidence=evidence)
        elif name in acts:
            acts[name]()
        else:
            services.note_listing(**common, name=name, text=reason)


def _paper(paper: Any, actor: Actor) -> Any:
    """Number of a paper; who keeps or got it is led to it."""
    if paper is None:
        return ""
    if actor.organisation_id == paper.owner_org_id:
        return format_html('<a href="{}">{}</a>', reverse("papers:paper", args=[paper.pk]), paper)
    return str(paper)


class VisitPage(ObjectPage[ListingVisit]):
    """One visit on a listed danger."""

    template = "hazards/object.html"
    back = (gettext_lazy("挂牌督办"), lambda: reverse("hazards:listings"))

    def get_row(self, actor: Actor, **kwargs: Any) -> ListingVisit:
        return queries.get_visit(actor=actor, visit_id=kwargs["pk"])

    def head(self, row: ListingVisit, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.listing.title, code=row.listing.number_text, subtitle=_("现场督导"))

    def facts(self, row: ListingVisit, actor: Actor) -> Sequence[Fact]:
        listing = row.listing
        link = format_html('<a href="{}">{}</a>', reverse("hazards:listing", args=[listing.pk]), listing)
        return [
            Fact(label=_("企业"), value=link_to(listing.file)),
            Fact(label=_("挂牌督办"), value=link, wide=True),
            Fact(label=_("督导时限"), value=row.due_date),
            Fact(label=_("督导时间"), value=row.closed_at),
            Fact(label=_("整改进度"), value="" if row.progress is None else row.get_progress_display()),
            Fact(label=_("督导情况"), value=row.text, wide=True),
        ]

    def tabs(self, row: ListingVisit, actor: Actor) -> Sequence[Tab]:
        held = list(files_of(row))
        return [Tab(name="files", label=_("照片、材料"), count=len(held), template="registry/_files.html",
                    context=lambda: {"files": held})]  # fmt: skip

    def form_for(
        self, action: Any, row: ListingVisit, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "visit":
            return forms.VisitForm(data, files, initial={"progress": row.listing.progress})
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: ListingVisit, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
        services.record_visit(actor=actor, visit=row, progress=given["progress"], text=given["text"],
                              evidence=evidence, now=now, client_id=client_id)  # fmt: skip


@login_not_required
@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """What was published of listed supervision, for everybody."""
    return render(request, "hazards/listings_published.html", {"rows": queries.published()})
