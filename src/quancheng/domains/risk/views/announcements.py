"""The daily announcement (承诺公告): lists, one day of one enterprise, the study below it, publishing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views import View

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.risk.forms import announcements as forms
from quancheng.domains.risk.kinds import Layer, Level
from quancheng.domains.risk.loops.announcement import ANNOUNCEMENT, STUDY
from quancheng.domains.risk.models import Announcement, Study
from quancheng.domains.risk.queries import announcements as queries
from quancheng.domains.risk.services import announcing as services
from quancheng.domains.risk.services import gate_screens
from quancheng.domains.risk.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.times import time_text
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.risk import commitment

_LEVELS = [(str(code), label) for code, label in Level.choices]
_PUNCTUAL = [("on_time", gettext_lazy("按时")), ("late", gettext_lazy("迟报、未报")), ("open", gettext_lazy("待公告"))]


def today() -> date:
    """The local day."""
    return Calendar().local_date(timezone.now())


def punctual(row: Announcement) -> str:
    """Whether it came in time, in words."""
    if row.status == "PUBLISHED":
        return _("迟报") if row.is_late else _("按时")
    if row.status == "OPEN":
        return _("已过时限") if timezone.now() > row.late_after else _("待公告")
    return row.status_label


def _punctual_mark(row: Announcement) -> Any:
    text = punctual(row)
    is_bad = row.is_late or row.status == "MISSED" or (row.status == "OPEN" and timezone.now() > row.late_after)
    return marks.badge(text, "active" if is_bad else "done" if row.status == "PUBLISHED" else "plain")


def _when_punctual(value: str) -> Q:
    now = timezone.now()
    return {"on_time": queries.ON_TIME, "late": queries.is_late(now), "open": queries.is_waiting(now)}[value]


class AnnouncementList(ListPage):
    """Announcements by day (承诺公告台账)."""

    code = "risk.announcements"
    title = gettext_lazy("承诺公告台账")
    columns = (
        Column("day", gettext_lazy("公告日期"), sort="day", card="meta"),
        Column("title", gettext_lazy("企业"), link=True, sort="title", card="title", width="wide"),
        Column("punctual", gettext_lazy("及时性"), value=punctual, render=_punctual_mark, card="meta"),
        Column("published_at", gettext_lazy("公告时间"), sort="published_at"),
        Column("level", gettext_lazy("公告风险级别"), value=lambda row: row.get_level_display() or "",
               render=lambda row: words.colour(row.level), sort="level", card="meta"),
        Column("controlled", gettext_lazy("风险受控"), value=lambda row: row.is_controlled, sort="is_controlled"),
        Column("hot_count", gettext_lazy("动火"), numeric=True, sort="hot_count"),
        Column("special_count", gettext_lazy("特殊作业"), numeric=True, sort="special_count"),
        Column("doubt_count", gettext_lazy("疑点"), numeric=True, sort="doubt_count"),
        Column("edition_no", gettext_lazy("版次"), numeric=True, sort="edition_no", shown=False),
        Column("committer", pgettext_lazy("announcement", "承诺人"), sort="committer", shown=False),
        Column("due_at", gettext_lazy("公告时限"), sort="due_at", shown=False),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业"), fields=("title",), pinned=True),
        Dates(name="day", label=gettext_lazy("公告日期"), field="day", pinned=True),
        Choice(name="punctual", label=gettext_lazy("及时性"), choices=_PUNCTUAL, narrows=_when_punctual, multiple=True,
               pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Choice(name="status", label=gettext_lazy("状态"), choices=ANNOUNCEMENT.choices, field="status", multiple=True),
        Choice(name="level", label=gettext_lazy("公告风险级别"), choices=_LEVELS, field="level", multiple=True),
        Flag(name="doubted", label=gettext_lazy("只看有疑点的"), condition=lambda actor: queries.DOUBTED),
        Flag(name="uncontrolled", label=gettext_lazy("只看有风险未受控的"),
             condition=lambda actor: queries.UNCONTROLLED),
        Flag(name="special", label=gettext_lazy("只看有特殊作业的"), condition=lambda actor: Q(special_count__gt=0)),
        Flag(name="corrected", label=gettext_lazy("只看更正过的"), condition=lambda actor: queries.CORRECTED),
    )  # fmt: skip
    empty_title = gettext_lazy("没有承诺公告")

    def queryset(self, actor: Actor) -> QuerySet[Announcement]:
        return queries.list_announcements(actor=actor)

    def url_of(self, row: Announcement) -> str:
        return reverse("risk:announcement", args=[row.pk])


class TodaysAnnouncement(View):
    """Leads to today's announcement of one's own enterprise, or says that none is owed."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(services.STUDY)
        file = own_file(actor=actor)
        if file is None:
            return redirect("registry:own_new")
        row = queries.announcement_of(actor=actor, file_id=file.pk, day=today())
        if row is not None:
            return redirect("risk:announcement", row.pk)
        rule = queries.rule_on(today())
        return render(request, "risk/announcement_none.html", {"rule": rule, "file": file, "day": today()})


