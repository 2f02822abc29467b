"""Records of monitoring for the walk."""

from __future__ import annotations

from tests.architecture.records import Record
from tests.domains.monitoring.factories import make_source
from tests.factories import District

from quancheng.domains.monitoring.models import Source


def source(district: District) -> Record:
    row = Source.objects.filter(code="GW-MARK-01").first() or make_source(district, code="GW-MARK-01", name="标记网关")
    return Record({"pk": row.pk}, "标记网关")
