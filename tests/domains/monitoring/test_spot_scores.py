"""Open alarms and the colour of risk in the score by which an office draws work to look at."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.domains.monitoring.alarm_scene import raised
from tests.domains.monitoring.tag_scene import make_scene, make_tag
from tests.domains.permits.factories import ELSEWHERE, NOW, crew_of, make_permit

from quancheng.domains.monitoring.models import Alarm
from quancheng.domains.permits.models import SpotDraw
from quancheng.domains.permits.queries import spot
from quancheng.domains.permits.services.spot import draw_daily
from quancheng.domains.risk.models import EnterpriseIndex
from quancheng.standards.gb30871.audit.spot import spot_score

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def test_an_alarm_at_the_unit_and_a_red_index_put_work_higher_in_the_draw() -> None:
    scene = make_scene()
    permit = make_permit(scene.district, "CS", to="WORKING", unit=scene.unit)
    before = dict(spot_score(spot.facts_of_many([permit], LATER)[0], "seed").lines)
    assert not {"ALARM", "RISK_RED"} & set(before)
    row = raised(make_tag(scene, priority=1, facility=scene.tank), at=NOW)
    EnterpriseIndex.objects.create(
        file=scene.file, r=Decimal(80), level=1, base=Decimal(60), model_version="1", at=NOW
    )
    lines = dict(spot_score(spot.facts_of_many([permit], LATER)[0], "seed").lines)
    assert (lines["ALARM"], lines["RISK_RED"]) == (10, 20)
    EnterpriseIndex.objects.update(level=2)
    Alarm.objects.filter(pk=row.pk).update(status="SHELVED")
    lines = dict(spot_score(spot.facts_of_many([permit], LATER)[0], "seed").lines)
    assert "ALARM" not in lines, "what is kept silent gives no points"
    assert lines["RISK_ORANGE"] == 10
    crew = crew_of(scene.district, "EX", order=740)
    elsewhere = make_permit(scene.district, "EX", crew=crew, at=ELSEWHERE, place="北门")
    Alarm.objects.filter(pk=row.pk).update(status="UNACK")
    scored = {one.key: one for one in spot.facts_of_many([permit, elsewhere], LATER)}
    assert (scored[str(permit.pk)].open_alarms, scored[str(elsewhere.pk)].open_alarms) == (1, 0)
    draw_daily(now=LATER)
    kept = {one["permit"]: dict(map(tuple, one["lines"])) for one in SpotDraw.objects.get().scored}
    assert (kept[str(permit.pk)]["ALARM"], "ALARM" in kept[str(elsewhere.pk)]) == (10, False)
