"""Organisations and accounts from a spreadsheet, by the services of the administration pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.kernel.errors import DomainError
from quancheng.kernel.exchange.imports.columns import (
    Organisations,
    area_column,
    checked,
    choice_column,
    organisation_column,
)
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.exchange.sheets.cells import BadCell
from quancheng.kernel.names import clean
from quancheng.kernel.people import accounts, administration, passwords, services
from quancheng.kernel.people.models import LINKS, Membership, Organisation, OrganisationKind, Role, User
from quancheng.kernel.vault import services as vault


class OrganisationImport(Session):
    """One organisation a line, found by its full name; a parent may stand in the same sheet."""

    keys = ("name",)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._find = Organisations(self.actor)
        self._names: set[str] = set()

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        return [
            SheetColumn("name", gettext_lazy("单位全称"), required=True, max_length=120, parse=clean, width=30,
                        aliases=("单位名称", "名称"), sample="示例区应急管理局"),
            SheetColumn("short_name", gettext_lazy("简称"), max_length=60, sample="区应急局"),
            choice_column("kind", gettext_lazy("单位类别"), OrganisationKind.choices, required=True, sample="部门"),
            SheetColumn("actor_code", gettext_lazy("职能代码"), max_length=10),
            SheetColumn("parent", gettext_lazy("上级单位"), max_length=120, parse=self._parent, width=26,
                        text=lambda one: one if isinstance(one, str) else one.name,
                        help=gettext_lazy("已登记的单位，或本表中的另一个单位")),
            area_column("area", gettext_lazy("所在区划"), aliases=("区划", "所属区划"), sample="甲街道"),
            choice_column("links", gettext_lazy("链条环节"), LINKS, many=True, sample="生产、储存"),
            SheetColumn("credit_code", gettext_lazy("统一社会信用代码"), max_length=18, width=24,
                        parse=checked(administration.check_credit_code)),
            SheetColumn("document_word", gettext_lazy("机关代字"), max_length=12),
            SheetColumn("supervises", gettext_lazy("监管单位"), kind="boolean"),
            SheetColumn("general", gettext_lazy("综合监管"), kind="boolean"),
            SheetColumn("aliases", gettext_lazy("别名"), many=True, max_length=120, parse=clean, width=30,
                        help=gettext_lazy("文件中的其他称谓，也用于识别单位"), sample="区应急管理局、应急局"),
            SheetColumn("ended_on", gettext_lazy("撤销日期"), is_read=False),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def _parent(self, text: str) -> Organisation | str:
        try:
            return self._find(text)
        except BadCell:
            return clean(text)

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        self._names = {row.key[0] for row in rows}
        found = Organisation.objects.visible_to(self.actor).filter(name__in=self._names)
        found = found.select_related("area", "parent").prefetch_related("aliases")
        return {(one.name,): self._standing(one) for one in found}

    def _standing(self, one: Organisation) -> Standing:
        by_key = {column.key: column for column in self._columns}
        values = {name: getattr(one, name) for name in by_key if name not in ("aliases", "ended_on")}
        values |= {"aliases": sorted(alias.name for alias in one.aliases.all()), "supervises": one.supervises}
        texts = {name: by_key[name].text_of(value) for name, value in values.items()}
        return Standing(str(one.pk), texts, str(one.ended_on or ""))

    def check(self, row: Row) -> Iterable[Fault]:
        if row.before is not None and row.before.version:
            yield Fault("name", _("该单位已撤销，不能导入。"))
        parent = row.values.get("parent")
        if isinstance(parent, str) and (parent not in self._names or parent == row.key[0]):
            yield Fault("parent", _("没有找到上级单位“%(name)s”，本表中也没有。") % {"name": parent})
        code = row.values.get("credit_code")
        if code:
            other = Organisation.objects.filter(credit_code=code).exclude(name=row.key[0]).exists()
            if other:
                yield Fault("credit_code", _("该代码已登记于另一单位。"))

    def order(self, rows: Sequence[Row]) -> Sequence[Row]:
        waiting, done, ordered = list(rows), set[str](), list[Row]()
        names = {row.key[0] for row in rows}
        while waiting:
            ready = [row for row in waiting if self._parent_name(row) not in names - done]
            if not ready:
                return [*ordered, *waiting]  # a circle of parents: the service refuses it, by row
            ordered += ready
            done |= {row.key[0] for row in ready}
            waiting = [row for row in waiting if row.key[0] not in done]
        return ordered

    @staticmethod
    def _parent_name(row: Row) -> str:
        parent = row.values.get("parent")
        return parent if isinstance(parent, str) else ""

    def save(self, row: Row) -> str:
        fields = {key: row.values[key] for key in ("name", "kind", "area")}
        fields |= {key: row.values[key] or "" for key in ("short_name", "actor_code", "credit_code", "document_word")}
        fields |= {key: row.values[key] or () for key in ("links", "aliases")}
        fields |= {key: bool(row.values[key]) for key in ("supervises", "general")}
        parent = row.values["parent"]
        if isinstance(parent, str):
            parent = Organisation.objects.visible_to(self.actor).filter(name=parent).first()
        if row.before is None:
            return str(services.create_organisation(actor=self.actor, parent=parent, now=self.now, **fields).pk)
        one = Organisation.objects.visible_to(self.actor).prefetch_related("aliases").get(pk=row.before.id)
        administration.update_organisation(actor=self.actor, organisation=one, parent=parent, now=self.now, **fields)
        return row.before.id

    def remove(self, row: Row) -> None:
        assert row.before is not None  # noqa: S101 - undo asks only for rows that stand
        one = Organisation.objects.visible_to(self.actor).get(pk=row.before.id)
        administration.remove_organisation(actor=self.actor, organisation=one, now=self.now)


class AccountImport(Session):
    """One person's place a line: account, organisation, post, and the roles asked for."""

    keys = ("username", "organisation")
    secret_heads: ClassVar = (
        gettext_lazy("用户名"), gettext_lazy("姓名"), gettext_lazy("单位"), gettext_lazy("初始口令"),
    )  # fmt: skip

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._find = Organisations(self.actor)
        self._users: dict[str, User] = {}
        self._phones: dict[str, int] = {}

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        roles = [(role.code, _(role.name)) for role in Role.objects.order_by("administrator", "code")]
        return [
            SheetColumn("username", gettext_lazy("用户名"), required=True, max_length=60, parse=clean,
                        help=gettext_lazy("用于登录，建议用姓名拼音或工号"), sample="zhangsan"),
            SheetColumn("name", gettext_lazy("姓名"), required=True, max_length=60, parse=clean, sample="张某"),
            organisation_column("organisation", gettext_lazy("单位"), self._find, required=True, sample="区应急局"),
            SheetColumn("post", gettext_lazy("职务"), max_length=60),
            choice_column("roles", gettext_lazy("岗位"), roles, required=True, many=True,
                          aliases=("已授岗位",), help=gettext_lazy("由安全保密管理员授予后生效")),
            SheetColumn("phone", gettext_lazy("手机号码"), max_length=20, parse=checked(vault.check_phone),
                        aliases=("电话", "联系电话", "手机"), keeps_empty=True,
                        help=gettext_lazy("加密保存；已有账号的号码在用户页面修改")),
            SheetColumn("requested", gettext_lazy("申请岗位"), is_read=False),
            SheetColumn("valid_from", gettext_lazy("任职开始"), is_read=False),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        wanted = {row.key[0].lower(): row for row in rows}
        # Case makes no other user name, so all are compared in lower case.
        users = User.objects.all().only("pk", "username", "name", "phone_index", "is_active", "created_at")
        self._users = {user.username.lower(): user for user in users if user.username.lower() in wanted}
        places = Membership.objects.filter(user__in=self._users.values(), valid_to__isnull=True)
        places = places.select_related("user", "organisation").prefetch_related("roles")
        by_place = {(place.user.username.lower(), place.organisation.name): place for place in places}
        found = {}
        for row in rows:
            place = by_place.get((row.key[0].lower(), row.key[1]))
            if place is not None:
                found[row.key] = self._standing(place, row)
        return found

    def _standing(self, place: Membership, row: Row) -> Standing:
        by_key = {column.key: column for column in self._columns}
        granted = sorted(role.code for role in place.roles.all())
        phone = row.texts.get("phone", "")
        is_same = bool(phone) and place.user.phone_index == vault.blind_index(vault.PHONE, phone)
        texts = {
            "username": row.key[0],
            "name": place.user.name,
            "organisation": place.organisation.name,
            "post": place.post,
            "roles": by_key["roles"].text_of(place.requested or granted),
            "phone": phone if is_same else "",
        }
        return Standing(str(place.pk), texts, f"{'、'.join(granted)};{place.user.is_active}")

    def check(self, row: Row) -> Iterable[Fault]:
        user = self._users.get(row.key[0].lower())
        organisation, roles = row.values["organisation"], row.values["roles"]
        try:
            found = administration.check_roles(organisation, roles)
            if user is None and len({role.administrator for role in found}) > 1:
                raise services.separated()
            if user is not None and "roles" in {*row.changes, *(("roles",) if row.before is None else ())}:
                place = Membership.objects.filter(pk=row.before.id).first() if row.before else None
                services.refuse_mixed_administrator(user, found, but=place)
        except DomainError as refused:
            yield Fault("roles", next(iter(refused.fields.values()), refused.message))
        if user is not None and row.before is None and user.name != row.values["name"]:
            yield Fault("username", _("该用户名已被使用。"))
        phone = row.values.get("phone")
        if phone:
            yield from self._check_phone(row, user, phone)

    def _check_phone(self, row: Row, user: User | None, phone: str) -> Iterable[Fault]:
        index = vault.blind_index(vault.PHONE, phone)
        if user is not None and user.phone_index != index:
            yield Fault("phone", _("该用户已有账号，号码请在用户页面修改。"))
        elif user is None and User.objects.filter(phone_index=index).exists():
            yield Fault("phone", _("该号码已用于另一个账号。"))
        first = self._phones.setdefault(index, row.number)
        if first != row.number and user is None:
            yield Fault("phone", _("与第 %(row)s 行重复。") % {"row": first})

    def save(self, row: Row) -> str:
        values, user = row.values, self._users.get(row.key[0].lower())
        roles, post = values["roles"], values["post"] or ""
        if row.before is not None:
            place = administration.get_place(actor=self.actor, membership_id=row.before.id)  # type: ignore[arg-type]
            if values["name"] != place.user.name:
                accounts.rename_user(
                    actor=self.actor, user=place.user, username=place.user.username, name=values["name"], now=self.now
                )
            administration.change_request(actor=self.actor, place=place, roles=roles, post=post, now=self.now)
            return row.before.id
        if user is None:
            password = passwords.initial_password()
            user = services.create_user(
                actor=self.actor, username=values["username"], name=values["name"], password=password, is_random=True,
                now=self.now,
            )  # fmt: skip
            self._users[row.key[0].lower()] = user
            if values.get("phone"):
                accounts.set_phone(actor=self.actor, user_id=user.pk, phone=values["phone"], now=self.now)
            self.secrets.append((user.username, user.name, values["organisation"].name, password))
        place = administration.request_place(
            actor=self.actor, user=user, organisation=values["organisation"], roles=roles, post=post, now=self.now
        )
        return str(place.pk)

    def remove(self, row: Row) -> None:
        assert row.before is not None  # noqa: S101 - undo asks only for rows that stand
        place = administration.get_place(actor=self.actor, membership_id=row.before.id)  # type: ignore[arg-type]
        administration.withdraw_place(actor=self.actor, place=place, now=self.now)


ORGANISATIONS = Register(
    code="people.organisations",
    title=gettext_lazy("单位"),
    duty=administration.ORGANISATIONS,
    session=OrganisationImport,
    hint=gettext_lazy("每行一个单位，按单位全称识别；已登记的单位按表中的列更新，表中没有的列不变。"),
    rows_at="people:organisations",
    order=10,
)
ACCOUNTS = Register(
    code="people.accounts",
    title=gettext_lazy("人员和账号"),
    duty=administration.USERS,
    session=AccountImport,
    hint=gettext_lazy("每行一人在一个单位的任职。新账号的初始口令在导入后显示一次；岗位由安全保密管理员授予后生效。"),
    rows_at="people:users",
    seals=True,
    sealed=frozenset({"phone"}),
    most_rows=500,
    order=12,
)
