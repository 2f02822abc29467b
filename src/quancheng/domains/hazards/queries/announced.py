"""What hidden dangers say of a daily announcement (承诺公告): open major ones, and plants that a danger stopped."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import date

from quancheng.domains.hazards.loops.finding import GRADED_OPEN
from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.queries.forcing import open_majors
from quancheng.domains.risk.queries.announced_facts import Fact
from quancheng.standards.wording import Text

_SOURCE = Text("隐患清单", "List of hidden dangers")


def announced_facts(files: Collection[uuid.UUID], on: date) -> Mapping[uuid.UUID, Mapping[str, Fact]]:
    """Whether a major danger is open; and that nothing may run where one stopped the whole enterprise."""
    found: dict[uuid.UUID, dict[str, Fact]] = {}
    for pk, known in open_majors(files, on).items():
        if known is not None:
            found[pk] = {"major_dangers": Fact(int(known.value), _SOURCE, known.rows)}
    # Also one that is closed: what stood still runs again only when the regulator allowed it (复产).
    stopped = Finding.objects.filter(
        file__in=list(files), stop="all", resumed_at__isnull=True, status__in=(*GRADED_OPEN, "CLOSED")
    )
    for file, code, name in stopped.order_by("found_at", "pk").values_list("file", "code", "name"):
        facts = found.setdefault(file, {})
        before = facts.get("running")
        facts["running"] = Fact(0, _SOURCE, (*(before.rows if before else ()), f"{code} {name}"))
    return found
