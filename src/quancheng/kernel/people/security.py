"""What the security administrator keeps: granted roles, the duties of roles, the policy of sign-in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access import duties as registry
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.addresses import RefusedAddress, judge
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.people import identities
from quancheng.kernel.people import second_factor as second_factor_rules
from quancheng.kernel.people.administration import check_roles
from quancheng.kernel.people.models import (
    ExternalIdentity,
    IdentityProvider,
    Membership,
    Role,
    SignIn,
    SignInPolicy,
    User,
)
from quancheng.kernel.people.oidc import asking
from quancheng.kernel.people.oidc.protocol import Unfit
from quancheng.kernel.people.services import refuse_mixed_administrator
from quancheng.kernel.vault import services as vault

ROLES, SECURITY = "people.roles.manage", "people.sessions.manage"
#: The least and the most that the policy may ask.
LIMITS: dict[str, tuple[int, int]] = {
    "password_length": (8, 64),
    "password_classes": (1, 4),
    "password_history": (0, 24),
    "password_days": (0, 3650),
    "failures": (3, 20),
    "lock_minutes": (1, 1440),
    "address_failures": (5, 10_000),
    "idle_minutes": (5, 480),
    "absolute_hours": (1, 24),
}


def grant_roles(*, actor: Actor, place: Membership, roles: Sequence[str], now: datetime) -> None:
    """Decide which roles a place has, whatever was asked for; none at all refuses the request.

    :raises NotPermitted: one's own place; or an administrator would become a second one or do business (三员分立).
    :raises Invalid: an unknown role, or one that does not go with this kind of organisation.
    """
    actor.require(ROLES)
    if place.user_id == actor.user_id:
        raise NotPermitted(_("不能为本人授予岗位，请由另一位安全保密管理员办理。"), code="own_place")
    found = check_roles(place.organisation, roles)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=place.user_id)
        refuse_mixed_administrator(place.user, found, but=place)
        if not Membership.objects.filter(pk=place.pk, valid_to__isnull=True).update(requested=[]):
            raise StaleState(_("该任职已结束。"))
        before = sorted(place.roles.values_list("code", flat=True))
        place.roles.set(found)
        journal.record(
            actor=actor, act="people.membership.grant", subject_type="people.user", subject_id=place.user_id,
            org_id=place.organisation_id, now=now,
            facts={"organisation": place.organisation_id, "before": before, "after": sorted(set(roles))},
        )  # fmt: skip


def duties_open_to(role: Role) -> list[registry.Duty]:
    """Duties that this role may hold: an administrator's own for his role, all business duties for the others."""
    if role.administrator:
        own = f"admin.{role.administrator}"
        return [duty for duty in registry.all_duties() if own in duty.roles]
    return [duty for duty in registry.all_duties() if not is_administrative(duty)]


def is_administrative(duty: registry.Duty) -> bool:
    """A duty that only administrators hold in a new house stays theirs."""
    return bool(duty.roles) and all(role.startswith("admin.") for role in duty.roles)


def set_role_duties(*, actor: Actor, role: Role, duties: Sequence[str], known: Sequence[str], now: datetime) -> None:
    """Decide which duties a role holds; everybody with the role is affected at his next request.

    :param known: the duties that the page showed as held; another administrator may have changed them since.
    :raises Invalid: a duty that nobody declared. :raises NotPermitted: one that this role may not hold.
    :raises StaleState: the role changed meanwhile.
    """
    actor.require(ROLES)
    if actor.administrator and role.administrator == actor.administrator:
        raise NotPermitted(_("不能更改本人所属管理员岗位的职责。"), code="own_role")
    wanted = sorted(set(duties))
    if unknown := [code for code in wanted if not registry.is_declared(code)]:
        raise Invalid(fields={"duties": _("没有这项职责：%(code)s") % {"code": unknown[0][:80]}})
    may = {duty.code for duty in duties_open_to(role)}
    if alien := [code for code in wanted if code not in may]:
        raise NotPermitted(
            _("“%(duty)s”不能授予该岗位：管理员职责与业务职责须分开。") % {"duty": registry.label_of(alien[0])},
            code="separated",
        )
    with transaction.atomic():
        standing = Role.objects.select_for_update(no_key=True).get(pk=role.pk)
        if sorted(standing.duties) != sorted(set(known)):
            raise StaleState
        # Duties of domains that are not built in today are kept as they stand.
        kept = [code for code in standing.duties if not registry.is_declared(code)]
        Role.objects.filter(pk=role.pk).update(duties=sorted({*wanted, *kept}))
        journal.record(
            actor=actor, act="people.role.duties", subject_type="people.role", now=now,
            facts={
                "role": role.code,
                "added": sorted(set(wanted) - set(standing.duties)),
                "removed": sorted(set(standing.duties) - set(wanted) - set(kept)),
            },
        )  # fmt: skip


