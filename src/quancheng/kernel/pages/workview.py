"""What people do with an item itself, as pages show it: take, hand on, give back, urge (领办、转办、退回、催办)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.forms import Form
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotFound, StaleState
from quancheng.kernel.loops.models import LoopRow
from quancheng.kernel.once import once
from quancheng.kernel.people.models import User
from quancheng.kernel.people.queries import Person, find_colleague, list_colleagues
from quancheng.kernel.work import queries, services
from quancheng.kernel.work.forms import HandOnForm, NoteForm
from quancheng.kernel.work.models import WorkAct, WorkItem

if TYPE_CHECKING:
    from quancheng.kernel.pages.objects import Action, HistoryLine

Text = str | Promise
#: Before an act's name among the actions of an object page, so that no move of a loop is taken for it.
PREFIX = "item-"
LABELS: dict[str, Text] = {
    "take": pgettext_lazy("verb", "领办"),
    "hand_on": pgettext_lazy("verb", "转办"),
    "give_back": pgettext_lazy("verb", "退回本单位"),
    "urge": pgettext_lazy("verb", "催办"),
}
ICONS = {"take": "check", "hand_on": "arrow-right", "give_back": "chevron-left", "urge": "bell"}


def is_act(name: str) -> bool:
    """Whether an action's name is one of an item's acts."""
    return name.startswith(PREFIX) and name.removeprefix(PREFIX) in LABELS


def action_of(act: str) -> Action:
    """An act as an action of an object page."""
    from quancheng.kernel.pages.objects import Action

    return Action(name=f"{PREFIX}{act}", label=LABELS[act], asks=act != "take", icon=ICONS[act])


def actions_of(item: WorkItem | None, actor: Actor) -> list[Action]:
    """The acts open to the actor; none where nothing is owed."""
    return [action_of(act) for act in services.available_acts(actor, item)] if item is not None else []


def form_for(name: str, item: WorkItem, actor: Actor, data: Any = None) -> Form:
    """What an act (with or without its prefix) asks for: of handing on, to whom."""
    act = name.removeprefix(PREFIX)
    if act == "take":
        return Form(data)
    if act != "hand_on":
        return NoteForm(data)
    people = colleagues_for(item, actor)
    return HandOnForm(data, people=[person for person in people if person.user_id != item.person_id])


def colleagues_for(item: WorkItem, actor: Actor) -> list[Person]:
    """Those to whom the actor may think of handing an item on: of his own organisation alone."""
    if item.owner_org_id != actor.organisation_id:
        return []
    return list_colleagues(organisation_id=item.owner_org_id, duty=item.duty)


def perform(
    *,
    actor: Actor,
    item: WorkItem,
    act: str,
    given: Mapping[str, Any],
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> None:
    """Do an act with what its form gave; the same request twice acts once.

    :raises NotFound: there is no such act. The services refuse with their reasons.
    """
    act, note = act.removeprefix(PREFIX), str(given.get("note", ""))

    def make() -> uuid.UUID:
        if act == "take":
            return services.take_item(actor=actor, item=item, now=now).pk
        if act == "hand_on":
            to_user = _colleague(item, str(given.get("to_user", "")))
            return services.hand_on(actor=actor, item=item, to_user=to_user, note=note, now=now).pk
        if act == "give_back":
            return services.give_back(actor=actor, item=item, note=note, now=now).pk
        if act == "urge":
            return services.urge(actor=actor, item=item, note=note, now=now).pk
        raise NotFound

    body = {"item": item.pk, "note": note, "to_user": str(given.get("to_user", ""))}
    once(actor=actor, client_id=client_id, act=f"work.item.{act}", body=body, now=now, make=make)


def _colleague(item: WorkItem, text: str) -> User:
    found = find_colleague(organisation_id=item.owner_org_id, user_id=text)
    if found is None:
        raise Invalid(fields={"to_user": _("只能转给本单位具有该职责的人员。")})
    return found


def item_for_act(item: WorkItem | None) -> WorkItem:
    """The open item that an act on a row's page is about. :raises StaleState: nothing is owed any more."""
    if item is None:
        raise StaleState(_("该事项已办结。"))
    return item


def lines_of(row: LoopRow) -> Sequence[HistoryLine]:
    """The acts on the items of a row as sentences of its history. One query."""
    from quancheng.kernel.pages.objects import HistoryLine

    return [
        HistoryLine(
            at=act.at,
            who=_who(act),
            what=_sentence(act),
            note=act.note,
            organisation=act.organisation.label if act.organisation else "",
        )
        for act in queries.list_acts(subject_type=row.row_type(), subject_id=row.pk)
    ]


def _who(act: WorkAct) -> str:
    if act.user is None:
        return _("系统")
    return f"{act.user.name}（代{act.instead_of}）" if act.instead_of else act.user.name


def _sentence(act: WorkAct) -> str:
    if act.act == "hand_on":
        return _("转办给%(name)s") % {"name": act.to_user.name if act.to_user else ""}
    if act.act == "redate":
        return _("放假安排变动后更正期限")
    return str(LABELS.get(act.act, act.act))
