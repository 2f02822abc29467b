"""Several kinds of sensors of one leak object, and what their alarms say together."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domains.monitoring.alarm_scene import tell
from tests.domains.monitoring.tag_scene import CHLORINE, Scene, make_scene, make_tag
from tests.factories import NOW
from tests.support.signing import signed_in

from quancheng.domains.monitoring.queries.leaks import leak_objects
from quancheng.standards.signals.leaks import SENSORS, STATES, Sign, fused

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("signs", "state"),
    [
        ([], "normal"),
        ([Sign("point", 0)], "alarm"),
        ([Sign("line", 0, True)], "suspected"),
        ([Sign("acoustic", 0)], "check"),
        ([Sign("imaging", 0, True)], "check"),
        ([Sign("point", 0), Sign("point", 10)], "alarm"),
        ([Sign("point", 0), Sign("acoustic", 300)], "confirmed"),
        ([Sign("point", 0), Sign("acoustic", 301)], "check"),
        ([Sign("point", 0, True), Sign("acoustic", 301)], "suspected"),
        ([Sign("acoustic", 0), Sign("acoustic", 1), Sign("imaging", 2)], "confirmed"),
    ],
)
def test_alarms_of_different_kinds_close_together_confirm_a_leak(signs: list[Sign], state: str) -> None:
    assert fused(signs) == state


_SIGN = st.builds(Sign, st.sampled_from(sorted(SENSORS)), st.floats(0, 2000), st.booleans())


@given(st.lists(_SIGN, max_size=6), _SIGN)
def test_one_more_alarm_never_makes_it_less_grave_and_their_order_tells_nothing(signs: list[Sign], more: Sign) -> None:
    order = list(STATES)
    assert order.index(fused([*signs, more])) <= order.index(fused(signs))
    assert fused(signs) == fused(signs[::-1])


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.mark.django_db
@pytest.mark.clause("S2-14b")
def test_point_line_image_and_sound_of_a_tank_are_one_object_that_two_of_them_confirm(scene: Scene) -> None:
    """Sound alone is to be checked; sound and a point detector within five minutes confirm the leak."""
    place = {"facility": scene.tank}
    gas = make_tag(scene, "L.P1", **place, **CHLORINE)
    make_tag(scene, "L.L1", **place, name="对射式", kind="flammable", unit="LEL.m", range_lo=0.0, range_hi=5.0,
             h=1.0, hh=2.0)  # fmt: skip
    make_tag(scene, "L.I1", **place, name="云台成像", kind="gas_imaging", range_lo=0.0, range_hi=5000.0, h=500.0)
    sound = make_tag(scene, "L.S1", **place, name="超声探测", kind="acoustic_leak", range_lo=0.0, range_hi=120.0,
                     h=78.0)  # fmt: skip
    client = signed_in(scene.district.enterprise)

    def state() -> str:
        (one,) = leak_objects(actor=scene.district.enterprise)
        assert one.kinds == ["point", "line", "imaging", "acoustic"]
        return one.state

    assert state() == "normal"
    tell(sound, "H", at=NOW, value=82.0)
    assert state() == "check"
    assert "调看图像或派人核查" in client.get("/monitoring/leaks").content.decode()
    tell(gas, "H", at=NOW + 4 * MINUTE, value=1.2)
    page = client.get("/monitoring/leaks?state=confirmed").content.decode()
    assert "泄漏确认" in page
    assert "超声探测" in page
    assert "氯" in page
    assert client.get("/monitoring/leaks?state=x").status_code == 422
    assert "超声探测" not in signed_in(scene.district.other_enterprise).get("/monitoring/leaks").content.decode()
