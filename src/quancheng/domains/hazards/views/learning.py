"""Pages of same-type self-checks (同类自查): an office sends one after a look at whom it means, each unit answers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.hazards.forms import learning as forms
from quancheng.domains.hazards.loops.learning import PUSH as PUSH_LOOP
from quancheng.domains.hazards.loops.learning import PUSH_REPLY
from quancheng.domains.hazards.models import Finding, Push, PushReply
from quancheng.domains.hazards.queries import learning as queries
from quancheng.domains.hazards.queries.findings import get_finding
from quancheng.domains.hazards.services import learning as services
from quancheng.domains.hazards.views.words import criterion_link, finding_link
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.registry.views.words import in_language, link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import DomainError, NotFound, NotPermitted
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.given import asked_key, known_key
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import client_id_of, redirect_to
from quancheng.kernel.people.actors import actor_of


def _share(row: Push) -> str:
    """Answered of asked, and the share."""
    asked, answered = row.asked_count, row.answered_count  # type: ignore[attr-defined]
    return f"{answered} / {asked}" + (f"（{answered * 100 // asked}%）" if asked else "")


class PushList(ListPage):
    """Self-checks that offices asked for (同类自查)."""

    code = "hazards.pushes"
    title = gettext_lazy("同类自查推送")
    columns = (
        Column("title", gettext_lazy("自查事项"), link=True, card="title", width="wide"),
        Column("code", gettext_lazy("编号"), sort="code", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("owner", gettext_lazy("推送单位"), value=lambda row: row.owner_org.label),
        Column("criterion", gettext_lazy("判定标准"), sort="criterion"),
        Column("created_at", gettext_lazy("推送时间"), sort="created_at"),
        Column("due_date", gettext_lazy("回复期限"), sort="due_date", card="meta"),
        Column("asked_count", gettext_lazy("推送企业数"), numeric=True, sort="asked_count"),
        Column("answered", gettext_lazy("已回复"), value=_share, numeric=True, sort="answered_count"),
        Column("found_units", gettext_lazy("发现隐患的企业数"), numeric=True, sort="found_units"),
        Column("found", gettext_lazy("发现隐患数"), value=lambda row: row.found_sum or 0, numeric=True,
               sort="found_sum"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("事项、编号"), fields=("title", "code"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=PUSH_LOOP.choices, field="status", multiple=True,
               pinned=True),
        Dates(name="sent", label=gettext_lazy("推送时间"), field="created_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有推送同类自查")

    def queryset(self, actor: Actor) -> QuerySet[Push]:
        return queries.list_pushes(actor=actor)

    def url_of(self, row: Push) -> str:
        return reverse("hazards:push", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        found = [(gettext_lazy("企业回复"), reverse("hazards:push_replies"))]
        if actor.has(services.PUSH):
            found.append((gettext_lazy("推送同类自查"), reverse("hazards:push_new")))
        return found


class ReplyList(ListPage):
    """Answers owed and given (同类自查回复)."""

    code = "hazards.push_replies"
    title = gettext_lazy("同类自查")
    columns = (
        Column("title", gettext_lazy("自查事项"), link=True, card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else ""),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("due_date", gettext_lazy("回复期限"), sort="due_date", card="meta"),
        Column("closed_at", gettext_lazy("回复时间"), sort="closed_at"),
        Column("found_count", gettext_lazy("发现隐患数"), numeric=True, sort="found_count"),
        Column("owner", gettext_lazy("推送单位"), value=lambda row: row.push.owner_org.label, shown=False),
        Column("text", gettext_lazy("自查情况"), shown=False, width="wide"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("事项、企业"), fields=("title", "file__enterprise__name"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=PUSH_REPLY.choices, field="status", multiple=True,
               pinned=True),
        Flag(name="open", label=gettext_lazy("只看没有回复的"), condition=lambda actor: Q(closed_at__isnull=True)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有同类自查")

    def queryset(self, actor: Actor) -> QuerySet[PushReply]:
        return queries.list_replies(actor=actor)

    def url_of(self, row: PushReply) -> str:
        return reverse("hazards:push_reply", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [(gettext_lazy("推送情况"), reverse("hazards:pushes"))] if actor.supervises else []


class NewPush(View):
    """Whom it means is looked at first; then it is sent to those who are ticked."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = self._actor(request)
        for name in request.GET:
            if name not in ("criterion", "process", "equipment", "kinds", "town", "finding"):
                raise unknown_parameter(name)
        finding = self._finding(actor, request.GET)
        initial: dict[str, Any] = {}
        given: QueryDict = request.GET
        if finding is not None:
            initial = {"title": _("同类自查：%(name)s") % {"name": finding.name}, "text": _text_of(finding)}
            if set(given) == {"finding"}:
                given = QueryDict(mutable=True)
                given["criterion"] = finding.criterion
        return self._show(request, actor, given, finding, forms.PushForm(initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        actor = self._actor(request)
        finding = self._finding(actor, request.POST)
        form = forms.PushForm(request.POST)
        asking = self._asking(actor, request.POST, finding)
        if not form.is_valid() or not asking.is_valid():
            return self._show(request, actor, request.POST, finding, form, status=422)
        spec = services.PushSpec(finding=finding, **form.cleaned_data)
        files = {key for key in map(known_key, request.POST.getlist("files")) if key is not None}
        try:
            made = services.push_self_check(
                actor=actor, spec=spec, asked=_asked(asking), files=files, now=timezone.now(),
                client_id=client_id_of(request),
            )  # fmt: skip
        except DomainError as refused:
            return self._show(request, actor, request.POST, finding, form, status=tell(form, refused))
        return redirect_to(request, reverse("hazards:push", args=[made.pk]))

    def _actor(self, request: HttpRequest) -> Actor:
        actor = actor_of(request)
        actor.require(services.PUSH)
        if not actor.supervises:
            raise NotPermitted
        return actor

    def _finding(self, actor: Actor, given: QueryDict) -> Finding | None:
        if not given.get("finding"):
            return None
        return get_finding(actor=actor, finding_id=asked_key(str(given["finding"])))

    def _asking(self, actor: Actor, given: QueryDict, finding: Finding | None) -> forms.AskedForm:
        text = f"{finding.name} {finding.description}" if finding else ""
        on = Calendar().local_date(timezone.now())
        return forms.AskedForm(given, text=text, on=on, towns=town_choices(actor))

    def _show(
        self, request: HttpRequest, actor: Actor, given: QueryDict, finding: Finding | None,
        form: django_forms.Form, *, status: int = 200,
    ) -> HttpResponse:  # fmt: skip
        asking = self._asking(actor, given, finding)
        asked = _asked(asking) if asking.is_valid() else queries.Asked()
        found = queries.candidates(actor=actor, asked=asked, besides=finding)
        ticked = set(given.getlist("files")) if request.method == "POST" else {str(one.file.pk) for one in found}
        rows = [
            (one.file, "；".join(in_language({"zh": each.zh, "en": each.en}) for each in one.because),
             str(one.file.pk) in ticked)
            for one in found[: queries.MOST_UNITS]
        ]  # fmt: skip
        context = {
            "asking": asking, "form": form, "rows": rows, "asked": asked, "finding": finding,
            "is_more": len(found) > queries.MOST_UNITS, "most": queries.MOST_UNITS,
            "client_id": request.POST.get("client_id") or str(uuid.uuid4()),
        }  # fmt: skip
        return render(request, "hazards/push_new.html", context, status=status)


def _asked(form: django_forms.Form) -> queries.Asked:
    given = form.cleaned_data
    return queries.Asked(
        criterion=given["criterion"], process=given["process"], equipment=given["equipment"].strip(),
        kinds=tuple(given["kinds"]), town=given["town"],
    )  # fmt: skip


def _text_of(finding: Finding) -> str:
    lesson = getattr(finding, "learned", None)
    lines = [_("请对照自查：%(name)s") % {"name": finding.name}]
    if lesson is not None:
        lines.append(_("根本原因：%(cause)s") % {"cause": lesson.root_cause})
    return "\n".join(lines)


class PushPage(ObjectPage[Push]):
    """One self-check: what was asked of whom, who answered, how many dangers it found."""

    template = "hazards/object.html"
    back = (gettext_lazy("同类自查推送"), lambda: reverse("hazards:pushes"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Push:
        return queries.get_push(actor=actor, push_id=kwargs["pk"])

    def head(self, row: Push, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code, subtitle=row.owner_org.label)

    def facts(self, row: Push, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("自查内容和要求"), value=row.text, wide=True),
            Fact(label=_("来源隐患"), value=finding_link(row.finding), wide=True),
            Fact(label=_("判定标准"), value=criterion_link(row.criterion), wide=True),
            Fact(label=_("推送时间"), value=row.created_at),
            Fact(label=_("回复期限"), value=row.due_date),
            Fact(label=_("已回复"), value=_share(row)),
            Fact(label=_("完成比例（%）"), value=row.done_percent),
            Fact(label=_("发现隐患的企业数"), value=row.found_units),  # type: ignore[attr-defined]
            Fact(label=_("发现隐患数"), value=row.found_sum or 0),  # type: ignore[attr-defined]
        ]

    def tabs(self, row: Push, actor: Actor) -> Sequence[Tab]:
        replies = queries.replies_of(row, actor=actor)
        return [Tab(name="replies", label=_("企业回复"), count=len(replies), template="hazards/_push_replies.html",
                    context=lambda: {"replies": replies})]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: Push, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "stop":
            raise NotFound
        services.stop_push(actor=actor, row=row, reason=given["reason"], now=now, client_id=client_id)


class ReplyPage(ObjectPage[PushReply]):
    """One unit's part: what to look for, and its answer."""

    template = "hazards/object.html"
    back = (gettext_lazy("同类自查"), lambda: reverse("hazards:push_replies"))

    def get_row(self, actor: Actor, **kwargs: Any) -> PushReply:
        return queries.get_reply(actor=actor, reply_id=kwargs["pk"])

    def head(self, row: PushReply, actor: Actor) -> ObjectHead:
        done = [marks.badge(row.status_label, "done")] if row.is_closed else []
        return ObjectHead(title=row.push.title, code=row.push.code, marks=done)

    def facts(self, row: PushReply, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        because = "；".join(in_language(one) for one in row.because)
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("推送单位"), value=row.push.owner_org.label),
            Fact(label=_("推送原因"), value=because),
            Fact(label=_("回复期限"), value=row.due_date),
            Fact(label=_("自查内容和要求"), value=row.push.text, wide=True),
            Fact(label=_("判定标准"), value=criterion_link(row.push.criterion), wide=True),
            Fact(label=_("自查情况"), value=row.text, wide=True, filled_by=own),
            Fact(label=_("发现隐患数"), value=row.found_count if row.closed_at else ""),
        ]

    def tabs(self, row: PushReply, actor: Actor) -> Sequence[Tab]:
        found = list(row.findings.order_by("found_at", "pk"))
        return [Tab(name="findings", label=_("发现的隐患"), count=len(found), template="hazards/_findings.html",
                    context=lambda: {"findings": found})]  # fmt: skip

    def actions(self, row: PushReply, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        own = own_file(actor=actor) if found else None
        if own is not None:
            url = f"{reverse('hazards:finding_new', args=[own.pk])}?source=accident"
            found.append(Action(name="report", label=_("登记发现的隐患"), url=url))
        return found

    def form_for(
        self, action: Any, row: PushReply, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "clear": lambda: forms.AnswerForm(data), "found": lambda: forms.FoundForm(data, reply=row),
        }  # fmt: skip
        return makers[action.name]() if action.name in makers else super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: PushReply, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name not in ("clear", "found", "not_applicable"):
            raise NotFound
        text = given["reason"] if name == "not_applicable" else given["text"]
        findings = list(given.get("findings", ()))
        services.answer_push(
            actor=actor, row=row, name=name, text=text, findings=findings, now=now, client_id=client_id
        )  # fmt: skip
