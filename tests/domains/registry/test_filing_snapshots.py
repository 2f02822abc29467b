"""What a filing says of a file: every row, noughts too, nothing of the office's own; former ones stay comparable."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.registry.factories import make_facility, make_holding, make_unit
from tests.factories import NOW, District, client_of, house_actor, make_actor, make_district

from quancheng.domains.registry.models import (
    Enterprise,
    Facility,
    Filing,
    FilingRuleSetting,
    Lease,
    Licence,
    MajorHazard,
)
from quancheng.domains.registry.queries.filings import differences, set_rules
from quancheng.domains.registry.services.assessing import touch
from quancheng.domains.registry.services.refiling import call_for_filings
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import digest_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


@pytest.fixture
def own(district: District) -> Client:
    return client_of(district.enterprise)


@pytest.fixture
def head(district: District) -> Client:
    return client_of(make_actor(district.enterprise_org, "enterprise.certifier"))


@pytest.fixture
def bureau(district: District) -> Client:
    return client_of(district.department)


@pytest.fixture
def file(own: Client) -> Enterprise:
    """A depot with two units that have a tank of the same code, two leases of one place and a licence number twice."""
    given = {"kind": "depot", "address": "甲街道示例路1号"}
    assert own.post("/registry/own/new", given).status_code == 303
    Enterprise.objects.update(staff_count=0)
    file, house = Enterprise.objects.get(), house_actor()
    for code in ("U1", "U2"):
        tank = make_facility(house, make_unit(house, file, code=code), code="V-1")
        make_holding(house, tank, "甲醇", design_t="3" if code == "U1" else "4", licensed_t="0")
    for use in ("仓库", "办公"):
        Lease.objects.create(file=file, landlord_name="示例园区", place="1号楼", use=use)
    for year in (2027, 2030):
        Licence.objects.create(
            file=file, kind="OPERATING", number="示例001", valid_to=date(year, 1, 1), owner_org_id=file.pk,
            enterprise_id=file.pk, area_id=file.area_id, links=file.links, reach="party", created_at=NOW,
            updated_at=NOW,
        )  # fmt: skip
    return file


def act(client: Client, filing: Filing, name: str, /, **given: Any) -> None:
    assert client.post(f"/registry/filings/{filing.pk}", {"act": name, **given}).status_code == 303
    filing.refresh_from_db()


def prepared(own: Client, file: Enterprise) -> Filing:
    assert own.post(f"/registry/enterprises/{file.pk}/filings/new", {"reason": "示例事由"}).status_code == 303
    filing = Filing.objects.get(closed_at__isnull=True)
    act(own, filing, "prepare")
    return filing


def through(own: Client, head: Client, bureau: Client, filing: Filing) -> Filing:
    act(head, filing, "certify", agreed="on")
    act(bureau, filing, "receive")
    return filing


def former(snapshot: dict[str, Any]) -> dict[str, Any]:
    """As the same file was written before: stock without its unit, of two alike the last, no nought."""
    old = {section: {row: dict(columns) for row, columns in rows.items()} for section, rows in snapshot.items()}
    del old["form"], old["base"][""]["staff_count"]
    old["stock"] = {"V-1 甲醇": {"design_t": old["stock"]["U2 V-1 甲醇"]["design_t"]}}
    return old


def test_rows_that_look_alike_all_stand_in_a_filing_and_noughts_with_them(own: Client, file: Enterprise) -> None:
    said = prepared(own, file).snapshot
    assert sorted(said["stock"]) == ["U1 V-1 甲醇", "U2 V-1 甲醇"]
    assert len(said["leases"]) == len(said["licences"]) == 2
    assert sorted(said["licences"]) == ["OPERATING 示例001", "OPERATING 示例001 2030-01-01"]
    assert said["base"][""]["staff_count"] == 0
    assert said["stock"]["U1 V-1 甲醇"]["licensed_t"].startswith("0")


def test_a_filing_in_the_former_form_calls_for_nothing_but_what_it_had_lost(
    own: Client, head: Client, bureau: Client, file: Enterprise
) -> None:
    filing = prepared(own, file)
    now = filing.snapshot
    old = former(now)
    found = [(one.section, one.row, one.kind) for one in differences(old, now)]
    assert found == [("stock", "U1 V-1 甲醇", "added")]
    # Where nothing had fallen together nothing is owed, and what was prepared before can be certified and received.
    Facility.objects.filter(unit__code="U1").update(decommissioned_date=date(2026, 1, 1), decommission_record="示例")
    del old["facilities"]["U1 V-1"]
    Filing.objects.update(snapshot=old, digest=digest_of(old))
    filing.refresh_from_db()
    through(own, head, bureau, filing)
    file.refresh_from_db()
    assert file.verified_at is not None
    touch(file.pk, now=timezone.now())
    assert not Filing.objects.filter(closed_at__isnull=True).exists()


def test_the_number_that_the_office_gives_to_a_major_hazard_is_no_change(
    own: Client, head: Client, bureau: Client, file: Enterprise
) -> None:
    house = house_actor()
    make_holding(house, make_facility(house, make_unit(house, file, code="U3")), "氯", design_t="65")
    through(own, head, bureau, prepared(own, file))
    assert MajorHazard.objects.update(number="示危〔2026〕1号") == 1
    touch(file.pk, now=timezone.now())
    assert not Filing.objects.filter(closed_at__isnull=True).exists()


def test_what_the_law_asks_is_neither_put_off_nor_switched_off(district: District) -> None:
    client = client_of(district.department_head)
    path = "/registry/filings/rules/CHANGE_LICENSEE"
    later = client.post(path, {"days": 21, "is_active": "on"})
    assert later.status_code == 422
    assert "期限应为1至20" in later.content.decode()
    off = client.post(path, {"days": 20})
    assert off.status_code == 422
    assert "不能停用" in off.content.decode()
    assert client.post(path, {"days": 10, "is_active": "on"}).status_code == 303
    # What was loosened while that could be done holds no more.
    FilingRuleSetting.objects.update(days=1100, is_active=False)
    rule = set_rules()["CHANGE_LICENSEE"]
    assert (rule.days, rule.is_active) == (20, True)


def test_a_short_yearly_term_does_not_call_for_the_next_filing_the_morning_after(
    district: District, own: Client, head: Client, bureau: Client, file: Enterprise
) -> None:
    client = client_of(district.department_head)
    assert client.post("/registry/filings/rules/YEARLY", {"days": 60, "is_active": "on"}).status_code == 303
    through(own, head, bureau, prepared(own, file))
    now = timezone.now()
    assert call_for_filings(now=now + timedelta(days=1)) == 0
    assert call_for_filings(now=now + timedelta(days=30)) == 1
    assert Filing.objects.get(closed_at__isnull=True).due_date == Calendar().local_date(now) + timedelta(days=60)
