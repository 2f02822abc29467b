"""Object pages of the administrators: one user, one place, one organisation."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people import (
    account_queries,
    accounts,
    admin_queries,
    administration,
    identities,
    queries,
    security,
)
from quancheng.kernel.people.models import Membership, Organisation, User
from quancheng.kernel.people.oidc import services as oidc
from quancheng.web.people.admin_forms import ChangePlaceForm, GrantForm, IdentityForm, PlaceForm, RenameForm
from quancheng.web.people.admin_lists import link_names, requested_names, role_names, state_of


class UserPage(ObjectPage[User]):
    """One account: places, state, and what its administrator may do with it."""

    back = (_("用户"), lambda: reverse("people:users"))

    def get_row(self, actor: Actor, **kwargs: Any) -> User:
        return admin_queries.get_user(actor=actor, user_id=kwargs["user_id"])

    def head(self, row: User, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, code=row.username, marks=(marks.badge(*state_of(row)),))

    def facts(self, row: User, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("用户名"), value=row.username),
            Fact(label=_("手机号码"), value=accounts.phone_for(actor=actor, user=row)),
            Fact(label=_("动态口令"), value=_("已启用") if row.totp_secret else _("未启用")),
            Fact(label=_("统一身份"), value=_("已绑定") if identities.list_identities(user=row) else _("未绑定")),
            Fact(label=_("口令更改时间"), value=row.password_changed_at),
            Fact(label=_("锁定至"), value=row.locked_until),
            Fact(label=_("建立时间"), value=row.created_at),
        ]

    def tabs(self, row: User, actor: Actor) -> Sequence[Tab]:
        places: list[Membership] = row.places  # type: ignore[attr-defined]
        found = [
            Tab(
                name="places", label=_("任职与岗位"), template="people/_places.html", count=len(places),
                context=lambda: {
                    "places": [(each, role_names(each.roles.all()), requested_names(each)) for each in places],
                    "may_change": actor.has(admin_queries.USERS),
                    "may_grant": actor.has(admin_queries.ROLES),
                },
            )
        ]  # fmt: skip
        if actor.has(admin_queries.SECURITY):
            sessions = admin_queries.list_sign_ins_of(actor=actor, user=row)
            found.append(
                Tab(
                    name="sessions", label=_("登录会话"), template="people/_sign_ins.html", count=len(sessions),
                    context=lambda: {"sessions": sessions},
                )
            )  # fmt: skip
        return found

    def actions(self, row: User, actor: Actor) -> Sequence[Action]:
        found = []
        mine = accounts.SECURITY if accounts.is_administrator(row) else accounts.USERS
        if actor.has(accounts.USERS):
            found.append(Action(name="place", label=_("增加任职"), primary=True, asks=True, icon="plus"))
        if actor.has(mine):
            found.append(Action(name="rename", label=_("更正姓名"), asks=True, icon="pencil"))
            if row.pk != actor.user_id:
                found.append(Action(name="reset", label=_("重置口令"), url=reverse("people:reset", args=[row.pk])))
                if row.is_active:
                    sentence = _("停用后立即退出所有登录，确定吗？")
                    found.append(Action(name="disable", label=_("停用账号"), confirm=sentence, icon="ban"))
                else:
                    found.append(Action(name="enable", label=_("启用账号"), icon="check"))
            if identities.list_identities(user=row):
                sentence = _("解除后该用户须用口令登录，或重新绑定，确定吗？")
                found.append(Action(name="unbind", label=_("解除统一身份"), confirm=sentence))
            elif identities.name_of_provider():
                found.append(Action(name="bind", label=_("绑定统一身份"), asks=True))
            if row.failed_count:
                found.append(Action(name="unlock", label=_("解除锁定")))
        if actor.has(accounts.SECURITY) and row.totp_secret and row.pk != actor.user_id:
            sentence = _("停用后该用户仅凭口令即可登录，确定吗？")
            found.append(Action(name="clear_second_factor", label=_("停用其动态口令"), confirm=sentence))
        return found

    def form_for(self, action: Action, row: User, actor: Actor, data: Any = None, files: Any = None) -> forms.Form:
        if action.name == "place":
            return PlaceForm(data, actor=actor)
        if action.name == "rename":
            return RenameForm(data, initial={"username": row.username, "name": row.name})
        if action.name == "bind":
            return IdentityForm(data)
        return forms.Form(data)

    def perform(
        self, *, actor: Actor, row: User, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "place":
            administration.request_place(
                actor=actor, user=row, organisation=given["organisation"], roles=given["roles"], post=given["post"],
                now=now,
            )  # fmt: skip
        elif name == "rename":
            accounts.rename_user(actor=actor, user=row, username=given["username"], name=given["name"], now=now)
        elif name in ("disable", "enable"):
            accounts.set_active(actor=actor, user=row, active=name == "enable", now=now)
        elif name == "unlock":
            accounts.unlock(actor=actor, user=row, now=now)
        elif name == "bind":
            oidc.bind_by_administrator(actor=actor, user=row, subject=given["subject"], now=now)
        elif name == "unbind":
            oidc.unbind(actor=actor, user=row, now=now)
        elif name == "clear_second_factor":
            accounts.clear_second_factor(actor=actor, user=row, now=now)
        else:
            raise NotFound

    def history(self, row: User, actor: Actor) -> Sequence[HistoryLine]:
        return account_history(actor, row)

    def more_context(self, row: User, actor: Actor) -> dict[str, Any]:
        return {"suggestions": admin_queries.suggest_organisations(actor=actor)}

    template = "people/user.html"


class PersonPage(ObjectPage[User]):
    """Somebody in the directory: where he works, his number masked, and the way to see it in full."""

    back = (_("通讯录"), lambda: reverse("people:people"))

    def get_row(self, actor: Actor, **kwargs: Any) -> User:
        places = queries.get_listed_person(actor=actor, user_id=kwargs["user_id"])
        user = places[0].user
        user.places = places  # type: ignore[attr-defined]
        return user

    def head(self, row: User, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name)

    def facts(self, row: User, actor: Actor) -> Sequence[Fact]:
        places: list[Membership] = row.places  # type: ignore[attr-defined]
        return [
            Fact(label=_("任职"), value="；".join(f"{one.organisation.name} {one.post}".strip() for one in places)),
            Fact(label=_("岗位"), value="；".join(filter(None, (role_names(one.roles.all()) for one in places)))),
            Fact(label=_("手机号码"), value=accounts.phone_for(actor=actor, user=row)),
        ]

    def actions(self, row: User, actor: Actor) -> Sequence[Action]:
        if row.pk == actor.user_id or not accounts.may_unmask(actor=actor, user=row):
            return ()
        return [Action(name="unmask", label=_("查看完整号码"), icon="eye", url=reverse("people:unmask", args=[row.pk]))]


def account_history(actor: Actor, user: User) -> list[HistoryLine]:
    """What was done with the account, in words."""
    return [
        HistoryLine(at=entry.at, who=getattr(entry, "who", ""), what=said_of(entry.act))
        for entry in account_queries.list_account_acts(actor=actor, user=user)
    ]


_ACTS = {
    "people.user.create": _("建立账号"),
    "people.user.rename": _("更正姓名或用户名"),
    "people.user.phone": _("更改手机号码"),
    "people.user.password": _("本人更改口令"),
    "people.user.password_reset": _("重置口令"),
    "people.user.disable": _("停用账号"),
    "people.user.enable": _("启用账号"),
    "people.user.unlock": _("解除锁定"),
    "people.user.second_factor_clear": _("停用其动态口令"),
    "people.user.session_revoke": _("撤销登录会话"),
    "people.second_factor.enrol": _("启用动态口令"),
    "people.second_factor.remove": _("停用动态口令"),
    "people.second_factor.codes": _("更换恢复码"),
    "people.membership.add": _("增加任职并授予岗位"),
    "people.membership.request": _("登记任职并申请岗位"),
    "people.membership.grant": _("授予岗位"),
    "people.membership.end": _("结束任职"),
    "people.sign_in.fail": _("登录失败"),
    "people.sign_in.lock": _("连续失败，账号锁定"),
    "people.sign_in.switch": _("切换身份"),
    "people.identity.bind": _("绑定统一身份"),
    "people.identity.unbind": _("解除统一身份"),
    "vault.unmask": _("查看完整号码"),
}


def said_of(act: str) -> str:
    """An act in words; its code where it has none."""
    return str(_ACTS.get(act, act))


class GrantPage(ObjectPage[Membership]):
    """One place: which roles were asked for, which it has; the security administrator decides."""

    back = (_("岗位授权"), lambda: reverse("people:grants"))
    duty = admin_queries.ROLES

    def get_row(self, actor: Actor, **kwargs: Any) -> Membership:
        return administration.get_place(actor=actor, membership_id=kwargs["membership_id"])

    def head(self, row: Membership, actor: Actor) -> ObjectHead:
        waiting = (marks.badge(_("待授权"), "active"),) if row.requested else ()
        return ObjectHead(title=f"{row.user.name} · {row.organisation.label}", subtitle=row.post, marks=waiting)

    def facts(self, row: Membership, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("单位"), value=row.organisation.name),
            Fact(label=_("单位类别"), value=row.organisation.get_kind_display()),
            Fact(label=_("已授岗位"), value=role_names(row.roles.all())),
            Fact(label=_("申请岗位"), value=requested_names(row)),
            Fact(label=_("任职开始"), value=row.valid_from),
            Fact(label=_("任职结束"), value=row.valid_to),
        ]

    def actions(self, row: Membership, actor: Actor) -> Sequence[Action]:
        if row.valid_to is not None or row.user_id == actor.user_id:
            return ()
        return [Action(name="grant", label=_("授予岗位"), primary=True, asks=True, icon="user-check")]

    def form_for(
        self, action: Action, row: Membership, actor: Actor, data: Any = None, files: Any = None
    ) -> forms.Form:
        return GrantForm(data, initial={"roles": row.requested or [role.code for role in row.roles.all()]})

    def perform(
        self, *, actor: Actor, row: Membership, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "grant":
            raise NotFound
        security.grant_roles(actor=actor, place=row, roles=given["roles"], now=now)

    def history(self, row: Membership, actor: Actor) -> Sequence[HistoryLine]:
        return account_history(actor, row.user)


class PlacePage(ObjectPage[Membership]):
    """One place, for the system administrator: post, roles to ask for, its end."""

    back = (_("用户"), lambda: reverse("people:users"))
    duty = admin_queries.USERS

    def get_row(self, actor: Actor, **kwargs: Any) -> Membership:
        return administration.get_place(actor=actor, membership_id=kwargs["membership_id"])

    head = GrantPage.head
    facts = GrantPage.facts
    history = GrantPage.history

    def actions(self, row: Membership, actor: Actor) -> Sequence[Action]:
        if row.valid_to is not None:
            return ()
        sentence = _("结束后该用户不再代表此单位，确定吗？")
        return [
            Action(name="change", label=_("变更职务或岗位"), primary=True, asks=True, icon="pencil"),
            Action(name="end", label=_("结束任职"), confirm=sentence, icon="ban"),
        ]

    def form_for(
        self, action: Action, row: Membership, actor: Actor, data: Any = None, files: Any = None
    ) -> forms.Form:
        if action.name != "change":
            return forms.Form(data)
        asked = row.requested or [role.code for role in row.roles.all()]
        return ChangePlaceForm(data, initial={"post": row.post, "roles": asked})

    def perform(
        self, *, actor: Actor, row: Membership, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "change":
            administration.change_request(actor=actor, place=row, roles=given["roles"], post=given["post"], now=now)
        elif name == "end":
            administration.end_place(actor=actor, place=row, now=now)
        else:
            raise NotFound


class OrganisationPage(ObjectPage[Organisation]):
    """One organisation, for the system administrator."""

    back = (_("单位"), lambda: reverse("people:organisations"))
    duty = admin_queries.ORGANISATIONS

    def get_row(self, actor: Actor, **kwargs: Any) -> Organisation:
        return admin_queries.get_any_organisation(actor=actor, organisation_id=kwargs["organisation_id"])

    def head(self, row: Organisation, actor: Actor) -> ObjectHead:
        ended = (marks.badge(_("已撤销"), "quiet"),) if row.ended_on else ()
        return ObjectHead(title=row.name, code=row.actor_code, subtitle=row.get_kind_display(), marks=ended)

    def facts(self, row: Organisation, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("简称"), value=row.short_name),
            Fact(label=_("别名"), value=listed(alias.name for alias in row.aliases.all())),
            Fact(label=_("所在区划"), value=row.area.full_name if row.area else _("全区")),
            Fact(label=_("上级单位"), value=row.parent.name if row.parent else ""),
            Fact(label=_("链条环节"), value=link_names(row.links)),
            Fact(label=_("监管单位"), value=row.supervises),
            Fact(label=_("综合监管"), value=row.general),
            Fact(label=_("机关代字"), value=row.document_word),
            Fact(label=_("统一社会信用代码"), value=row.credit_code),
            Fact(label=_("撤销日期"), value=row.ended_on),
        ]

    def tabs(self, row: Organisation, actor: Actor) -> Sequence[Tab]:
        members = admin_queries.list_members(actor=actor, organisation=row)
        return [
            Tab(
                name="members", label=_("人员"), template="people/_members.html", count=len(members),
                context=lambda: {"members": [(each, role_names(each.roles.all())) for each in members]},
            )
        ]  # fmt: skip

    def actions(self, row: Organisation, actor: Actor) -> Sequence[Action]:
        if row.ended_on is not None:
            return ()
        edit = reverse("people:organisation_edit", args=[row.pk])
        sentence = _("撤销后该单位人员不再能代表它办理事项，确定吗？")
        return [
            Action(name="edit", label=_("修改"), primary=True, url=edit, icon="pencil"),
            Action(name="end", label=_("撤销单位"), confirm=sentence, icon="ban"),
        ]

    def form_for(
        self, action: Action, row: Organisation, actor: Actor, data: Any = None, files: Any = None
    ) -> forms.Form:
        return forms.Form(data)

    def perform(
        self, *, actor: Actor, row: Organisation, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "end":
            raise NotFound
        from quancheng.kernel.calendar import Calendar

        administration.end_organisation(actor=actor, organisation=row, on=Calendar().local_date(now), now=now)
