"""The picture in the form's box for a drawing (票面示意图): position of a blind plate, an excavation, a closed road."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.queries.permits import REQUEST
from quancheng.domains.permits.queries.sketches import SKETCH, SKETCHED
from quancheng.domains.permits.services.checking import note, require_own
from quancheng.domains.permits.services.particulars import OPEN
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, StaleState
from quancheng.kernel.files.queries import files_by_id
from quancheng.kernel.files.services import attach_files

_PICTURES = ("image/png", "image/jpeg")


def draw_sketch(*, actor: Actor, permit: Permit, file_id: uuid.UUID, version: int, now: datetime) -> Permit:
    """Put a picture into the form's box, in place of any before; it is sealed when the permit is presented.

    :raises Conflict: the form of this kind has no such box. :raises Invalid: no PNG or JPEG.
    :raises StaleState: it was presented already, or somebody changed the permit since it was read.
    """
    require_own(actor, permit.file, REQUEST)
    if permit.kind not in SKETCHED:
        raise Conflict(_("该类作业票的票样没有示意图栏。"))
    files = files_by_id([file_id])
    if not files or files[0].media_type not in _PICTURES:
        raise Invalid(fields={"sketch": _("请上传PNG或JPEG图片。")})
    with transaction.atomic():
        rows = Permit.objects.visible_to(actor).filter(pk=permit.pk, status__in=OPEN, version=version)
        if rows.update(sketch=files[0].digest, version=F("version") + 1, updated_at=now) != 1:
            raise StaleState
        attach_files(actor=actor, row=permit, file_ids=[file_id], now=now, role=SKETCH)
        note(actor, "permits.permit.sketch", permit, now, {"picture": files[0].digest})
    permit.refresh_from_db()
    return permit
