"""Ledgers of the administrators: users, places, organisations, sessions, journal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area, AreaLevel
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Organisations, Search
from quancheng.kernel.pages.lists import BulkAction, Column, ListPage, Text, shown_text
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people import account_queries, accounts, admin_queries, queries
from quancheng.kernel.people.models import LINKS, Membership, OrganisationKind, Role, User
from quancheng.kernel.people.roles import ROLES

#: The roles that ship, by code; their names cannot be changed.
ROLE_NAMES = {seed.code: seed.name for seed in ROLES}


def requested_names(place: Membership) -> str:
    return listed(str(_(ROLE_NAMES.get(code, code))) for code in place.requested)


def role_names(roles: Iterable[Role]) -> str:
    return listed(str(_(role.name)) for role in roles)


def places_of(user: User) -> str:
    """Where and as what, as a spreadsheet takes it."""
    places: list[Membership] = user.places  # type: ignore[attr-defined]
    return "；".join(f"{each.organisation.label}（{role_names(each.roles.all()) or _('未授岗位')}）" for each in places)


def state_of(user: User) -> tuple[Text, str]:
    """The word for an account's state, and how much attention it wants."""
    if not user.is_active:
        return _("已停用"), "quiet"
    if user.locked_until is not None and user.locked_until > timezone.now():
        return _("已锁定"), "active"
    return (_("待改口令"), "plain") if user.must_change_password else (pgettext_lazy("account", "正常"), "done")


def _with_state(value: str) -> Q:
    locked = Q(is_active=True, locked_until__gt=timezone.now())
    return {
        "active": Q(is_active=True) & ~locked,
        "locked": locked,
        "disabled": Q(is_active=False),
    }[value]


class UserList(ListPage):
    """Accounts (用户)."""

    code = "people.users"
    imports = ("people.accounts",)
    title = _("用户")
    default_sort = "name"
    empty_hint = _("由系统管理员建立账号。")
    columns = (
        Column(key="name", label=_("姓名"), sort="pinyin", link=True, card="title"),
        Column(key="username", label=_("用户名"), sort="username", card="meta"),
        Column(key="places", label=_("任职与岗位"), value=places_of, card="meta", width="wide"),
        Column(
            key="state",
            label=_("状态"),
            value=lambda row: str(state_of(row)[0]),
            render=lambda row: marks.badge(*state_of(row)),
            card="meta",
        ),
        Column(
            key="second_factor",
            label=_("动态口令"),
            value=lambda row: str(_("已启用") if row.totp_secret else _("未启用")),
        ),
        Column(key="created_at", label=_("建立时间"), sort="created_at", shown=False),
    )
    filters = (
        Search(
            name="q",
            label=_("关键词"),
            fields=("name", "username"),
            pinyin=("pinyin",),
            pinned=True,
            placeholder=_("姓名、用户名、拼音"),
        ),
        Organisations(name="org", label=_("单位"), field="memberships__organisation", pinned=True),
        Choice(
            name="state",
            label=_("状态"),
            pinned=True,
            narrows=_with_state,
            choices=(("active", pgettext_lazy("account", "正常")), ("locked", _("已锁定")), ("disabled", _("已停用"))),
        ),
        Choice(
            name="role",
            label=_("岗位"),
            field="memberships__roles",
            choices=lambda actor: [(code, _(name)) for code, name in ROLE_NAMES.items()],
        ),
        Flag(
            name="unplaced",
            label=_("没有任职"),
            condition=lambda actor: admin_queries.without_place(),
        ),
        Flag(name="without", label=_("未启用动态口令"), condition=lambda actor: Q(totp_secret="")),
    )

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return admin_queries.list_users(actor=actor)

    def url_of(self, row: Any) -> str:
        return reverse("people:user", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(_("新建用户"), reverse("people:user_new"))] if actor.has(admin_queries.USERS) else []


class PeopleList(ListPage):
    """The directory (通讯录): telephone numbers masked, in exports too."""

    code = "people.people"
    title = _("通讯录")
    default_sort = "user"
    columns = (
        Column(
            key="user", label=_("姓名"), value=lambda row: row.user.name, sort="user__pinyin", link=True, card="title"
        ),
        Column(
            key="organisation",
            label=_("单位"),
            value=lambda row: row.organisation.label,
            sort="organisation__pinyin",
            card="meta",
        ),
        Column(key="post", label=_("职务"), card="meta"),
        Column(key="roles", label=_("岗位"), value=lambda row: role_names(row.roles.all()), width="wide"),
        Column(key="phone", label=_("手机号码"), value=lambda row: accounts.masked_phone(row.user), card="meta"),
    )
    filters = (
        Search(
            name="q",
            label=_("关键词"),
            fields=("user__name", "organisation__name", "post"),
            pinyin=("user__pinyin",),
            pinned=True,
            placeholder=_("姓名、单位、职务、拼音"),
        ),
        Organisations(name="org", label=_("单位"), field="organisation", pinned=True),
    )

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return queries.list_people(actor=actor)

    def url_of(self, row: Any) -> str:
        return reverse("people:person", args=[row.user_id])


