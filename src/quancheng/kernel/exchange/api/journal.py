"""Proof of the journal for auditors: counts and faults, no content."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from quancheng.kernel.errors import NotPermitted, TooLarge
from quancheng.kernel.exchange.rest import REFUSALS, Strict
from quancheng.kernel.journal.models import JournalRoot, JournalSeal, JournalWaiting
from quancheng.kernel.journal.verify import verify
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["journal"])

#: More are recomputed by the command, not while the web process has others to serve.
MOST_ENTRIES = 50_000


class RootOut(Schema):
    """The last nightly root over all chains, to hold against the copy kept outside."""

    made_at: datetime
    digest: str


class ProofOut(Schema):
    """Counts, the last root and, where it was asked for, what recomputing every digest and chain found."""

    entries: int
    chains: int
    waiting: int
    last_root: RootOut | None
    recomputed: bool
    is_sound: bool | None
    faults: list[str]


class ProofIn(Strict):
    recompute: bool = Field(False, description="recompute everything; up to 50 000 entries")


@router.get(
    "/journal/proof",
    response={200: ProofOut, **REFUSALS},
    operation_id="verify_journal",
    summary="State of the journal's seals, for auditors",
)
def proof(request: HttpRequest, given: Query[ProofIn]) -> dict[str, object]:
    if actor_of(request).administrator != "audit":
        raise NotPermitted(_("只有安全审计员可以核验日志。"), code="auditors_only")
    entries = JournalSeal.objects.count()
    if given.recompute and entries > MOST_ENTRIES:
        raise TooLarge(
            _("日志超过%(most)s条，请在服务器上执行 quancheng journal verify。") % {"most": MOST_ENTRIES},
            code="journal_too_large",
        )
    found = verify(now=timezone.now(), roots_folder=Path(settings.ROOTS_DIR)) if given.recompute else None
    return {
        "entries": entries,
        "chains": JournalSeal.objects.order_by().values("chain").distinct().count(),
        "waiting": JournalWaiting.objects.count(),
        "last_root": JournalRoot.objects.order_by("-pk").first(),
        "recomputed": found is not None,
        "is_sound": found.is_sound if found else None,
        "faults": found.faults[:1000] if found else [],
    }
