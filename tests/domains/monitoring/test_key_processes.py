"""Key supervised processes: control parameters with limits, control systems, and what is not as it must be."""

from __future__ import annotations

import pytest
from tests.domains.monitoring.tag_scene import make_scene, make_tag
from tests.domains.registry.factories import make_facility
from tests.support.signing import signed_in

from quancheng.domains.monitoring.queries.key_processes import process_places

pytestmark = pytest.mark.django_db


def test_a_key_process_lists_what_is_not_watched_and_not_controlled_until_it_is() -> None:
    """Sulphonation: temperature, stirring and flow; a tag without a limit is no alarm."""
    scene = make_scene()
    reactor = make_facility(
        scene.district.enterprise, scene.unit, code="R-1", name="磺化釜", kind="reactor", processes=["P13"], dcs="yes",
        esd="yes", sis="no",
    )  # fmt: skip
    make_tag(scene, "R1.TT", name="釜温", kind="temperature", facility=reactor, range_lo=0.0, range_hi=200.0, h=120.0)
    bare = make_tag(scene, "R1.ST", name="搅拌转速", kind="speed", facility=reactor, range_lo=0.0, range_hi=200.0)
    (place,) = process_places(actor=scene.district.enterprise)
    assert (place.watched, place.lacking, place.systems) == (["temperature"], ["flow", "speed"], ["sis"])
    assert place.bare == [bare]
    page = signed_in(scene.district.town).get("/monitoring/key-processes?lacking=1").content.decode()
    assert "磺化" in page
    assert "搅拌转速" in page
    assert "尚未接入" in page
    assert "磺化釜" not in signed_in(scene.district.other_town).get("/monitoring/key-processes").content.decode()
