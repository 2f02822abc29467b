"""What a permit is asked each shift and day: its tab, and the pages of toolbox talks and stop-and-think cards, made for
a phone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.permits.forms import daily as forms
from quancheng.domains.permits.forms.asking import words_of
from quancheng.domains.permits.models import Part, Permit, ThinkItemChange
from quancheng.domains.permits.queries import talks as queries
from quancheng.domains.permits.queries.audits import RULES
from quancheng.domains.permits.queries.blocks import is_own
from quancheng.domains.permits.queries.guarding import crew_of
from quancheng.domains.permits.queries.permits import SIGN_LEADER, SIGN_UNIT, VIEW, WORK, get_permit
from quancheng.domains.permits.queries.shifts import revalidations_of
from quancheng.domains.permits.services import talks, thinking
from quancheng.domains.permits.services.checking import require_own
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.objects import Action, Tab
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.gb30871.endings import STOP_REASONS

LABELS = {"revalidate": gettext_lazy("本班复核")}


def daily_tab(row: Permit, actor: Actor) -> Tab:
    """Revalidations, talks and cards; names of who filled in a card are for the enterprise alone."""
    return Tab("daily", _("班前和每班"), template="permits/_daily.html", context=lambda: {
        "revalidations": revalidations_of(row), "talks": queries.talks_of(row),
        "cards": [(one, [each["text"] for each in one.answers if not each["is_yes"]]) for one in queries.cards_of(row)],
        "is_own": is_own(row, actor), "keeps": is_own(row, actor) and actor.has(WORK),
    })  # fmt: skip


def actions_of(row: Permit, actor: Actor) -> list[Action]:
    """What somebody of the enterprise may do each shift and day."""
    found = []
    if row.status in thinking.THOUGHT_IN:
        if actor.has(SIGN_UNIT) and getattr(row, "has_shifts", False):
            found.append(Action(name="revalidate", label=LABELS["revalidate"], asks=True))
        found.append(Action(name="think", label=_("停一停"), url=reverse("permits:think", args=[row.pk])))
    if row.status in talks.HELD_IN and actor.has(WORK):
        found.append(Action(name="talk", label=_("开班前会"), url=reverse("permits:talk_new", args=[row.pk])))
    return found


class _OfPermit(CreatePage):
    """Something told of a permit of the own enterprise; the address names it."""

    duty = None
    template = "permits/entry.html"
    needs: ClassVar[str] = WORK

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.permit = get_permit(actor=actor, permit_id=kwargs["pk"])
        require_own(actor, self.permit.file, self.needs)
        self.lead = str(self.permit)  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("permits:permit", args=[self.permit.pk]) + "?tab=daily"


class NewTalk(_OfPermit):
    """A talk is begun: from then on people sign in."""

    title = gettext_lazy("开班前会")
    form = django_forms.Form
    template = "permits/talk_new.html"
    button = gettext_lazy("开始班前会")

    @property
    def topics(self) -> Sequence[Mapping[str, str]]:
        return queries.drawn_of(self.permit)[0]

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = talks.begin_talk(actor=actor, permit=self.permit, now=now, client_id=client_id)
        return reverse("permits:talk", args=[self.permit.pk, made.pk])


class Talk(_OfPermit):
    """The talk on the leader's device: its topic, who is there, and one more who signs in."""

    title = gettext_lazy("班前会")
    form = forms.AttendForm
    template = "permits/talk.html"
    button = gettext_lazy("签到")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        self.talk = queries.get_talk(permit=self.permit, talk_id=kwargs["talk"])

    @property
    def missing(self) -> list[str]:
        return queries.missing_of(self.permit, self.talk.day)

    @property
    def is_open(self) -> bool:
        return timezone.now() <= self.talk.closes_at

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = talks.attend(actor=actor, talk=self.talk, now=now, client_id=client_id, **given)
        return reverse("permits:talk_quiz", args=[self.permit.pk, self.talk.pk, made.pk])