class GrantList(ListPage):
    """Places and their roles (授权): those that wait for a decision come first."""

    code = "people.grants"
    title = _("岗位授权")
    duty = admin_queries.ROLES
    columns = (
        Column(
            key="user", label=_("姓名"), value=lambda row: row.user.name, sort="user__pinyin", link=True, card="title"
        ),
        Column(key="username", label=_("用户名"), value=lambda row: row.user.username, sort="user__username"),
        Column(
            key="organisation",
            label=_("单位"),
            value=lambda row: row.organisation.label,
            sort="organisation__pinyin",
            card="meta",
        ),
        Column(key="post", label=_("职务")),
        Column(
            key="granted", label=_("已授岗位"), value=lambda row: role_names(row.roles.all()), card="meta", width="wide"
        ),
        Column(
            key="requested",
            label=_("申请岗位"),
            value=requested_names,
            render=lambda row: marks.badge(requested_names(row), "active") if row.requested else shown_text(""),
            card="meta",
            width="wide",
        ),
        Column(key="valid_from", label=_("任职开始"), sort="valid_from", shown=False),
    )
    filters = (
        Flag(name="waiting", label=_("只看待授权"), condition=lambda actor: ~Q(requested=[]), pinned=True),
        Search(
            name="q",
            label=_("关键词"),
            fields=("user__name", "organisation__name"),
            pinyin=("user__pinyin",),
            pinned=True,
        ),
        Organisations(name="org", label=_("单位"), field="organisation", pinned=True),
        Choice(
            name="administrators",
            label=_("管理员"),
            narrows=lambda value: ~Q(roles__administrator=""),
            choices=(("yes", _("三类管理员")),),
        ),
    )

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return admin_queries.list_places(actor=actor)

    def url_of(self, row: Any) -> str:
        return reverse("people:grant", args=[row.pk])


