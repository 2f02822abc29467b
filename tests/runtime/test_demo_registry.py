"""The registry's part of the demo district: what the issue names is there, by the rules, and shows on the pages."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from quancheng.domains.registry import demo as registry_demo
from quancheng.domains.registry.models import (
    CodeExtension,
    Contact,
    Enterprise,
    Facility,
    Lease,
    Licence,
    LicenceExit,
    LicenceRenewal,
    MajorHazard,
    Product,
    Project,
    SafetyExpense,
    ScanDay,
    StockMovement,
    ToldFact,
    Unit,
)
from quancheng.domains.registry.queries.derived import facts_of, two_key_one_major
from quancheng.domains.registry.queries.enterprises import findings_of, holdings_of, units_of
from quancheng.domains.registry.queries.licences import kinds, licence_findings, licences_of, matrix_of
from quancheng.domains.registry.queries.places import exposed_of
from quancheng.domains.registry.queries.posts import district_gaps
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership, Organisation
from quancheng.runtime import demo
from quancheng.runtime.demo import DemoDistrict
from quancheng.standards import gb32100

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def load_registry() -> DemoDistrict:
    """The district with its people and the registry's part alone, which is much faster than the whole."""
    district = demo._found(1, 1, NOW)
    demo._organise(district)
    demo._staff(district)
    registry_demo.load(district)
    return district


@pytest.mark.slow
@pytest.mark.django_db
def test_the_registrys_part_has_what_a_district_has_and_what_is_wrong_in_one() -> None:
    load_registry()
    classes = Counter(Enterprise.objects.values_list("kind", flat=True))
    assert classes["petrol_station"] == 14
    assert set(classes) >= {"depot", "gas_filling", "trader_paper", "carrier", "waste_handler", "pipeline", "city_gas",
                          "fireworks_retail", "laboratory", "alcohol_fuel", "user"}  # fmt: skip
    # Two of them came in with the census.
    assert (classes["unlicensed"], classes["pharmaceutical"]) == (5, 2)
    for org in Organisation.objects.filter(pk__in=Enterprise.objects.exclude(kind="unlicensed").values("pk")):
        assert not gb32100.read(org.credit_code or "").faults
    depot = MajorHazard.objects.get(enterprise__name="青岚区蓝湾石化储运有限公司")
    assert (depot.grade, depot.status, bool(depot.number)) == (2, "STANDING", True)
    assert 50 <= depot.r < 100
    assert {"FOUND", "FILED", "STANDING"} <= set(MajorHazard.objects.values_list("status", flat=True))
    lpg = Unit.objects.get(file__enterprise__name="青岚区西关液化石油气站", code="U1")
    assert lpg.legal_grade is None
    assert lpg.legal_s is not None
    assert 0.9 < lpg.legal_s < 1
    assert Facility.objects.filter(seepage="none").exists()
    assert Facility.objects.filter(decommissioned_date__isnull=False).exists()
    assert {"operating", "trial", "stopped", "closed"} <= set(Enterprise.objects.values_list("life", flat=True))
    assert Enterprise.objects.filter(verified_at__isnull=True).exists()
    assert Lease.objects.filter(has_agreement=False).exists()
    assert StockMovement.objects.exclude(kind="count").exists()
    assert not Contact.objects.filter(phone__contains="1990000").exists()
    found = {
        one.code
        for file in Enterprise.objects.all()
        for one in findings_of(file, holdings=list(holdings_of(file)), units=units_of(file))
    }
    assert {"address", "over_licence"} <= found
    water = exposed_of(Enterprise.objects.get(enterprise__name="青岚区石桥自来水厂"))
    assert water is not None
    assert "石桥小学" in [one.place.name for one in water.counted]
    assert water.total > 500
    _rights_are_in_all_their_states()
    _projects_stand_at_each_step_and_products_have_codes()


def _rights_are_in_all_their_states() -> None:
    states = Counter(Licence.objects.with_state(on=NOW.date()).values_list("state", flat=True))
    assert set(states) >= {"valid", "due", "expired", "suspended", "replaced"}
    assert states["valid"] > 2 * (states["due"] + states["expired"])
    assert {"OPEN", "APPLIED", "RENEWED", "LAPSED"} <= set(LicenceRenewal.objects.values_list("status", flat=True))
    assert {"OPENED", "CHECKED"} <= set(LicenceExit.objects.values_list("status", flat=True))
    findings = set()
    for file in Enterprise.objects.select_related("enterprise"):
        holdings, licences = list(holdings_of(file)), licences_of(file, on=NOW.date())
        told = dict(ToldFact.objects.filter(file=file).values_list("fact", "holds"))
        facts = facts_of(file, two_key_one_major(file), told=told, holdings=holdings, licences=licences)
        matrix = matrix_of(file, licences=licences, facts=facts)
        names = {code: kind.name.zh for code, kind in kinds().items()}
        found = licence_findings(file, holdings=holdings, licences=licences, matrix=matrix, name_of=names)
        findings |= {one.code for one in found}
    assert findings >= {"licence_missing", "licence_expired", "over_scope", "over_permitted", "licence_address"}
    office = actor_for(Membership.objects.current().get(user__username="officer"), now=NOW)
    gaps = district_gaps(actor=office)
    assert {"DEPUTY_INSTRUMENT", "MAJOR_TECH"} <= {post.code for post, _count in gaps.by_post}
    money = list(SafetyExpense.objects.all())
    assert any(one.drawn < one.due for one in money)
    assert all(one.used for one in money)


def _projects_stand_at_each_step_and_products_have_codes() -> None:
    projects = Counter(Project.objects.values_list("status", flat=True))
    assert projects == {"DONE": 1, "TRIAL": 1, "BUILDING": 1, "CONDITION": 2, "REFUSED": 1}
    assert Project.objects.get(has_explosives=True).special_approval == ""
    assert Product.objects.filter(sheets__number=2, sheets__issued_at__isnull=False).exists()
    assert CodeExtension.objects.filter(kind="batch").count() == 4
    assert ScanDay.objects.exists()
