"""One enterprise's file as one PDF (档案导出): asked for, made as long work, and noted in the journal."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.enterprises import note
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.longwork.services import start_work

KIND = "registry.dossier"


def ask_for_dossier(
    *, actor: Actor, file: Enterprise, now: datetime, client_id: uuid.UUID | None = None
) -> LongWork:  # fmt: skip
    """Begin the PDF of a file that a query gave to the actor; it is made as he sees the file when the work runs.

    :raises TooMany: he has as much under way as he may.
    """
    title = _("企业档案：%(name)s") % {"name": file.enterprise.name}  # type: ignore[union-attr]
    return start_work(actor=actor, kind=KIND, title=title, params={"file": file.pk}, now=now, client_id=client_id)


def note_dossier(*, actor: Actor, file: Enterprise, parts: int, now: datetime) -> None:
    """That somebody took the whole file along: the enterprise sees who."""
    note(actor, "registry.enterprise.export", file, now, {"parts": parts})