class OrganisationList(ListPage):
    """Organisations (单位), ended ones too."""

    code = "people.organisations"
    imports = ("people.organisations",)
    title = _("单位")
    duty = admin_queries.ORGANISATIONS
    default_sort = "name"
    columns = (
        Column(key="name", label=_("单位全称"), sort="pinyin", link=True, card="title", width="wide"),
        Column(key="short_name", label=_("简称"), sort="short_name"),
        Column(key="kind", label=_("单位类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column(key="actor_code", label=_("职能代码"), sort="actor_code"),
        Column(
            key="area",
            label=_("所在区划"),
            value=lambda row: row.area.name if row.area else "",
            sort="area__pinyin",
            card="meta",
        ),
        Column(key="links", label=_("链条环节"), value=lambda row: link_names(row.links), width="wide"),
        Column(key="parent", label=_("上级单位"), value=lambda row: row.parent.name if row.parent else "", shown=False),
        Column(key="document_word", label=_("机关代字"), shown=False),
        Column(key="credit_code", label=_("统一社会信用代码"), shown=False),
        Column(key="ended_on", label=_("撤销日期"), sort="ended_on", shown=False),
    )
    filters = (
        Search(
            name="q",
            label=_("关键词"),
            fields=("name", "short_name"),
            pinyin=("initials", "pinyin"),
            pinned=True,
            placeholder=_("名称、拼音首字母"),
        ),
        Choice(
            name="kind", label=_("单位类别"), field="kind", choices=OrganisationKind.choices, pinned=True, multiple=True
        ),
        Choice(name="link", label=_("链条环节"), choices=LINKS, narrows=lambda value: Q(links__contains=[value])),
        Choice(
            name="state",
            label=_("状态"),
            pinned=True,
            choices=(("standing", _("在册")), ("ended", _("已撤销"))),
            narrows=lambda value: Q(ended_on__isnull=value == "standing"),
        ),
    )

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return admin_queries.list_all_organisations(actor=actor)

    def url_of(self, row: Any) -> str:
        return reverse("people:organisation", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(_("登记单位"), reverse("people:organisation_new")), (_("集合称谓"), reverse("people:groups"))]


def link_names(codes: Sequence[str]) -> str:
    return listed(str(label) for code, label in LINKS if code in codes)


class SessionList(ListPage):
    """Live sessions (登录会话) of everybody."""

    code = "people.sessions"
    title = _("登录会话")
    duty = admin_queries.SECURITY
    dense = True
    template = "people/sessions.html"
    columns = (
        Column(key="user", label=_("姓名"), value=lambda row: row.user.name, sort="user__pinyin", card="title"),
        Column(
            key="organisation",
            label=_("单位"),
            value=lambda row: row.membership.organisation.label if row.membership else "",
            card="meta",
        ),
        Column(key="device", label=_("设备"), value=lambda row: row.device_name),
        Column(key="address", label=_("来源地址"), card="meta"),
        Column(key="started_at", label=_("登录时间"), sort="started_at", card="meta"),
        Column(key="seen_at", label=_("最近操作"), sort="seen_at"),
    )
    filters = (Search(name="q", label=_("关键词"), fields=("user__name", "user__username"), pinned=True),)
    bulk = (BulkAction(label=_("撤销会话"), url=lambda: reverse("people:sessions_revoke"), icon="logout"),)

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return account_queries.list_live_sessions(actor=actor, now=timezone.now())


class JournalList(ListPage):
    """The journal (日志), for the auditor: who did what when, without business content."""

    code = "people.journal"
    title = _("日志")
    duty = admin_queries.JOURNAL
    dense = True
    columns = (
        Column(key="at", label=_("时间"), card="meta"),
        Column(key="act", label=_("行为"), render=lambda row: mono(row.act), card="title"),
        Column(key="who", label=_("操作人"), value=lambda row: row.who, card="meta"),
        Column(key="organisation", label=_("单位"), value=lambda row: row.organisation or ""),
        Column(
            key="subject",
            label=_("对象"),
            value=lambda row: f"{row.subject_type} {row.subject_id or ''}".strip(),
            render=lambda row: mono(f"{row.subject_type} {str(row.subject_id or '')[-8:]}".strip()),
        ),
        Column(key="facts", label=_("事项"), value=admin_queries.facts_for_auditor, width="wide"),
        Column(key="number", label=_("链上序号"), numeric=True),
        Column(key="digest", label=_("摘要"), shown=False, render=lambda row: mono(row.digest)),
    )
    filters = (
        Search(
            name="act",
            label=_("行为"),
            fields=("act",),
            pinned=True,
            placeholder=_("如 people.sign_in"),
        ),
        Dates(name="at", label=_("日期"), field="at", times=True, pinned=True),
        Organisations(name="org", label=_("单位"), field="org_id", pinned=True),
        Search(name="who", label=_("操作人"), fields=("who",)),
        Search(name="subject", label=_("对象类型"), fields=("subject_type",)),
    )

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return admin_queries.list_entries(actor=actor)

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(_("核验日志"), reverse("people:journal_verify"))]


def mono(text: str) -> Any:
    return format_html('<span class="qc-mono qc-small">{}</span>', text)


def _aliases(area: Area, kind: str) -> str:
    return listed(sorted(alias.name for alias in area.aliases.all() if alias.kind == kind))


class AreaList(ListPage):
    """Divisions (行政区划) that stand or stood."""

    imports = ("areas.aliases",)
    code = "areas.areas"
    title = _("行政区划")
    duty = admin_queries.ORGANISATIONS
    dense = True
    columns = (
        Column("name", _("名称"), sort="pinyin", card="title"),
        Column("full_name", _("全称"), width="wide", card="meta"),
        Column("level", _("层级"), value=lambda row: row.get_level_display(), sort="level", card="meta"),
        Column("code", _("区划代码"), sort="code", card="meta"),
        Column("short", _("简称"), value=lambda row: _aliases(row, "short")),
        Column("historical", _("曾用名"), value=lambda row: _aliases(row, "historical")),
        Column("colloquial", _("俗称"), value=lambda row: _aliases(row, "colloquial"), shown=False),
        Column("valid_to", _("撤销日期"), sort="valid_to", shown=False),
    )
    filters = (
        Search(
            name="q",
            label=_("关键词"),
            fields=("name", "code"),
            pinyin=("initials", "pinyin"),
            pinned=True,
            placeholder=_("名称、代码、拼音首字母"),
        ),
        Choice(
            name="level",
            label=_("层级"),
            field="level",
            choices=AreaLevel.choices,
            pinned=True,
            multiple=True,
        ),
    )

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return admin_queries.list_areas(actor=actor)

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(_("导入区划"), reverse("people:areas_import"))]
