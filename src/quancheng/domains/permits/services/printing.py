"""Printing a permit: its code is made with the first print, and each print is journaled (打印、补打)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from quancheng.domains.permits.models import Permit, PermitMark
from quancheng.domains.permits.queries.blocks import is_own
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.permits.queries.prints import PRINTED, count_prints
from quancheng.domains.permits.services.checking import note
from quancheng.kernel.access.actor import Actor


def note_print(
    *, actor: Actor, permit: Permit, copies: Sequence[int], medium: str, now: datetime
) -> tuple[PermitMark, int]:  # fmt: skip
    """Write down that a permit is printed, and give its code and the how manieth print it is.

    :param copies: numbers 1 to 3; empty for the placard. :param medium: ``pdf`` or ``docx``.
    """
    actor.require(VIEW)
    with transaction.atomic():
        made = {"code": secrets.token_urlsafe(16), "made_at": now}
        mark, _new = PermitMark.objects.get_or_create(permit=permit, defaults=made)
        number = count_prints(permit) + 1
        facts = {
            "copies": list(copies), "medium": medium, "number": number, "edition": permit.version,
            "state": permit.status, "certificates": "whole" if is_own(permit, actor) else "masked",
        }  # fmt: skip
        note(actor, PRINTED, permit, now, facts)
    return mark, number
