"""Who sees more than the public: by his duty, or by a short-lived code of the duty room; each look is journaled."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import AccessPass, Enterprise, Product, SafetyCode
from quancheng.domains.registry.models.codes import Looker
from quancheng.domains.registry.services.codes import ALPHABET, count_scan, knock
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.errors import Invalid, NotFound, NotPermitted, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.vault import services as vault

OPEN, CARRY, RESCUE, INSPECT = (
    "registry.codes.open", "registry.codes.carry", "registry.codes.rescue", "registry.codes.inspect"
)  # fmt: skip
LOOK = "registry.code.look"
#: Letters of a short-lived code, said over the telephone: 40 bits, of which somebody may try few.
LENGTH = 8
#: A short-lived code lives no longer than this.
LONGEST_HOURS = 24
#: How many codes an address may try at one enterprise in a quarter of an hour. [D]
TRIES = 8
#: The fire brigade, emergency management and the office, by their codes in the table of actors: who leads a rescue.
RESCUERS = ("FIRE", "EMB", "SCO")
_visitor = system_actor("registry.code")


def open_pass(
    *, actor: Actor, file: Enterprise, product: Product | None, looker: str, holder: str, reason: str, hours: int,
    now: datetime,
) -> tuple[AccessPass, str]:  # fmt: skip
    """Give a short-lived code; the row and the code, which nobody can read again.

    :param hours: whole hours that it lives, 1 to :data:`LONGEST_HOURS`. :raises Invalid: by field.
    """
    actor.require(OPEN)
    if actor.organisation_id is None:
        raise NotPermitted
    wrong: dict[str, Text] = {}
    if looker not in Looker.values:
        wrong["looker"] = _("请选择查看身份。")
    if len(clean(holder)) < 2:
        wrong["holder"] = _("请写明告知的单位、车牌。")
    if len(clean(reason)) < 4:
        wrong["reason"] = _("请写明事由（至少4个字）。")
    if not 1 <= hours <= LONGEST_HOURS:
        wrong["hours"] = _("有效时间为1到%(most)s小时。") % {"most": LONGEST_HOURS}
    if product is not None and product.file_id != file.pk:
        wrong["product"] = _("该产品不是这家企业的。")
    if wrong:
        raise Invalid(fields=wrong)
    secret = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    with transaction.atomic():
        made = AccessPass.objects.create(
            **file.row_scope(owner=actor.organisation_id),
            file=file, product=product, digest=_digest(secret), looker=looker,
            holder=clean(holder)[:80], reason=clean(reason)[:200], opened_by_id=actor.user_id, opened_at=now,
            expires_at=now + timedelta(hours=hours),
        )  # fmt: skip
        journal.record(
            actor=actor, act="registry.pass.open", subject_type=AccessPass.row_type(), subject_id=made.pk,
            org_id=file.pk, now=now,
            facts={"looker": looker, "holder": made.holder, "reason": made.reason, "expires_at": made.expires_at,
                   "product": product.pk if product else None},
        )  # fmt: skip
    return made, secret


def close_pass(*, actor: Actor, given: AccessPass, now: datetime) -> None:
    """Take a code back before its time: whoever holds the duty in the organisation that gave it.

    :raises StaleState: taken back already.
    """
    actor.require(OPEN)
    if given.owner_org_id != actor.organisation_id:
        raise NotPermitted
    with transaction.atomic():
        if not AccessPass.objects.filter(pk=given.pk, closed_at__isnull=True).update(closed_at=now):
            raise StaleState(_("该临时查看码已收回。"))
        journal.record(
            actor=actor, act="registry.pass.close", subject_type=AccessPass.row_type(), subject_id=given.pk,
            org_id=given.file_id, now=now,
        )  # fmt: skip


def try_pass(*, code: SafetyCode, secret: str, address: str, now: datetime) -> AccessPass | None:
    """The live pass that a secret opens at this code; None where it opens none, which the journal notes.

    Each try takes its place in the address's count before it is looked at; all live passes are compared, each in the
    same time. :raises TooMany: the address tried too often.
    """
    knock(door="try", address=address, about=str(code.file_id), limit=TRIES, now=now)
    wanted = _digest(secret.upper().replace("-", "").replace(" ", "").translate(str.maketrans("ILO", "110")))
    found = None
    for one in _live(code, now):
        if constant_time_compare(one.digest, wanted):
            found = one
    if found is None:
        with transaction.atomic():
            journal.record(
                actor=_visitor, act="registry.pass.fail", subject_type=SafetyCode._meta.label_lower,
                subject_id=code.pk, org_id=code.file_id, facts={"address": vault.keyed(address)}, now=now,
            )  # fmt: skip
    return found


def live_pass(*, code: SafetyCode, pass_id: uuid.UUID, now: datetime) -> AccessPass | None:
    """A pass that a browser opened before, while it still lives and opens this code."""
    return next((one for one in _live(code, now) if one.pk == pass_id), None)


def lookers_of(actor: Actor | None) -> list[str]:
    """As whom the actor may look by his duties: a driver of a carrier, the fire brigade, inspectors."""
    if actor is None or actor.organisation_id is None or actor.administrator:
        return []
    org = Organisation.objects.filter(pk=actor.organisation_id).only("kind", "actor_code", "links").first()
    if org is None:
        return []
    found = []
    if actor.has(RESCUE) and org.actor_code in RESCUERS:
        found.append(str(Looker.FIREFIGHTER))
    if actor.has(INSPECT):
        found.append(str(Looker.INSPECTOR))
    if actor.has(CARRY) and "transport" in org.links:
        found.append(str(Looker.DRIVER))
    return found


def note_look(
    *, code: SafetyCode, extension: str, looker: str, reason: str, now: datetime, actor: Actor | None = None,
    given: AccessPass | None = None,
) -> None:  # fmt: skip
    """Write down one look beyond the public page, by a person with the duty or by a pass.

    :raises Invalid: no reason. :raises NotFound: neither.
    """
    facts: dict[str, object] = {"looker": looker, "extension": extension}
    if given is not None:
        who, facts = _visitor, facts | {"pass": given.pk, "holder": given.holder, "reason": given.reason}
    elif actor is not None and looker in lookers_of(actor):
        if len(clean(reason)) < 4:
            raise Invalid(fields={"reason": _("请写明查看事由（至少4个字）。")})
        who, facts = actor, facts | {"holder": actor.organisation_name, "reason": clean(reason)[:200]}
    else:
        raise NotFound
    with transaction.atomic():
        journal.record(
            actor=who, act=LOOK, subject_type=SafetyCode._meta.label_lower, subject_id=code.pk, org_id=code.file_id,
            facts=facts, now=now,
        )  # fmt: skip
        count_scan(code=code, extension=extension, now=now, identified=True)
        if given is not None:
            AccessPass.objects.filter(pk=given.pk).update(uses=F("uses") + 1)


def default_hours() -> int:
    """How long a short-lived code lives where nobody says otherwise."""
    return min(max(1, settings.PASS_HOURS), LONGEST_HOURS)


def _live(code: SafetyCode, now: datetime) -> list[AccessPass]:
    """Passes that open this code: the enterprise's open all its codes, a product's that product's alone."""
    standing = AccessPass.objects.filter(file=code.file_id, expires_at__gt=now, closed_at__isnull=True)
    return [one for one in standing.order_by("pk") if one.product_id in (None, code.product_id)]


def _digest(secret: str) -> str:
    return salted_hmac("registry.pass", secret, algorithm="sha256").hexdigest()
