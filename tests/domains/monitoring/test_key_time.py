"""Whom to look at in a key time, and where risk lies."""

from __future__ import annotations

import pytest
from tests.domains.monitoring.alarm_scene import raised
from tests.domains.monitoring.tag_scene import Scene, make_scene, make_tag
from tests.factories import NOW
from tests.support.signing import signed_in

from quancheng.domains.monitoring.models import Source, SourceState
from quancheng.domains.monitoring.services.sources import renew_secret

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.mark.clause("S1-14a")
def test_a_list_for_a_key_time_names_who_has_urgent_alarms_and_is_offline_and_says_why(scene: Scene) -> None:
    """Where risk lies stands above it by town, with the map; it is exported, and no other town's."""
    raised(make_tag(scene, priority=1), at=NOW)
    source = Source.objects.get(pk=scene.source.pk)
    renew_secret(actor=scene.district.enterprise, row=source, now=NOW)
    SourceState.objects.filter(source=source).update(is_online=False)
    assert scene.file.enterprise is not None
    name = scene.file.enterprise.name
    client = signed_in(scene.district.town)
    page = client.get("/monitoring/key-time?picked=1").content.decode()
    assert name in page
    assert "未关闭的一、二级报警 1" in page
    assert "离线的接入源 1" in page
    assert "风险分布（按镇街）" in page
    assert "甲街道" in page
    # Nothing weighs anything: nobody has a reason to be on the list.
    none = "&".join(f"w_{cause}=0" for cause in ("urgent", "warnings", "frequent", "offline", "colour", "majors"))
    assert name not in client.get(f"/monitoring/key-time?picked=1&{none}").content.decode()
    assert client.get("/monitoring/key-time?w_urgent=7").status_code == 422
    sheet = client.get("/monitoring/key-time?export=xlsx")
    assert sheet["Content-Type"].startswith("application/vnd.openxmlformats")
    other = signed_in(scene.district.other_town)
    assert name not in other.get("/monitoring/key-time").content.decode()
