"""Pages of clues of grid patrols (网格线索), and of dangers that officers look at again (网格复查)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from quancheng.domains.hazards.forms import patrols as forms
from quancheng.domains.hazards.loops.patrol import PATROL_CLUE, PATROL_RECHECK
from quancheng.domains.hazards.models import ClueKind, Finding, PatrolClue, PatrolPlace, PatrolRecheck, Seen
from quancheng.domains.hazards.queries import patrols as queries
from quancheng.domains.hazards.queries.findings import list_findings
from quancheng.domains.hazards.queries.rounds import name_of
from quancheng.domains.hazards.services import patrol_clues as services
from quancheng.domains.hazards.services import patrol_rechecks as rechecks
from quancheng.domains.hazards.views.of_finding import FindingPage
from quancheng.domains.hazards.views.words import finding_link
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import in_language
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.files.queries import files_of, files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab


def place_link(row: PatrolPlace) -> Any:
    """A place by its name, leading to its page."""
    return format_html('<a href="{}">{}</a>', reverse("hazards:patrol_place", args=[row.pk]), row)


class ClueList(ListPage):
    """What grid officers found, and what becomes of it (网格线索)."""

    code = "hazards.patrol_clues"
    title = gettext_lazy("网格线索")
    columns = (
        Column("title", gettext_lazy("线索"), link=True, card="title", width="wide"),
        Column("code", gettext_lazy("编号"), sort="code", card="meta"),
        Column("kind", gettext_lazy("线索类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("owner", pgettext_lazy("clue", "上报单位"), value=lambda row: row.owner_org.label),
        Column("raiser_name", gettext_lazy("上报人")),
        Column("created_at", gettext_lazy("上报时间"), sort="created_at"),
        Column("handler", gettext_lazy("办理单位"), value=lambda row: row.handler.label),
        Column("take_by", gettext_lazy("受理时限"), sort="take_by", shown=False),
        Column("answer_by", gettext_lazy("答复时限"), sort="answer_by"),
        Column("answer", gettext_lazy("答复"), width="wide"),
        Column("closed_at", gettext_lazy("办结时间"), sort="closed_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("线索、编号"), pinned=True, fields=("title", "code", "text")),
        Choice(name="status", label=gettext_lazy("状态"), choices=PATROL_CLUE.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="kind", label=gettext_lazy("线索类别"), choices=ClueKind.choices, field="kind", multiple=True),
        Flag(name="open", label=gettext_lazy("只看未办结的"), condition=lambda actor: Q(closed_at__isnull=True)),
        Flag(name="ours", label=gettext_lazy("只看本单位办理的"),
             condition=lambda actor: Q(handler=actor.organisation_id)),
        Flag(name="mine", label=gettext_lazy("只看本人上报的"), condition=lambda actor: Q(raiser=actor.user_id)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Dates(name="raised", label=gettext_lazy("上报时间"), field="created_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有网格线索")

    def queryset(self, actor: Actor) -> QuerySet[PatrolClue]:
        return queries.list_clues(actor=actor)

    def url_of(self, row: PatrolClue) -> str:
        return reverse("hazards:patrol_clue", args=[row.pk])


class NewClue(CreatePage):
    """Something found at a place outside a walk is told to the town."""

    title = gettext_lazy("上报线索")
    lead = gettext_lazy("报镇街受理；疑似重大隐患须立即受理。办理结果会通知您。")
    duty = queries.WALK
    form = forms.ClueForm
    button = gettext_lazy("上报")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.place = queries.get_place(actor=actor, place_id=kwargs["pk"])
        if self.place.owner_org_id != actor.organisation_id:
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("hazards:patrol_place", args=[self.place.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        photos = receive_uploads(actor=actor, uploads=given["photos"], now=now)
        spec = services.ClueSpec(kind=given["kind"], text=given["text"], photos=tuple(photos))
        made = services.raise_clue(actor=actor, place=self.place, spec=spec, now=now, client_id=client_id)
        return reverse("hazards:patrol_clue", args=[made.pk])


class CluePage(ObjectPage[PatrolClue]):
    """One clue: what was found where, who has it, what became of it."""

    template = "hazards/object.html"
    back = (gettext_lazy("网格线索"), lambda: reverse("hazards:patrol_clues"))

    def get_row(self, actor: Actor, **kwargs: Any) -> PatrolClue:
        return queries.get_clue(actor=actor, clue_id=kwargs["pk"])

    def head(self, row: PatrolClue, actor: Actor) -> ObjectHead:
        tone = "active" if row.kind == ClueKind.MAJOR else "plain"
        return ObjectHead(title=row.title, code=row.code, marks=[marks.badge(row.get_kind_display(), tone)])

    def facts(self, row: PatrolClue, actor: Actor) -> Sequence[Fact]:
        place, file = row.place, row.place.file
        found = [
            Fact(label=_("情况"), value=row.text, wide=True),
            Fact(label=_("巡查点"), value=place_link(place) if _sees(place, actor) else place.name),
            Fact(label=_("地址"), value=place.address),
            Fact(label=_("关联企业"), value=name_of(file) if file is not None else ""),
            Fact(label=_("上报人"), value=f"{row.owner_org.label} · {row.raiser_name}"),
            Fact(label=_("发现时间"), value=row.found_at),
            Fact(label=_("上报时间"), value=row.created_at),
            Fact(label=_("办理单位"), value=row.handler.label),
            Fact(label=_("受理时限"), value=row.take_by),
            Fact(label=_("答复时限"), value=row.answer_by),
            Fact(label=_("转办、退回理由"), value=row.transfer_reason, wide=True),
            Fact(label=_("答复"), value=row.answer, wide=True, filled_by=row.handler.label),
            Fact(label=_("答复人"), value=row.answerer_name),
        ]
        if row.finding is not None:
            seen = list_findings(actor=actor).filter(pk=row.finding.pk).exists()
            link = finding_link(row.finding) if seen else str(row.finding)
            found += [Fact(label=_("隐患"), value=link, wide=True),
                      Fact(label=_("隐患状态"), value=row.finding.status_label)]  # fmt: skip
        return found

    def tabs(self, row: PatrolClue, actor: Actor) -> Sequence[Tab]:
        held = list(files_of(row))
        return [Tab(name="photos", label=_("照片"), count=len(held), template="hazards/_check_photos.html",
                    context=lambda: {"held": held})]  # fmt: skip

    def actions(self, row: PatrolClue, actor: Actor) -> Sequence[Action]:
        return [
            Action(name=one.name, label=one.label, primary=one.primary, asks=True) if one.name == "find" else one
            for one in super().actions(row, actor)
        ]

    def form_for(
        self, action: Action, row: PatrolClue, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        initial = {"name": row.text[:300], "is_major": row.kind == ClueKind.MAJOR, "type": "other"}
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "transfer": lambda: forms.TransferForm(data, receivers=queries.receivers_for(row, actor=actor)),
            "find": lambda: forms.DangerForm(data, initial=initial),
            "answer": lambda: forms.AnswerForm(data),
        }
        return makers[action.name]() if action.name in makers else super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: PatrolClue, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        acts: dict[str, Callable[[], Any]] = {
            "take": lambda: services.take_clue(**common),
            "transfer": lambda: services.transfer_clue(**common, **given),
            "return": lambda: services.return_clue(**common, reason=given["reason"]),
            "answer": lambda: services.answer_clue(**common, text=given["text"], is_nothing=False),
            "nothing": lambda: services.answer_clue(**common, text=given["reason"], is_nothing=True),
            "find": lambda: services.find_danger(**common, **given),
        }
        acts[name]()


class RecheckList(ListPage):
    """Dangers that grid officers are sent to look at (网格复查)."""

    code = "hazards.patrol_rechecks"
    title = gettext_lazy("网格复查")
    columns = (
        Column("title", gettext_lazy("复查事项"), link=True, card="title", width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.finding.file.enterprise.name, card="meta"),
        Column("owner", gettext_lazy("派发单位"), value=lambda row: row.owner_org.label),
        Column("officer", gettext_lazy("网格员"), value=lambda row: f"{row.org.label} · {row.officer.name}"),
        Column("due_date", gettext_lazy("查看期限"), sort="due_date", card="meta"),
        Column("seen", pgettext_lazy("recheck", "查看结果"), value=lambda row: row.get_seen_display(), sort="seen",
               card="meta"),
        Column("seen_at", gettext_lazy("查看时间"), sort="seen_at"),
        Column("text", gettext_lazy("查看情况"), width="wide", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("隐患、企业"), pinned=True,
               fields=("title", "finding__file__enterprise__name")),
        Choice(name="status", label=gettext_lazy("状态"), choices=PATROL_RECHECK.choices, field="status",
               multiple=True, pinned=True),
        Choice(name="seen", label=pgettext_lazy("recheck", "查看结果"), choices=Seen.choices, field="seen",
               multiple=True),
        Flag(name="mine", label=gettext_lazy("只看派给本人的"), condition=lambda actor: Q(officer=actor.user_id)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Dates(name="due", label=gettext_lazy("查看期限"), field="due_date"),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有网格复查")

    def queryset(self, actor: Actor) -> QuerySet[PatrolRecheck]:
        return queries.list_rechecks(actor=actor)

    def url_of(self, row: PatrolRecheck) -> str:
        return reverse("hazards:patrol_recheck", args=[row.pk])


class NewRecheck(FindingPage):
    """A grid officer is sent to a danger that is said to be put right."""

    title = gettext_lazy("派发网格复查")
    lead = gettext_lazy("由隐患所在村（社区）、镇街的网格员到场查看；其答复作为参考，不改变隐患的状态。")
    duty = rechecks.ASSIGN
    form = forms.AssignForm
    button = gettext_lazy("派发")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"due_date": Calendar().local_date(now) + timedelta(days=3)}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.AssignForm(*args, finding=self.finding, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = rechecks.assign_recheck(
            actor=actor, finding=self.finding, officer=uuid.UUID(given["officer"]), due_date=given["due_date"],
            ask=given["ask"], now=now, client_id=client_id,
        )  # fmt: skip
        return reverse("hazards:patrol_recheck", args=[made.pk])


class RecheckPage(ObjectPage[PatrolRecheck]):
    """One danger to be looked at on the spot, and what was seen."""

    template = "hazards/object.html"
    back = (gettext_lazy("网格复查"), lambda: reverse("hazards:patrol_rechecks"))
    forms = {"answer": forms.SeenForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> PatrolRecheck:
        return queries.get_recheck(actor=actor, recheck_id=kwargs["pk"])

    def head(self, row: PatrolRecheck, actor: Actor) -> ObjectHead:
        late = row.status == "SENT" and row.due_date < Calendar().local_date(timezone.now())
        return ObjectHead(title=row.finding.name, code=row.finding.code, subtitle=_("网格复查"),
                          marks=[marks.badge(_("逾期"), "active")] if late else [])  # fmt: skip

    def facts(self, row: PatrolRecheck, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=name_of(row.finding.file)),
            Fact(label=_("隐患"), value=finding_link(row.finding), wide=True),
            Fact(label=_("整改情况"), value=row.finding.result, wide=True),
            Fact(label=_("派发单位"), value=f"{row.owner_org.label} · {row.sender_name}"),
            Fact(label=_("查看要求"), value=row.ask, wide=True),
            Fact(label=_("网格员"), value=f"{row.org.label} · {row.officer.name}"),
            Fact(label=_("查看期限"), value=row.due_date),
            Fact(label=pgettext("recheck", "查看结果"), value=row.get_seen_display()),
            Fact(label=_("查看情况"), value=row.text, wide=True),
            Fact(label=_("查看时间"), value=row.seen_at),
            Fact(label=_("存疑"), value="；".join(in_language(one) for one in row.doubts), wide=True),
        ]

    def tabs(self, row: PatrolRecheck, actor: Actor) -> Sequence[Tab]:
        held = list(files_of(row))
        return [Tab(name="photos", label=_("现场照片"), count=len(held), template="hazards/_check_photos.html",
                    context=lambda: {"held": held})]  # fmt: skip

    def actions(self, row: PatrolRecheck, actor: Actor) -> Sequence[Action]:
        return [
            Action(name=one.name, label=one.label, primary=one.primary, asks=True) if one.name == "answer" else one
            for one in super().actions(row, actor)
        ]

    def form_for(
        self, action: Action, row: PatrolRecheck, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "answer":
            return forms.SeenForm(data, files)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: PatrolRecheck, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        if name == "recall":
            rechecks.recall_recheck(**common, reason=given["reason"])
            return
        photos = receive_uploads(actor=actor, uploads=given["photos"], now=now)
        rechecks.answer_recheck(**common, seen=given["seen"], text=given["text"], photos=tuple(photos))


# On the page of a danger ------------------------------------------------------------------------------------------


def finding_facts(row: Finding, actor: Actor) -> list[Fact]:
    """That a danger came of a grid clue, for who may see the clue."""
    if row.channel != "grid":
        return []
    clue = queries.clue_of(row, actor=actor)
    if clue is None:
        return []
    link = format_html('<a href="{}">{}</a>', reverse("hazards:patrol_clue", args=[clue.pk]), clue)
    return [Fact(label=_("网格线索"), value=link, wide=True)]


def may_be_looked_at(row: Finding) -> bool:
    """Whether a grid officer may have been sent to a danger."""
    return row.status in queries.LOOKED_AT or bool(row.reject_count)


def looks_at(row: Finding, actor: Actor) -> dict[str, Any]:
    """What grid officers saw of a danger, with their photos, for its tab."""
    looks = queries.rechecks_of(row, actor=actor)
    held = files_of_many(PatrolRecheck, [one.pk for one in looks])
    return {"looks": [(one, held.get(one.pk, [])) for one in looks]}


def finding_actions(row: Finding, actor: Actor) -> list[Action]:
    """Sending a grid officer to a danger that is said to be put right."""
    if row.status not in queries.LOOKED_AT or not actor.supervises or not actor.has(rechecks.ASSIGN):
        return []
    url = reverse("hazards:patrol_recheck_new", args=[row.pk])
    return [Action(name="patrol_recheck", label=_("派网格员复查"), url=url)]


def _sees(place: PatrolPlace, actor: Actor) -> bool:
    return queries.list_places(actor=actor).filter(pk=place.pk).exists()