class AnnouncementPage(ObjectPage[Announcement]):
    """One enterprise on one day: what it announces, what the system knows, what was said below, doubts."""

    template = "risk/object.html"
    back = (gettext_lazy("承诺公告台账"), lambda: reverse("risk:announcements"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Announcement:
        row = queries.get_announcement(actor=actor, announcement_id=kwargs["pk"])
        row.shown_editions = queries.editions_of(row)  # type: ignore[attr-defined]
        return row

    def head(self, row: Announcement, actor: Actor) -> ObjectHead:
        waits = row.status == "OPEN" and timezone.now() <= row.late_after
        shown = [] if waits else [_punctual_mark(row)]  # the state says the same
        if row.level is not None:
            shown.append(words.colour(row.level))
        subtitle = _("安全风险研判与承诺公告")
        return ObjectHead(title=row.title, code=f"{row.day:%Y-%m-%d}", subtitle=subtitle, marks=shown)

    def facts(self, row: Announcement, actor: Actor) -> Sequence[Fact]:
        found = [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("公告时限"), value=row.due_at),
            Fact(label=_("公告时间"), value=row.published_at, filled_by=_("企业")),
        ]
        edition = next(iter(row.shown_editions), None)  # type: ignore[attr-defined]
        if edition is None:
            return found
        found += [
            Fact(label=pgettext("announcement", "承诺人"), value=edition.committer),
            Fact(label=_("承诺内容"), value=edition.commitment, wide=True),
        ]
        for label, value in (
            (_("授权文件"), edition.authorisation), (_("未受控情况和措施"), edition.uncontrolled),
            (_("未等研判的原因"), edition.skip_reason),
        ):  # fmt: skip
            if value:
                found.append(Fact(label=label, value=value, wide=True))
        if edition.skipped:
            found.append(Fact(label=_("公告时没有研判的"), value="、".join(edition.skipped), wide=True))
        return found

    def tabs(self, row: Announcement, actor: Actor) -> Sequence[Tab]:
        editions = row.shown_editions  # type: ignore[attr-defined]
        studies, doubts = queries.studies_of(row), queries.doubts_of(row)

        def numbers() -> dict[str, Any]:
            if editions:
                return {"groups": words.number_lines(editions[0].lines), "is_proposal": False}
            facts = services.proposal_for(row, now=timezone.now()) if row.status == "OPEN" else {}
            return {"groups": words.proposed_lines(facts), "is_proposal": True}

        return [
            Tab(name="numbers", label=_("公告事项"), template="risk/_announced_numbers.html", context=numbers),
            Tab(name="studies", label=_("逐级研判"), count=len(studies), template="risk/_studies.html",
                context=lambda: {"studies": studies}),
            Tab(name="doubts", label=_("疑点"), count=len(doubts), template="risk/_doubts.html",
                context=lambda: {"doubts": doubts}),
            Tab(name="editions", label=_("版次"), count=len(editions), template="risk/_editions.html",
                context=lambda: {"editions": editions}),
        ]  # fmt: skip

    def actions(self, row: Announcement, actor: Actor) -> Sequence[Action]:
        found = []
        if services.may_publish(actor, row, today=today()):
            url = reverse("risk:announce", args=[row.pk])
            is_open = row.status == "OPEN"
            label = _("承诺并公告") if is_open else _("更正公告")
            found.append(Action(name="announce", label=label, url=url, primary=is_open))
        rest = [one for one in super().actions(row, actor) if one.name != "publish"]
        return [*found, *rest]

    def perform(
        self, *, actor: Actor, row: Announcement, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "excuse":
            raise NotFound
        services.excuse_announcement(actor=actor, row=row, reason=given["reason"], now=now, client_id=client_id)


class Announce(CreatePage):
    """The numbers with what the system proposes, the commitment; afterwards the same page corrects it."""

    title = gettext_lazy("安全风险研判与承诺公告")
    duty = None
    form = forms.AnnounceForm
    button = gettext_lazy("承诺并公告")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_announcement(actor=actor, announcement_id=kwargs["pk"])
        if self.row.owner_org_id != actor.organisation_id or not actor.has(services.PUBLISH):
            raise NotPermitted
        self.is_correction = self.row.status == "PUBLISHED"
        self.facts = services.proposal_for(self.row, now=timezone.now())
        self.waiting = services.waiting_below(self.row)

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.asked = forms.AnnounceForm(
            *args, row=self.row, facts=self.facts, waiting=self.waiting, is_main=actor.is_chief, **kwargs
        )
        return self.asked

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        found: dict[str, Any] = {f"value_{code}": one.value for code, one in self.facts.items()}
        found["seen"] = self.row.edition_no
        edition = queries.latest_edition(self.row)
        if edition is not None:
            for code, line in edition.lines.items():
                found[f"value_{code}"], found[f"reason_{code}"] = line["value"], line["reason"]
            found |= {
                "is_controlled": "yes" if edition.is_controlled else "no", "uncontrolled": edition.uncontrolled,
                "authorisation": edition.authorisation, "skip_reason": edition.skip_reason,
            }  # fmt: skip
        return found

    def back_url(self) -> str:
        return reverse("risk:announcement", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        told = self.asked.given()
        if self.is_correction:
            services.correct_announcement(
                actor=actor, row=self.row, **told, reason=given["reason"], seen=given["seen"] or 0, now=now
            )
        else:
            services.publish_announcement(actor=actor, row=self.row, **told, now=now, client_id=client_id)
        return self.back_url()

    def _show(self, request: HttpRequest, form: django_forms.Form, *, status: int = 200) -> HttpResponse:
        context = {
            "page": self, "form": form, "groups": self.asked.groups(), "rest": self.asked.rest(),
            "client_id": request.POST.get("client_id") or str(uuid.uuid4()), "back_url": self.back_url(),
            "button": _("发布更正") if self.is_correction else self.button,
        }  # fmt: skip
        return render(request, "risk/announce.html", context, status=status)


class StudyList(ListPage):
    """What teams and workshops studied (逐级研判台账)."""

    code = "risk.studies"
    title = gettext_lazy("逐级研判台账")
    columns = (
        Column("day", gettext_lazy("公告日期"), sort="day", card="meta"),
        Column("name", gettext_lazy("班组、车间"), link=True, sort="name", card="title", width="wide"),
        Column("company", gettext_lazy("企业"), value=lambda row: row.announcement.title, sort="announcement__title",
               card="meta"),
        Column("layer", gettext_lazy("管控层级"), value=lambda row: row.get_layer_display(), sort="layer"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("is_controlled", gettext_lazy("风险受控"), sort="is_controlled"),
        Column("answered_name", gettext_lazy("研判人"), sort="answered_name"),
        Column("answered_at", gettext_lazy("研判时间"), sort="answered_at"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、班组"), fields=("name", "announcement__title"), pinned=True),
        Dates(name="day", label=gettext_lazy("公告日期"), field="day", pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=STUDY.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="layer", label=gettext_lazy("管控层级"), field="layer",
               choices=[(code, label) for code, label in Layer.choices if code in ("team", "workshop")]),
        Flag(name="uncontrolled", label=gettext_lazy("只看有风险未受控的"),
             condition=lambda actor: queries.UNCONTROLLED),
        Flag(name="mine", label=gettext_lazy("只看我的"), condition=lambda actor: Q(person=actor.user_id)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有研判")

    def queryset(self, actor: Actor) -> QuerySet[Study]:
        return queries.list_studies(actor=actor)

    def url_of(self, row: Study) -> str:
        return reverse("risk:study", args=[row.pk])


class StudyPage(ObjectPage[Study]):
    """One team or workshop on one day: its units, what it says, its teams."""

    template = "risk/object.html"
    back = (gettext_lazy("逐级研判台账"), lambda: reverse("risk:studies"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Study:
        return queries.get_study(actor=actor, study_id=kwargs["pk"])

    def head(self, row: Study, actor: Actor) -> ObjectHead:
        shown = [] if row.is_controlled is None else [words.controlled(row.is_controlled)]
        return ObjectHead(title=row.name, code=f"{row.day:%Y-%m-%d}", subtitle=row.get_layer_display(), marks=shown)

    def facts(self, row: Study, actor: Actor) -> Sequence[Fact]:
        whole = format_html(
            '<a href="{}">{}</a>', reverse("risk:announcement", args=[row.announcement_id]), row.announcement.title
        )
        found = [
            Fact(label=_("承诺公告"), value=whole),
            Fact(label=_("责任岗位"), value=words.link("post", row.post)),
            Fact(label=_("在岗人员"), value=row.person.name if row.person else _("岗位无人在岗，由本单位人员研判")),
            Fact(label=_("研判人"), value=row.answered_name, filled_by=_("责任岗位")),
            Fact(label=_("研判时间"), value=row.answered_at and time_text(row.answered_at), filled_by=_("责任岗位")),
        ]
        if row.text:
            found.append(Fact(label=_("未受控情况和措施"), value=row.text, wide=True))
        if row.skip_reason:
            found.append(Fact(label=_("未等班组研判的原因"), value=row.skip_reason, wide=True))
        return found

    def tabs(self, row: Study, actor: Actor) -> Sequence[Tab]:
        below = row.below  # type: ignore[attr-defined]
        found = [
            Tab(name="topics", label=_("研判内容"), template="risk/_study_topics.html",
                context=lambda: {"topics": words.topics(row.answers), "units": row.units}),
        ]  # fmt: skip
        if row.layer == Layer.WORKSHOP:
            found.append(Tab(name="teams", label=_("班组"), count=len(below), template="risk/_studies.html",
                             context=lambda: {"studies": below}))  # fmt: skip
        return found

    def actions(self, row: Study, actor: Actor) -> Sequence[Action]:
        found = super().actions(row, actor)
        if row.day == today() and row.status == "ASKED" and not found and self._may_hurry(row, actor):
            found = [Action(name="answer", label=_("提交研判"), primary=True)]
        return [Action(name=one.name, label=one.label, primary=one.primary, asks=True) for one in found]

    def _may_hurry(self, row: Study, actor: Actor) -> bool:
        """A workshop whose teams have not answered: its person may go on with a reason."""
        own = row.owner_org_id == actor.organisation_id and actor.has(services.STUDY)
        return own and row.layer == Layer.WORKSHOP and row.person_id in (None, actor.user_id, *actor.acts_for)

    def form_for(
        self, action: Action, row: Study, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "answer":
            return forms.StudyForm(data, study=row)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Study, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "answer":
            raise NotFound
        answers = {code: given[code] for code in commitment.TOPICS}
        services.answer_study(
            actor=actor, row=row, answers=answers, text=given["text"], skip_reason=given.get("skip_reason", ""),
            now=now, client_id=client_id,
        )  # fmt: skip


def announcement_tab(file: Enterprise, actor: Actor) -> Tab:
    """The last fortnight of an enterprise and its screens, for the page of its risks."""
    keeps = gate_screens.may_keep_screens(actor, file)

    def context() -> dict[str, Any]:
        screens = [
            (one, reverse("announced:screen", args=[one.token]) if one.revoked_at is None else "")
            for one in queries.screens_of(file)
        ]
        days = [(one, punctual(one)) for one in queries.last_of(file)]
        return {"days": days, "screens": screens, "keeps": keeps, "file": file}

    return Tab(name="announcements", label=_("承诺公告"), template="risk/_file_announcements.html", context=context)
