"""The smallest valid rows of 监测."""

from __future__ import annotations

from typing import Any

from tests.domains.hazards.factories import own_file
from tests.factories import NOW, District

from quancheng.domains.monitoring.models import Source
from quancheng.domains.monitoring.services import processing
from quancheng.domains.monitoring.services.sources import enter_source
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor

__all__ = ["make_source", "own_file", "tell_unknown"]


def make_source(district: District, *, code: str = "GW-SL001-01", actor: Actor | None = None,
                file: Enterprise | None = None, **known: Any) -> Source:  # fmt: skip
    given: dict[str, Any] = {"name": "示例采集网关", "kind": "gateway", "forms": ["json"], **known}
    return enter_source(
        actor=actor or district.enterprise, file=file or own_file(district), code=code, known=given, now=NOW
    )


def tell_unknown(unknown: dict[int, dict[str, int]]) -> None:
    """As a processor tells names that no tag has, by the number of their source."""
    processing.write_down(0, processing.take_over(0), unknown=unknown, now=NOW)