def set_policy(*, actor: Actor, numbers: Mapping[str, int], second_factor: str, now: datetime) -> SignInPolicy:
    """Change the policy of sign-in and passwords; live sessions follow the new times at once.

    :param numbers: every name of :data:`LIMITS`.
    :raises Invalid: a number out of range.
    """
    actor.require(SECURITY)
    wrong: dict[str, Text] = {
        name: _("须为 %(least)s 至 %(most)s。") % {"least": least, "most": most}
        for name, (least, most) in LIMITS.items()
        if not least <= numbers[name] <= most
    }
    if second_factor not in dict(SignInPolicy.SECOND_FACTOR):
        wrong["second_factor"] = _("没有这个选项。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        rules, _created = SignInPolicy.objects.get_or_create(pk=1)
        SignInPolicy.objects.select_for_update(no_key=True).get(pk=1)
        given = {name: numbers[name] for name in LIMITS} | {"second_factor": second_factor}
        changed = {name: value for name, value in given.items() if getattr(rules, name) != value}
        SignInPolicy.objects.filter(pk=1).update(**given, updated_at=now)
        live = SignIn.objects.filter(ended_at__isnull=True)
        idle = timedelta(minutes=numbers["idle_minutes"])
        live.update(
            idle_minutes=given["idle_minutes"],
            idle_until=F("seen_at") + idle,
            expires_at=F("started_at") + timedelta(hours=numbers["absolute_hours"]),
        )
        second_factor_rules.owe(live, rules=SignInPolicy(second_factor=second_factor))
        journal.record(
            actor=actor, act="people.policy.change", subject_type="people.signinpolicy", facts=changed, now=now
        )
        return SignInPolicy.objects.get(pk=1)


#: Claims that several persons may share or that change hands: nobody is recognised by them.
_NO_SUBJECT = re.compile(r"(?i)name|phone|mobile|tel|mail|nick|gender|birth|address|locale|picture")


def set_provider(
    *,
    actor: Actor,
    is_enabled: bool,
    name: str,
    issuer: str,
    client_id: str,
    secret: str,
    scope: str,
    subject_claim: str,
    vouching: Sequence[str],
    creates_accounts: bool,
    forbids_password: bool,
    now: datetime,
    clears_secret: bool = False,
) -> None:
    """Change through whom people may sign in (统一身份认证); the provider is asked for its description before.

    :param secret: the client's secret; empty keeps what stands, but a secret of one issuer is never sent to another.
    :param clears_secret: forget the one that stands; the client is a public one from now on.
    :raises Invalid: a field, or the provider does not answer as this issuer.
    """
    actor.require(SECURITY)
    issuer, client_id, name = issuer.strip(), client_id.strip(), clean(name)
    wrong: dict[str, Text] = {}
    if not name or len(name) > 40:
        wrong["name"] = _("请填写名称，不超过40个字。")
    if not client_id:
        wrong["client_id"] = _("请填写客户端编号。")
    if "?" in issuer or "#" in issuer or not issuer:
        wrong["issuer"] = _("请填写颁发者网址，不带参数。")
    scopes = scope.split()
    if "openid" not in scopes:
        wrong["scope"] = _("申请范围须包含 openid。")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.:/-]{0,59}", subject_claim) or _NO_SUBJECT.search(subject_claim):
        wrong["subject_claim"] = _("身份标识须用不变且唯一的字段（通常为 sub），不能用姓名、号码、邮箱。")
    former = IdentityProvider.objects.first()
    other_claim = former is not None and former.issuer == issuer and former.subject_claim != subject_claim
    if other_claim and ExternalIdentity.objects.filter(issuer=issuer).exists():
        wrong["subject_claim"] = _("已有账号按原字段绑定，须先全部解除才能更换。")
    if secret and clears_secret:
        wrong["clears_secret"] = _("已填写新的客户端密钥，不能同时清除。")
    if wrong:
        raise Invalid(fields=wrong)
    if is_enabled:
        _ask_provider(issuer)
    given = {
        "is_enabled": is_enabled,
        "name": name,
        "issuer": issuer,
        "client_id": client_id,
        "scope": " ".join(scopes),
        "subject_claim": subject_claim,
        "vouching": sorted({clean(value)[:200] for value in vouching} - {""}),
        "creates_accounts": creates_accounts,
        "forbids_password": forbids_password,
    }
    with transaction.atomic():
        standing = IdentityProvider.objects.select_for_update().filter(pk=1).first()
        if standing and standing.secret and standing.issuer != issuer and not secret and not clears_secret:
            raise Invalid(fields={"secret": _("颁发者已更改，请重新填写客户端密钥，或勾选清除。")})
        changed = {key: value for key, value in given.items() if standing is None or getattr(standing, key) != value}
        fields: dict[str, Any] = {**given, "updated_at": now}
        if secret:
            fields["secret"] = vault.seal(identities.SECRET, secret)
            changed["secret"] = vault.keyed(secret)
        elif clears_secret:
            fields["secret"] = changed["secret"] = ""
        IdentityProvider.objects.update_or_create(pk=1, defaults=fields)
        journal.record(
            actor=actor, act="people.provider.change", subject_type="people.identityprovider", facts=changed, now=now
        )


def get_provider(*, actor: Actor) -> IdentityProvider | None:
    """The provider as it stands, for the security administrator."""
    actor.require(SECURITY)
    return IdentityProvider.objects.first()


def _ask_provider(issuer: str) -> None:
    try:
        judge(issuer, asking.allowed())
    except RefusedAddress as refused:
        raise Invalid(fields={"issuer": refused.message}) from refused
    try:
        asking.discover(issuer, fresh=True)
    except Unfit as failure:
        raise Invalid(
            fields={"issuer": _("该网址没有给出可用的 OpenID Connect 配置（%(why)s）。") % {"why": failure.why}}
        ) from failure
