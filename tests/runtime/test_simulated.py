"""The demo's simulated sites: each of their tags can be entered as any other."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.domains.monitoring.factories import make_source, own_file
from tests.domains.registry.factories import make_facility, make_unit
from tests.factories import NOW, make_actor, make_district

from quancheng.domains.monitoring.models import SuppressionRule, Tag
from quancheng.domains.monitoring.services.tags import enter_tag
from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.runtime.demo_signals import SITES, Sites, _known
from quancheng.stream.simulator.district import plan_site
from quancheng.stream.simulator.scenarios import BY_CODE
from quancheng.stream.simulator.sending import Sender
from quancheng.stream.simulator.site import Simulation
from quancheng.stream.simulator.ways import Line


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(set(SITES.values())))
def test_every_tag_of_a_simulated_site_passes_the_register(kind: str) -> None:
    district = make_district()
    file, source = own_file(district), make_source(district)
    seen: set[str] = set()
    for tag in Simulation([plan_site(kind, 1, seed=1)], seed=1, start_ms=0).tags:
        if tag.spec.row not in seen:
            seen.add(tag.spec.row)
            enter_tag(
                actor=district.enterprise, file=file, code=tag.code, known=_known(tag) | {"source": source}, now=NOW
            )
    assert Tag.objects.count() == len(seen)
    assert Tag.objects.exclude(h=None, hh=None).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "doors"),
    [(Kind.PETROL_STATION, ["mqtt", "hj212"]), (Kind.TRADER_STORAGE, ["http"]), (Kind.DEPOT, ["mqtt"])],
)
def test_the_demo_lives_on_every_door(
    kind: str, doors: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANCHENG_VAR", str(tmp_path))
    district = make_district()
    make_actor(district.enterprise_org, "enterprise.head")
    file = own_file(district)
    Enterprise.objects.filter(pk=file.pk).update(kind=kind)
    ports = {"mqtt": 1, "http": 2, "hj212": 3}
    sites = Sites.ready(seed=1, ports=ports)
    assert [line.door for line in sites.lines] == doors
    assert [line.port for line in sites.lines] == [ports[door] for door in doors]
    assert sites.lines == Sites.ready(seed=1, ports=ports).lines
    told = {code: name for line in sites.lines for code, name in line.names.items()}
    assert dict(Tag.objects.filter(source__kind="station").values_list("code", "key")) == {
        code: f"{name}-Rtd" for code, name in told.items()
    }
    assert all(len(line.mn) == 24 and len(line.secret) == 6 for line in sites.lines if line.door == "hj212")


@pytest.mark.django_db
def test_simulated_tanks_stand_at_registered_ones_in_place_of_what_was_planned_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANCHENG_VAR", str(tmp_path))
    district = make_district()
    make_actor(district.enterprise_org, "enterprise.head")
    file = own_file(district)
    unit = make_unit(district.enterprise, file)
    tanks = [make_facility(district.enterprise, unit, code=f"T-{number}", kind="tank") for number in (1, 2)]
    planned = enter_tag(
        actor=district.enterprise, file=file, code="GW-1.T-1.LT", now=NOW,
        known={"name": "液位", "kind": "level", "unit": "mm", "source": make_source(district), "facility": tanks[0]},
    )  # fmt: skip
    Enterprise.objects.filter(pk=file.pk).update(kind=Kind.PETROL_STATION)
    for _twice in range(2):
        Sites.ready(seed=1, ports={"mqtt": 1, "http": 2, "hj212": 3})
    there = {code.split(".")[1]: tank for code, tank in Tag.objects.filter(status="live", facility__isnull=False)
             .values_list("code", "facility__code")}  # fmt: skip
    assert there == {"TANK1": "T-1", "TANK2": "T-2"}
    planned.refresh_from_db()
    assert (planned.status, planned.ended_reason) == ("ended", "改由模拟采集网关采集")


@pytest.mark.django_db
def test_limits_under_a_condition_are_silent_while_it_does_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANCHENG_VAR", str(tmp_path))
    district = make_district()
    make_actor(district.enterprise_org, "enterprise.head")
    file = own_file(district)
    Enterprise.objects.filter(pk=file.pk).update(kind=Kind.PETROL_STATION)
    for _twice in range(2):
        Sites.ready(seed=1, ports={"mqtt": 1, "http": 2, "hj212": 3})
    ground = Tag.objects.get(code__endswith=".UNL.GND1.X")
    (rule,) = SuppressionRule.objects.filter(tag=ground)
    assert rule.by_tag.code.endswith(".UNL.HOSE1.X")
    assert ground.limits != (None,) * 4


def test_a_scenario_happens_where_its_tags_are() -> None:
    plans = [plan_site("tank_farm", 1, seed=1), plan_site("petrol", 1, seed=1)]
    sender = Sender(plans, [Line(plan.code, "127.0.0.1", 1, plan.code, "") for plan in plans])
    assert sender.play(BY_CODE["SC01"]) == plans[1].code
    with pytest.raises(KeyError):
        sender.play(BY_CODE["SC05"])
