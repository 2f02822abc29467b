"""Telling the fields of the form that no check asks for (票面事项)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.particulars import LONGEST, fields_of
from quancheng.domains.permits.queries.permits import REQUEST
from quancheng.domains.permits.services.checking import note, require_own
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, StaleState
from quancheng.kernel.names import clean

#: While these are told; what is presented is sealed with them.
OPEN = ("DRAFT", "REQUESTED", "PREPARING")


def tell_particulars(
    *, actor: Actor, permit: Permit, version: int, told: Mapping[str, str], now: datetime
) -> Permit:  # fmt: skip
    """Write the form's own fields anew; what is left empty is printed as an empty field.

    :raises Invalid: a field that the form of this kind has not, or one longer than 300 letters.
    :raises StaleState: it was presented already, or somebody changed the permit since it was read.
    """
    require_own(actor, permit.file, REQUEST)
    known = {one.code for one in fields_of(permit.kind)}
    wrong = {code: _("没有这一项。") for code in told if code not in known}
    wrong |= {code: _("最多%(most)s个字。") % {"most": LONGEST} for code, words in told.items() if len(words) > LONGEST}
    if wrong:
        raise Invalid(fields=wrong)
    kept = {code: clean(words) for code, words in told.items() if clean(words)}
    with transaction.atomic():
        rows = Permit.objects.visible_to(actor).filter(pk=permit.pk, status__in=OPEN, version=version)
        if rows.update(particulars=kept, version=F("version") + 1, updated_at=now) != 1:
            raise StaleState
        note(actor, "permits.permit.particulars", permit, now, {"fields": sorted(kept)})
    permit.refresh_from_db()
    return permit
