"""What the system administrator keeps: organisations, groups, places; and the roles that he asks for."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotFound, StaleState, Text
from quancheng.kernel.names import clean, initials, pinyin_key
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.models import (
    LINKS,
    Membership,
    Organisation,
    OrganisationAlias,
    OrganisationGroup,
    OrganisationKind,
    Role,
    SignIn,
    User,
)
from quancheng.kernel.people.moving import note_move
from quancheng.standards import gb32100

ORGANISATIONS, USERS = "people.organisations.manage", "people.users.manage"


def check_credit_code(text: str) -> str | None:
    """The unified social credit code (统一社会信用代码), upper case; None for none.

    :raises Invalid: whatever :func:`quancheng.standards.gb32100.read` finds, in words.
    """
    code = gb32100.read(clean(text))
    if not code.code:
        return None
    if code.faults:
        said = "；".join(str(_credit_fault(fault)) for fault in code.faults[:3])
        raise Invalid(fields={"credit_code": _("统一社会信用代码有误：%(said)s。") % {"said": said}})
    return code.code


def _credit_fault(fault: gb32100.Fault) -> Text:
    """One fault in words, without a full stop."""
    values = {"place": fault.place, "found": fault.found, "expected": fault.expected}
    if fault.code == "length":
        return _("应为18位，现为%(found)s位") % values
    if fault.code == "letter" and fault.expected:
        return _("第%(place)s位不能用字母%(found)s，可能是数字%(expected)s") % values
    if fault.code in ("letter", "mark"):
        return _("第%(place)s位不能用%(found)s") % values
    if fault.code == "area":
        return _("第3至8位应为六位数字的行政区划代码，现为%(found)s") % values
    if fault.code == "organisation_check":
        return _("第17位是主体标识码的校验码，现为%(found)s，按前8位应为%(expected)s") % values
    return _("第18位是校验码，现为%(found)s，按前17位应为%(expected)s") % values


def update_organisation(
    *,
    actor: Actor,
    organisation: Organisation,
    name: str,
    kind: str,
    now: datetime,
    short_name: str = "",
    area: Area | None = None,
    parent: Organisation | None = None,
    actor_code: str = "",
    credit_code: str = "",
    links: Sequence[str] = (),
    supervises: bool = False,
    general: bool = False,
    document_word: str = "",
    aliases: Iterable[str] = (),
    moved_on: date | None = None,
) -> None:
    """Change what stands about an organisation. A former name stays as an alias, so that old papers still find it.

    Where its area changes it moved (迁址), and a job lets the rows that concern it follow.

    :param moved_on: since when it lies in its new area; today where nobody says.
    :raises StaleState: somebody else changed it since it was read.
    :raises Conflict: name or credit code is another's. :raises Invalid: a field, or a circle of parents.
    """
    actor.require(ORGANISATIONS)
    name = clean(name)
    wrong: dict[str, Text] = {}
    if not name or len(name) > 120:
        wrong["name"] = _("请填写单位全称，不超过120个字。")
    if kind not in OrganisationKind.values:
        wrong["kind"] = _("没有这个单位类别。")
    if set(links) - {code for code, _label in LINKS}:
        wrong["links"] = _("没有这个链条环节。")
    if parent is not None and _is_below(parent, organisation):
        wrong["parent"] = _("上级单位不能是本单位或其下级。")
    today = Calendar().local_date(now)
    if moved_on is not None and moved_on > today:
        wrong["moved_on"] = _("迁入日期不能晚于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    code = check_credit_code(credit_code)
    with transaction.atomic():
        _refuse_taken(organisation, name, code)
        changes: dict[str, Any] = {
            "name": name,
            "short_name": clean(short_name)[:60],
            "kind": kind,
            "area": area,
            "parent": parent,
            "actor_code": clean(actor_code)[:10],
            "credit_code": code,
            "links": list(links),
            "supervises": supervises,
            "general": general,
            "document_word": clean(document_word)[:12],
        }
        to_area = area.pk if area is not None else None
        note_move(actor=actor, organisation=organisation, to_area=to_area, on=moved_on or today, now=now)
        changed = sorted(field for field, value in changes.items() if getattr(organisation, field) != value)
        won = Organisation.objects.filter(pk=organisation.pk, updated_at=organisation.updated_at).update(
            **changes, pinyin=pinyin_key(name), initials=initials(name), updated_at=now
        )
        if not won:
            raise StaleState
        former = {organisation.name} if organisation.name != name else set()
        added, removed = _set_aliases(organisation, {*map(clean, aliases), *former} - {name, ""})
        journal.record(
            actor=actor,
            act="people.organisation.update",
            subject_type="people.organisation",
            subject_id=organisation.pk,
            org_id=organisation.pk,
            facts={"changed": changed, "name": name, "aliases_added": added, "aliases_removed": removed},
            now=now,
        )


def end_organisation(*, actor: Actor, organisation: Organisation, on: date, now: datetime) -> None:
    """An organisation ceases to exist (撤销): it stays in every record, and its people act for it no longer.

    :raises StaleState: it ended already.
    """
    actor.require(ORGANISATIONS)
    with transaction.atomic():
        ended = Organisation.objects.filter(pk=organisation.pk, ended_on__isnull=True)
        if not ended.update(ended_on=on, updated_at=now):
            raise StaleState(_("该单位已撤销。"))
        Membership.objects.filter(organisation=organisation, valid_to__isnull=True, valid_from__lte=now).update(
            valid_to=now
        )
        journal.record(
            actor=actor, act="people.organisation.end", subject_type="people.organisation",
            subject_id=organisation.pk, org_id=organisation.pk, facts={"on": on}, now=now,
        )  # fmt: skip


def remove_organisation(*, actor: Actor, organisation: Organisation, now: datetime) -> None:
    """Take out an organisation that was entered by mistake, while nothing in the house refers to it.

    :raises ProtectedError: something does; then it can only end (:func:`end_organisation`).
    """
    actor.require(ORGANISATIONS)
    pk, name = organisation.pk, organisation.name
    with transaction.atomic():
        organisation.delete()
        journal.record(
            actor=actor, act="people.organisation.remove", subject_type="people.organisation", subject_id=pk,
            facts={"name": name}, now=now,
        )  # fmt: skip


def save_group(
    *,
    actor: Actor,
    group: OrganisationGroup | None,
    name: str,
    now: datetime,
    aliases: Sequence[str] = (),
    kinds: Sequence[str] = (),
    actor_codes: Sequence[str] = (),
    links: Sequence[str] = (),
    members: Sequence[Organisation] = (),
) -> OrganisationGroup:
    """Enter or change a name for many organisations (集合称谓).

    :raises Conflict: the name is taken. :raises Invalid: it stands for nobody.
    """
    actor.require(ORGANISATIONS)
    name = clean(name)[:120]
    if not name:
        raise Invalid(fields={"name": _("请填写集合称谓。")})
    if not (kinds or actor_codes or links or members):
        raise Invalid(fields={"kinds": _("请至少选择一个类别、职能、环节或单位。")})
    fields = {
        "aliases": sorted({clean(alias) for alias in aliases} - {"", name}),
        "kinds": list(kinds),
        "actor_codes": [clean(code)[:10] for code in actor_codes if clean(code)],
        "links": list(links),
    }
    with transaction.atomic():
        others = OrganisationGroup.objects.filter(name=name)
        if others.exclude(pk=group.pk if group else uuid.UUID(int=0)).exists():
            raise Conflict(_("已有同名集合称谓。"), fields={"name": _("已有同名集合称谓。")})
        if group is None:
            group = OrganisationGroup.objects.create(name=name, **fields)
            act = "people.group.create"
        else:
            OrganisationGroup.objects.filter(pk=group.pk).update(name=name, **fields)
            act = "people.group.update"
        group.members.set(members)
        journal.record(
            actor=actor, act=act, subject_type="people.organisationgroup", subject_id=group.pk,
            facts={"name": name, "members": [member.pk for member in members], **fields}, now=now,
        )  # fmt: skip
    return group


def request_place(
    *, actor: Actor, user: User, organisation: Organisation, roles: Sequence[str], now: datetime, post: str = ""
) -> Membership:
    """Give a user a place, and ask the security administrator for its roles: until he grants them it allows nothing.

    :raises Invalid: an unknown role, or one that does not go with this kind of organisation.
    :raises Conflict: the user has a place there already.
    """
    actor.require(USERS)
    check_roles(organisation, roles)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if Membership.objects.filter(user=user, organisation=organisation, valid_to__isnull=True).exists():
            raise Conflict(_("该用户在此单位已有任职。"), fields={"organisation": _("该用户在此单位已有任职。")})
        place = Membership.objects.create(
            user=user, organisation=organisation, post=clean(post)[:60], requested=sorted(set(roles)), valid_from=now
        )
        _note_place(actor, "request", place, now, {"roles": sorted(roles)})
    return place


def change_request(*, actor: Actor, place: Membership, roles: Sequence[str], post: str, now: datetime) -> None:
    """Ask for other roles of a place, or correct the post. What was granted stands until it is decided anew."""
    actor.require(USERS)
    check_roles(place.organisation, roles)
    granted = sorted(role.code for role in place.roles.all())
    wanted = sorted(set(roles))
    with transaction.atomic():
        live = Membership.objects.filter(pk=place.pk, valid_to__isnull=True)
        if not live.update(post=clean(post)[:60], requested=[] if wanted == granted else wanted):
            raise StaleState
        _note_place(actor, "request", place, now, {"roles": wanted})


def end_place(*, actor: Actor, place: Membership, now: datetime) -> None:
    """The user leaves the organisation. Open items that were his alone go back to those who hold the duty."""
    actor.require(USERS)
    with transaction.atomic():
        live = Membership.objects.filter(pk=place.pk, valid_to__isnull=True)
        if not live.update(valid_to=max(now, place.valid_from), requested=[]):
            raise StaleState(_("该任职已结束。"))
        _note_place(actor, "end", place, now, {})


def withdraw_place(*, actor: Actor, place: Membership, now: datetime) -> None:
    """Take back a place that was asked for by mistake; its account goes with it where both were made at once.

    :raises Conflict: roles were granted, or the person signed in. :raises ProtectedError: something refers to it.
    """
    actor.require(USERS)
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=place.user_id)
        if place.roles.exists():
            raise Conflict(_("“%(name)s”的岗位已经授予。") % {"name": user.name})
        is_whole = user.created_at == place.valid_from and user.memberships.count() == 1
        if is_whole and SignIn.objects.filter(user=user).exists():
            raise Conflict(_("“%(name)s”已经登录过。") % {"name": user.name})
        place_id = place.pk
        place.delete()
        place.pk = place_id
        _note_place(actor, "withdraw", place, now, {"account": is_whole})
        if is_whole:
            user.delete()


def check_roles(organisation: Organisation, roles: Sequence[str]) -> list[Role]:
    """The roles under these codes. :raises Invalid: unknown, or of another kind of organisation."""
    found = list(Role.objects.filter(code__in=roles).order_by("code"))
    if len(found) != len(set(roles)):
        raise Invalid(fields={"roles": _("没有这个岗位。")})
    alien = [role.name for role in found if role.kinds and organisation.kind not in role.kinds]
    if alien:
        raise Invalid(
            fields={"roles": _("“%(roles)s”不适用于这类单位。") % {"roles": listed(_(name) for name in alien)}}
        )
    return found


def _note_place(actor: Actor, what: str, place: Membership, now: datetime, facts: Mapping[str, Any]) -> None:
    journal.record(
        actor=actor, act=f"people.membership.{what}", subject_type="people.user", subject_id=place.user_id,
        org_id=place.organisation_id, facts={"organisation": place.organisation_id, **facts}, now=now,
    )  # fmt: skip


def _refuse_taken(organisation: Organisation, name: str, code: str | None) -> None:
    others = Organisation.objects.exclude(pk=organisation.pk)
    if others.filter(name=name).exists():
        raise Conflict(_("已有同名单位。"), fields={"name": _("已有同名单位。")})
    if code and others.filter(credit_code=code).exists():
        raise Conflict(_("该代码已登记于另一单位。"), fields={"credit_code": _("该代码已登记于另一单位。")})


def _is_below(candidate: Organisation, organisation: Organisation) -> bool:
    """Whether the candidate is the organisation itself or stands somewhere under it."""
    seen: set[uuid.UUID] = set()
    current: Organisation | None = candidate
    while current is not None and current.pk not in seen:
        if current.pk == organisation.pk:
            return True
        seen.add(current.pk)
        current = current.parent
    return False


def _set_aliases(organisation: Organisation, wanted: set[str]) -> tuple[list[str], list[str]]:
    standing = set(organisation.aliases.values_list("name", flat=True))
    added, removed = sorted(wanted - standing), sorted(standing - wanted)
    if too_long := [alias for alias in added if len(alias) > 120]:
        raise Invalid(fields={"aliases": _("别名过长：%(name)s") % {"name": too_long[0][:40]}})
    OrganisationAlias.objects.filter(organisation=organisation, name__in=removed).delete()
    OrganisationAlias.objects.bulk_create([OrganisationAlias(organisation=organisation, name=each) for each in added])
    return added, removed


def get_place(*, actor: Actor, membership_id: uuid.UUID) -> Membership:
    """A place, for the administrators of users and of roles. :raises NotFound: there is none."""
    if not actor.has(USERS):
        actor.require("people.roles.manage")
    places = Membership.objects.select_related("user", "organisation").prefetch_related("roles")
    found = places.filter(pk=membership_id).first()
    if found is None:
        raise NotFound
    return found
