"""Records of the exchange for the walk: all of the first enterprise."""

from __future__ import annotations

from tests.architecture.census_records import _file
from tests.architecture.records import Record
from tests.domains.risk.factories import make_object, make_unit
from tests.factories import NOW, District, make_actor

from quancheng.domains.hazards.models import ExchangeAdapter, ExchangeApplication, ExchangeRow
from quancheng.domains.hazards.services import exchange_adapters
from quancheng.domains.hazards.services.exchange_applications import make_application
from quancheng.domains.registry.models import Enterprise


def adapter(district: District) -> Record:
    row = _adapter(district, "标记上级平台")
    return Record({"pk": row.pk}, "标记上级平台")


def exchange_row(district: District) -> Record:
    file = _file(district)
    way = ExchangeAdapter.objects.filter(file=file).first() or _adapter(district, "另一平台")
    unit = make_unit(district.enterprise, make_object(district.enterprise, file, code="XR"), name="标记上报单元")
    row = ExchangeRow.objects.get(adapter=way, subject_id=unit.pk)
    ExchangeRow.objects.filter(pk=row.pk).update(title="标记上报单元")
    return Record({"pk": row.pk}, "标记上报单元")


def _adapter(district: District, name: str) -> ExchangeAdapter:
    known = {"name": name, "variant": "A", "url": "https://upper.example/a", "cipher": "none"}
    head = make_actor(district.enterprise_org, "enterprise.head")
    return exchange_adapters.enter_adapter(actor=head, file=_file(district), known=known, now=NOW)


def application(district: District) -> Record:
    row = _application(district, "标记企业系统")
    return Record({"pk": row.pk}, "标记企业系统")


def _application(district: District, name: str) -> ExchangeApplication:
    file = _file(district)
    Enterprise.objects.filter(pk=file.pk).update(registration_code="990100001")
    file.refresh_from_db()
    head = make_actor(district.enterprise_org, "enterprise.head")
    return make_application(actor=head, file=file, name=name, cipher="none", key="", now=NOW).application
