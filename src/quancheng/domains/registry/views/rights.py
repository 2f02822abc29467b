"""What an enterprise's page shows of its rights: licences, posts, safety expenses; the page asks here for its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from quancheng.domains.registry.forms import licences as forms
from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries import expenses
from quancheng.domains.registry.queries.enterprises import Finding
from quancheng.domains.registry.queries.rights import Rights
from quancheng.domains.registry.services import enterprises as files
from quancheng.domains.registry.services import licences, posts
from quancheng.domains.registry.services.enterprises import VERIFY
from quancheng.domains.registry.views import environment, quality, words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.objects import Action, Tab


def rights_of(row: Enterprise) -> Rights:
    """The file's rights, read once for each row that the page got."""
    found: Rights | None = getattr(row, "_rights", None)
    if found is None:
        found = Rights(row, timezone.localdate())
        row._rights = found  # type: ignore[attr-defined]
    return found


def head_marks(row: Enterprise) -> list[Any]:
    """Which of two key points and one major it has; the major hazard has a mark of its own."""
    known = rights_of(row).marks
    shown = []
    if known.chemicals:
        shown.append(marks.badge(_("重点监管危险化学品"), "active"))
    if known.processes:
        shown.append(marks.badge(_("重点监管工艺 %(codes)s") % {"codes": " ".join(known.processes)}, "active"))
    return shown


def findings(row: Enterprise) -> list[Finding]:
    """What licences, scope and posts contradict in."""
    return rights_of(row).findings(name_of=_Names(words.licence_kind), posts_named=_Names(words.post_name))


class _Names(dict[str, str]):
    """Names by code, looked up as they are asked for."""

    def __init__(self, name: Any) -> None:
        super().__init__()
        self.name = name

    def __missing__(self, code: str) -> str:
        return str(self.name(code))


def tabs(row: Enterprise) -> Sequence[Tab]:
    """Licences, posts and safety expenses; what each shows is read when it is opened."""
    rights = rights_of(row)
    return [
        Tab(name="licences", label=_("证照"), count=len(rights.licences), template="registry/_licence_matrix.html",
            context=lambda: {"matrix": rights.matrix, "past": _past(rights)}),
        Tab(name="posts", label=_("法定岗位"), count=len(rights.holders), template="registry/_posts.html",
            context=lambda: {"rows": rights.posts}),
        Tab(name="expenses", label=_("安全费用"), template="registry/_expenses.html",
            context=lambda: {"expenses": expenses.expenses_of(row)}),
    ]  # fmt: skip


def _past(rights: Rights) -> list[Any]:
    """Licences that are not in the matrix: replaced ones, and second ones of a kind."""
    best = {one.licence.pk for one in rights.matrix if one.licence is not None}
    return [one for one in rights.licences if one.pk not in best]


def actions(row: Enterprise, actor: Actor) -> list[Action]:
    """What the actor may enter of them."""
    found = []
    if files.may_keep(actor, row):
        found += [
            Action(name="licence", label=_("登记证照"), url=reverse("registry:licence_new", args=[row.pk])),
            Action(name="facts", label=_("填报判定情况"), asks=True),
            Action(name="holder", label=_("登记岗位人员"), asks=True),
            Action(name="leave_post", label=_("岗位人员离任"), asks=True),
            Action(name="expense", label=_("填报安全费用"), url=reverse("registry:expense_new", args=[row.pk])),
        ]
        found.append(Action(name="stop", label=_("登记停产停用"), url=reverse("registry:stoppage_new", args=[row.pk])))
        if row.kind == Kind.ALCOHOL_FUEL or Kind.ALCOHOL_FUEL in row.more_kinds:
            url = reverse("registry:fuel_supply_new", args=[row.pk])
            found.append(Action(name="fuel", label=_("登记醇基燃料供应"), url=url))
    found += [*quality.actions(row, actor), *environment.actions(row, actor)]
    if actor.has(VERIFY) and row.supervisor_id == actor.organisation_id and row.life != "closed":
        found.append(
            Action(name="exit", label=_("启动退出程序"), url=reverse("registry:licence_exit_new", args=[row.pk]))
        )
    return found


def form_for(name: str, row: Enterprise, data: Any) -> django_forms.Form | None:
    """The form of an action of :func:`actions`; None for others."""
    if name == "facts":
        return forms.facts_form(rights_of(row).told, data)
    if name == "holder":
        made: django_forms.Form = forms.HolderForm(data)
        return made
    if name == "leave_post":
        return forms.LeavePostForm(data, holders=rights_of(row).holders)
    return None


def perform(*, actor: Actor, row: Enterprise, name: str, given: Mapping[str, Any], now: datetime) -> None:
    """Do an action of :func:`actions`. :raises NotFound: it is none of them."""
    if name == "facts":
        told = {fact: {"yes": True, "no": False}.get(value) for fact, value in given.items()}
        licences.tell_facts(actor=actor, file=row, facts=told, now=now)
    elif name == "holder":
        posts.name_holder(actor=actor, file=row, now=now, **given)
    elif name == "leave_post":
        holder = next(one for one in rights_of(row).holders if str(one.pk) == given["holder"])
        posts.leave_post(actor=actor, file=row, holder=holder, now=now)
    else:
        raise NotFound
