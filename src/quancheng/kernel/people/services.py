"""Writes of organisations, people, roles and delegations; each is journaled."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access import duties as duty_registry
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.names import clean, initials, pinyin_key
from quancheng.kernel.notices.services import notify
from quancheng.kernel.people import passwords
from quancheng.kernel.people.administration import check_credit_code
from quancheng.kernel.people.models import (
    Delegation,
    Membership,
    Organisation,
    OrganisationAlias,
    OrganisationGroup,
    Role,
    User,
)
from quancheng.kernel.people.roles import ROLES


def create_organisation(
    *,
    actor: Actor,
    name: str,
    kind: str,
    now: datetime,
    short_name: str = "",
    area: Area | None = None,
    parent: Organisation | None = None,
    actor_code: str = "",
    credit_code: str | None = None,
    links: Sequence[str] = (),
    supervises: bool = False,
    general: bool = False,
    document_word: str = "",
    aliases: Iterable[str] = (),
) -> Organisation:
    """Enter an organisation with its aliases.

    :raises Invalid: an empty name, or one longer than 120 characters; a credit code that is none.
    :raises Conflict: the name is taken.
    """
    actor.require("people.organisations.manage")
    name = clean(name)
    if not name or len(name) > 120:
        raise Invalid(fields={"name": _("请填写单位全称，不超过120个字。")})
    code = check_credit_code(credit_code or "")
    with transaction.atomic():
        if Organisation.objects.filter(name=name).exists():
            raise Conflict(_("已有同名单位。"), fields={"name": _("已有同名单位。")})
        organisation = Organisation.objects.create(
            name=name,
            short_name=clean(short_name),
            kind=kind,
            actor_code=actor_code,
            credit_code=code,
            parent=parent,
            area=area,
            links=list(links),
            supervises=supervises,
            general=general,
            document_word=document_word,
            pinyin=pinyin_key(name),
            initials=initials(name),
            created_at=now,
            updated_at=now,
        )
        known = {clean(alias) for alias in aliases if clean(alias) and clean(alias) != name}
        OrganisationAlias.objects.bulk_create(
            [OrganisationAlias(organisation=organisation, name=alias) for alias in sorted(known)]
        )
        journal.record(
            actor=actor,
            act="people.organisation.create",
            subject_type="people.organisation",
            subject_id=organisation.pk,
            org_id=organisation.pk,
            facts={"name": name, "kind": kind, "aliases": sorted(known)},
            now=now,
        )
    return organisation


def add_alias(*, actor: Actor, organisation: Organisation, name: str, now: datetime, origin: str = "given") -> None:
    """Teach another name of an organisation; learning it twice changes nothing."""
    name = clean(name)
    if not name or name == organisation.name:
        return
    with transaction.atomic():
        alias = OrganisationAlias(organisation=organisation, name=name, origin=origin)
        OrganisationAlias.objects.bulk_create([alias], ignore_conflicts=True)
        journal.record(
            actor=actor,
            act="people.organisation.alias",
            subject_type="people.organisation",
            subject_id=organisation.pk,
            org_id=organisation.pk,
            facts={"alias": name, "origin": origin},
            now=now,
        )


def create_group(
    *,
    actor: Actor,
    name: str,
    now: datetime,
    aliases: Sequence[str] = (),
    kinds: Sequence[str] = (),
    actor_codes: Sequence[str] = (),
    links: Sequence[str] = (),
    members: Sequence[Organisation] = (),
) -> OrganisationGroup:
    """Enter a name for many organisations, such as 各镇（街道）."""
    actor.require("people.organisations.manage")
    with transaction.atomic():
        group = OrganisationGroup.objects.create(
            name=clean(name),
            aliases=[clean(alias) for alias in aliases],
            kinds=list(kinds),
            actor_codes=list(actor_codes),
            links=list(links),
        )
        group.members.set(members)
        journal.record(
            actor=actor,
            act="people.group.create",
            subject_type="people.organisationgroup",
            subject_id=group.pk,
            facts={"name": group.name},
            now=now,
        )
    return group


def create_user(
    *, actor: Actor, username: str, name: str, password: str | None, now: datetime, must_change_password: bool = True,
    is_random: bool = False,
) -> User:  # fmt: skip
    """Enter a person who signs in. Without a password the account waits for one.

    :param is_random: the password is one of ``passwords.initial_password`` and must be changed.
    :raises Conflict: the user name is taken.
    """
    actor.require("people.users.manage")
    username, name = clean(username), clean(name)
    if not username or not name:
        raise Invalid(fields={"username": _("请填写用户名和姓名。")})
    with transaction.atomic():
        if User.objects.filter(username__iexact=username).exists():
            raise Conflict(_("该用户名已被使用。"), fields={"username": _("该用户名已被使用。")})
        user = User(
            username=username,
            name=name,
            pinyin=pinyin_key(name, limit=200),
            must_change_password=must_change_password,
            password_changed_at=now,
            created_at=now,
            updated_at=now,
        )
        if password is None:
            user.set_unusable_password()
        elif is_random and must_change_password:
            user.password = passwords.hash_of_initial(password)
        else:
            user.set_password(password)
        user.save(force_insert=True)
        journal.record(actor=actor, act="people.user.create", subject_type="people.user", subject_id=user.pk, now=now)
    return user


def add_membership(
    *, actor: Actor, user: User, organisation: Organisation, roles: Sequence[str], now: datetime, post: str = ""
) -> Membership:
    """Give a user a place in an organisation with its roles at once: for set-up and programs, which hold both duties.

    Administrators work in two steps instead: ``administration.request_place`` and ``security.grant_roles``.

    :raises NotPermitted: an administrator would become a second one, or hold business duties too (三员分立).
    :raises Invalid: an unknown role.
    """
    actor.require("people.users.manage")
    if roles:
        actor.require("people.roles.manage")
    found = list(Role.objects.filter(code__in=roles))
    if len(found) != len(set(roles)):
        raise Invalid(fields={"roles": _("没有这个岗位。")})
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        refuse_mixed_administrator(user, found)
        place = Membership.objects.create(user=user, organisation=organisation, post=clean(post), valid_from=now)
        place.roles.set(found)
        journal.record(
            actor=actor,
            act="people.membership.add",
            subject_type="people.user",
            subject_id=user.pk,
            org_id=organisation.pk,
            facts={"organisation": organisation.pk, "roles": sorted(roles)},
            now=now,
        )
    return place


def refuse_mixed_administrator(user: User, roles: Sequence[Role], *, but: Membership | None = None) -> None:
    """Refuse roles that would make a second administrator of one person, or let an administrator do business.

    Every place that has not ended counts, also one that begins later.

    :param but: the place whose roles are being decided anew.
    """
    places = Membership.objects.filter(user=user, valid_to__isnull=True)
    if but is not None:
        places = places.exclude(pk=but.pk)
    held = Role.objects.filter(memberships__in=places).distinct()
    kinds = {role.administrator for role in [*held, *roles]}
    if len(kinds) > 1:
        raise separated()


def separated() -> NotPermitted:
    """The refusal of roles that nobody may hold together (三员分立)."""
    return NotPermitted(
        _("系统管理员、安全保密管理员、安全审计员须由不同人员担任，且不得兼任业务岗位。"), code="separated"
    )


def delegate(
    *,
    actor: Actor,
    to_user: User,
    first_day: date,
    last_day: date,
    reason: str,
    now: datetime,
) -> Delegation:
    """Give one's own work to a colleague of the same organisation for some days (委托).

    :raises Invalid: to oneself, to nobody of the organisation, or days out of order.
    """
    if actor.user_id is None or actor.organisation_id is None:
        raise NotPermitted
    if to_user.pk == actor.user_id:
        raise Invalid(fields={"to_user": _("不能委托给本人。")})
    if last_day < first_day:
        raise Invalid(fields={"last_day": _("截止日期不能早于起始日期。")})
    if last_day < Calendar().local_date(now):
        raise Invalid(fields={"last_day": _("截止日期已过。")})
    if not clean(reason):
        raise Invalid(fields={"reason": _("请填写委托原因。")})
    if not Membership.objects.current().filter(user=to_user, organisation_id=actor.organisation_id).exists():
        raise Invalid(fields={"to_user": _("只能委托给本单位在岗人员。")})
    with transaction.atomic():
        delegation = Delegation.objects.create(
            organisation_id=actor.organisation_id,
            from_user_id=actor.user_id,
            to_user=to_user,
            first_day=first_day,
            last_day=last_day,
            reason=clean(reason)[:200],
            created_at=now,
        )
        journal.record(
            actor=actor,
            act="people.delegation.give",
            subject_type="people.delegation",
            subject_id=delegation.pk,
            facts={"to": to_user.pk, "first_day": first_day, "last_day": last_day},
            now=now,
        )
        told = {"from": actor.name, "first_day": first_day, "last_day": last_day}
        notify(users=[to_user.pk], kind="work.delegated", data=told, now=now)
    return delegation


def revoke_delegation(*, actor: Actor, delegation_id: uuid.UUID, now: datetime) -> None:
    """End one's own delegation, or as a chief any of one's organisation."""
    with transaction.atomic():
        mine = Delegation.objects.filter(
            pk=delegation_id, organisation__in=[actor.organisation_id], revoked_at__isnull=True
        )
        if not actor.is_chief:
            mine = mine.filter(from_user_id=actor.user_id)
        if not mine.update(revoked_at=now):
            raise NotPermitted(_("该委托不存在、已撤销，或不由您撤销。"))
        journal.record(
            actor=actor,
            act="people.delegation.revoke",
            subject_type="people.delegation",
            subject_id=delegation_id,
            now=now,
        )


def sync_roles() -> None:
    """Create the roles that ship and offer each newly declared duty once; idempotent, run after each migration."""
    with transaction.atomic():
        for seed in ROLES:
            Role.objects.get_or_create(
                code=seed.code,
                defaults={
                    "name": seed.name,
                    "kinds": list(seed.kinds),
                    "is_chief": seed.is_chief,
                    "administrator": seed.administrator,
                },
            )
        for role in Role.objects.select_for_update().order_by("code"):
            new = [
                duty.code
                for duty in duty_registry.all_duties()
                if role.code in duty.roles and duty.code not in role.offered
            ]
            if new:
                Role.objects.filter(pk=role.pk).update(
                    duties=sorted({*role.duties, *new}), offered=sorted({*role.offered, *new})
                )
