"""Giving numbers, voiding them, and changing how they read."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotFound, StaleState
from quancheng.kernel.ids import uuid7
from quancheng.kernel.numbering.kinds import fault, kind_of, write
from quancheng.kernel.numbering.models import IssuedNumber, NumberPattern
from quancheng.kernel.people.models import Organisation

# One statement makes the counter or raises it, and holds its lock to the end of the transaction: of two at once the
# second waits, and a number whose act fails is given again.
_NEXT = """
INSERT INTO numbering_counter AS c (id, organisation_id, kind, year, last) VALUES (%s, %s, %s, %s, 1)
ON CONFLICT (organisation_id, kind, year) DO UPDATE SET last = c.last + 1 RETURNING last
"""


def take_number(
    *,
    actor: Actor,
    organisation: Organisation,
    kind: str,
    subject_type: str,
    subject_id: uuid.UUID,
    now: datetime,
    year: int | None = None,
) -> IssuedNumber:
    """Give a row its number, in the caller's transaction; a row that has one of the kind keeps it.

    The caller asked for the duty to sign. Take it late: whoever else signs for the organisation waits.

    :param year: the local year of ``now`` where none is given.
    :raises RuntimeError: outside a transaction, where a number could be lost.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a number belongs to the transaction of its act")
    held = IssuedNumber.objects.filter(subject_type=subject_type, subject_id=subject_id, kind=kind).first()
    if held is not None:
        return held
    year = year or Calendar().local_date(now).year
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [uuid7(), organisation.pk, kind, year])
        number = cursor.fetchone()[0]
    pattern, word = pattern_of(organisation, kind)
    issued = IssuedNumber.objects.create(
        organisation=organisation,
        kind=kind,
        year=year,
        number=number,
        text=write(pattern, word=organisation.document_word, kind=word, year=year, number=number),
        subject_type=subject_type,
        subject_id=subject_id,
        issued_at=now,
    )
    journal.record(
        actor=actor, act="numbering.number.take", subject_type=subject_type, subject_id=subject_id,
        org_id=organisation.pk, facts={"kind": kind, "number": issued.text}, now=now,
    )  # fmt: skip
    return issued


def void_number(
    *, actor: Actor, kind: str, subject_type: str, subject_id: uuid.UUID, reason: str, now: datetime
) -> IssuedNumber:
    """Mark a row's number as void; it stays its own and is never given again. The caller asked for the duty.

    :raises NotFound: the row has none. :raises StaleState: it is void already. :raises Invalid: no reason.
    """
    if not reason.strip():
        raise Invalid(fields={"reason": _("请写明作废原因。")})
    with transaction.atomic():
        numbers = IssuedNumber.objects.filter(subject_type=subject_type, subject_id=subject_id, kind=kind)
        if numbers.filter(void_at__isnull=True).update(void_at=now, void_reason=reason.strip()[:200]) != 1:
            if numbers.exists():
                raise StaleState(_("该文号已作废。"))
            raise NotFound
        issued = numbers.get()
        journal.record(
            actor=actor, act="numbering.number.void", subject_type=subject_type, subject_id=subject_id,
            org_id=issued.organisation_id, facts={"number": issued.text, "reason": issued.void_reason}, now=now,
        )  # fmt: skip
    return issued


def set_pattern(
    *, actor: Actor, organisation: Organisation, kind: str, word: str, pattern: str, now: datetime
) -> NumberPattern:
    """Change how an organisation writes a kind of number from now on; given numbers stay as they read.

    :raises Invalid: an unknown placeholder, or year or number missing.
    """
    actor.require("numbering.patterns.manage")
    kind_of(kind)
    if fault(pattern) or len(pattern) > 80 or len(word) > 20:
        raise Invalid(fields={"pattern": _("格式须含{year}和{number}，可用{word}、{kind}。")})
    with transaction.atomic():
        row, _created = NumberPattern.objects.update_or_create(
            organisation=organisation, kind=kind, defaults={"word": word, "pattern": pattern, "updated_at": now}
        )
        journal.record(
            actor=actor, act="numbering.pattern.set", org_id=organisation.pk,
            facts={"kind": kind, "word": word, "pattern": pattern}, now=now,
        )  # fmt: skip
    return row


def pattern_of(organisation: Organisation, kind: str) -> tuple[str, str]:
    """Pattern and the kind's word as the organisation writes them."""
    own = NumberPattern.objects.filter(organisation=organisation, kind=kind).first()
    if own is not None:
        return own.pattern, own.word
    shipped = kind_of(kind)
    return shipped.pattern, shipped.word
