"""A document that was read becomes a plan in review, its bytes kept as they came."""

from __future__ import annotations

import uuid
from datetime import datetime
from io import BytesIO

from django.db import transaction

from quancheng.domains.duty.documents.read import Document
from quancheng.domains.duty.models import Plan
from quancheng.domains.duty.plans import parse_plan
from quancheng.domains.duty.services.review import register_plan
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import attach_files, receive_file


def import_document(
    *,
    actor: Actor,
    document: Document,
    name: str,
    data: bytes,
    kind: str,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> Plan:
    """Parse a document that was read, register it for review, and keep its bytes as they came.

    :raises NotPermitted: without the duty of importing.
    """
    actor.require("duty.plans.import")
    parsed = parse_plan(document.lines).to_json()
    stored = receive_file(actor=actor, content=BytesIO(data), name=name, now=now)
    with transaction.atomic():
        plan = register_plan(
            actor=actor,
            lines=[line.text for line in document.lines],
            parsed=parsed,
            source_name=name,
            source_sha256=document.sha256,
            now=now,
            kind=kind,
            client_id=client_id,
        )
        # The same import sent twice has its document already.
        if not files_of(plan, role="source").exists():
            attach_files(actor=actor, row=plan, file_ids=[stored.pk], now=now, role="source")
    return plan