class TalkQuiz(_OfPermit):
    """The two questions of one person."""

    title = gettext_lazy("班前会提问")
    form = forms.QuizForm
    button = gettext_lazy("提交答案")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        talk = queries.get_talk(permit=self.permit, talk_id=kwargs["talk"])
        self.row = queries.get_attendance(talk=talk, row_id=kwargs["attendance"])
        # The talk that was read with its permit.
        self.row.talk = talk
        self.lead = self.row.person.person.name  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("permits:talk", args=[self.permit.pk, self.row.talk_id])

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.bound = forms.QuizForm(*args, questions=talks.asked_of(self.row), **kwargs)
        return self.bound

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"asked": self.row.wrong_count}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        talks.answer(
            actor=actor, row=self.row, given=self.bound.given(), asked=given["asked"], now=now, client_id=client_id
        )
        return self.back_url()


class Think(_OfPermit):
    """The worker's card on the phone: whoever of the enterprise sees the permit."""

    title = gettext_lazy("停一停，想一想")
    form = forms.ThinkForm
    button = gettext_lazy("提交")
    needs = VIEW

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        self.lead = _("任何一项选“否”，作业立即暂停，处理后再继续；说“否”的人不受追究。")  # type: ignore[misc]

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        items = queries.items_at(timezone.now(), queries.item_changes(self.permit.file_id))
        self.bound = forms.ThinkForm(*args, items=items, people=crew_of(self.permit, *Part.values), **kwargs)
        return self.bound

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        thinking.answer_card(
            actor=actor, permit=self.permit, answers=self.bound.told(), note_text=given["note_text"],
            person=given["person"], now=now, client_id=client_id,
        )  # fmt: skip
        return self.back_url()


class SettleCard(_OfPermit):
    """What was done about a no."""

    title = gettext_lazy("处理停一停卡")
    form = forms.SettleForm
    button = gettext_lazy("确认已处理")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        self.card = queries.get_card(permit=self.permit, card_id=kwargs["card"])
        self.lead = "；".join(one["text"] for one in self.card.answers if not one["is_yes"])  # type: ignore[misc]

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        thinking.settle_card(
            actor=actor, permit=self.permit, card=self.card, text=given["settled_note"], now=now, client_id=client_id
        )
        return self.back_url()


# The questions of the card -------------------------------------------------------------------------------------------


class ThinkItems(View):
    """The card as it stands for the reader: his enterprise's, or what the office set for all."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(VIEW)
        for name in request.GET:
            raise unknown_parameter(name)
        file = own_file(actor=actor)
        changes = queries.item_changes(file.pk if file else None)
        rows = [
            {"one": one, "text": words_of(one.text), "stop": words_of(STOP_REASONS[one.stop_reason])}
            for one in queries.items_at(timezone.now(), changes)
        ]
        day = Calendar().local_date(timezone.now())
        context = {
            "rows": rows, "changes": list(reversed(changes)), "today": day,
            "may_set": actor.has(SIGN_LEADER) if file else actor.has(RULES),
        }  # fmt: skip
        return render(request, "permits/think_items.html", context)


class SetThinkItem(CreatePage):
    """One question of the card from a day on; asked for by its code, that one as it stands."""

    title = gettext_lazy("停一停卡的问题")
    lead = gettext_lazy("企业设置的只用于本企业；主管部门设置的用于全部企业，企业另有设置的除外。")
    duty = None
    form = forms.ThinkItemForm
    back = "permits:think_items"
    button = gettext_lazy("保存设置")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = own_file(actor=actor)
        if not actor.has(SIGN_LEADER if self.file else RULES):
            raise NotPermitted
        self.item = None
        for name in self.request.GET:
            if name != "code":
                raise unknown_parameter(name)
        if code := self.request.GET.get("code"):
            changes: Sequence[ThinkItemChange] = queries.item_changes(self.file.pk if self.file else None)
            found = queries.items_at(timezone.now(), changes)
            self.item = next((one for one in found if one.code == code), None)
            if self.item is None:
                raise NotFound

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        told: dict[str, Any] = {"is_on": True, "stop_reason": "BREAK", "valid_from": Calendar().local_date(now)}
        if self.item is not None:
            one = self.item
            told |= {"code": one.code, "zh": one.text.zh, "en": one.text.en, "stop_reason": one.stop_reason,
                     "clause": one.clause}  # fmt: skip
        return told

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        thinking.set_think_item(actor=actor, file=self.file, now=now, client_id=client_id, **given)
        return reverse("permits:think_items")
