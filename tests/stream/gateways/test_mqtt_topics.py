"""Which topics belong to whom, and what a message is charged."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.stream.gateways.mqtt.topics import covers, form_of, may_subscribe, points_in


@pytest.mark.parametrize(
    ("topic", "form"),
    [
        ("hc/v1/320100/S1/GW1/tele", "json"),
        ("hc/v1/320100/S1/GW1/evt", "json"),
        ("hc/v1/320100/S1/GW1/state", "json"),
        ("hc/v1/320100/S1/GW1/cmd/7/ack", "json"),
        ("hc/v1/320100/S1/GW2/tele", None),
        ("hc/v1/320100/GW1/tele", None),
        ("hc/v1//S1/GW1/tele", None),
        ("hc/v1/320100/S1/GW1/cmd/7", None),
        ("hc/v1/320100/S1/GW1/cmd//ack", None),
        ("hc/v1/320100/S1/GW1/tele/x", None),
        ("hc/v2/320100/S1/GW1/tele", None),
        ("v1/devices/me/telemetry", "thingsboard-device"),
        ("v1/devices/me/attributes", None),
        ("v1/gateway/telemetry", "thingsboard"),
        ("v1/gateway/connect", "thingsboard"),
        ("v1/gateway/disconnect", "thingsboard"),
        ("v1/gateway/attributes", "thingsboard"),
        ("v1/gateway/rpc", None),
        ("spBv1.0/G/NBIRTH/GW1", "sparkplug"),
        ("spBv1.0/G/NDEATH/GW1", "sparkplug"),
        ("spBv1.0/G/NDATA/GW1", "sparkplug"),
        ("spBv1.0/G/DDATA/GW1/D", "sparkplug"),
        ("spBv1.0/G/DDATA/GW1", None),
        ("spBv1.0/G/NDATA/GW1/D", None),
        ("spBv1.0/G/NDATA/GW2", None),
        ("spBv1.0/G/DDATA/GW2/GW1", None),
        ("spBv1.0/G/NCMD/GW1", None),
        ("spBv1.0/STATE/GW1", None),
        ("", None),
        ("$SYS/x", None),
    ],
)
def test_a_topic_gives_the_form_of_its_own_source_only(topic: str, form: str | None) -> None:
    assert form_of(topic, "GW1") == form


@pytest.mark.parametrize(
    ("wish", "is_allowed"),
    [
        ("hc/v1/d/s/GW1/cmd/#", True),
        ("hc/v1/+/+/GW1/cmd/+", True),
        ("hc/v1/d/s/+/cmd/#", False),
        ("hc/v1/d/s/GW2/cmd/#", False),
        ("hc/v1/d/s/GW1/#", False),
        ("hc/#", False),
        ("#", False),
        ("spBv1.0/G/NCMD/GW1", True),
        ("spBv1.0/G/NCMD/GW1/#", True),
        ("spBv1.0/G/DCMD/GW1/+", True),
        ("spBv1.0/G/NCMD/+", False),
        ("spBv1.0/G/+/GW1", False),
        ("spBv1.0/#", False),
        ("v1/gateway/rpc", True),
        ("v1/devices/me/rpc/request/+", True),
        ("v1/gateway/#", False),
        ("v1/devices/me/attributes", False),
    ],
)
def test_a_source_subscribes_to_its_own_commands_only(wish: str, is_allowed: bool) -> None:
    assert may_subscribe(wish, "GW1") is is_allowed


@pytest.mark.parametrize(
    ("wish", "topic", "is_covered"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/c", False),
        ("a/+", "a/b", True),
        ("a/+", "a", False),
        ("a/+", "a/b/c", False),
        ("a/#", "a/b/c", True),
        ("a/#", "a", True),
        ("a/#", "b", False),
        ("#", "a/b", True),
        ("+/b", "a/b", True),
    ],
)
def test_filters_cover_topics(wish: str, topic: str, is_covered: bool) -> None:
    assert covers(wish, topic) is is_covered


@pytest.mark.parametrize("count", [1, 10, 200])
def test_the_charge_is_close_to_the_number_of_values(count: int) -> None:
    """Within a factor of two and a few, on the safe side."""
    at = 1_781_486_998_000
    full = {"v": 1, "gw": "GW1", "d": [{"t": f"J.T{n}.PV", "ts": at, "v": 18.2, "q": 192} for n in range(count)]}
    compact = {"v": 1, "t": ["a"], "s": [[at, 0, 18.2, 192] for n in range(count)]}
    gateway = {"D": [{"ts": at, "values": {f"LT{n}": 18.2 for n in range(count)}}]}
    sparse = {"D": [{"ts": at, "values": {"LT": 18.2}} for n in range(count)]}
    for form, content in [("json", full), ("json", compact), ("thingsboard", gateway), ("thingsboard", sparse)]:
        charged = points_in(form, json.dumps(content, separators=(",", ":")).encode())
        assert count <= charged <= 2 * count + 4, (form, charged)


@given(st.sampled_from(["json", "thingsboard", "thingsboard-device", "sparkplug", ""]), st.binary(max_size=500))
def test_nothing_is_free_and_size_has_its_price(form: str, body: bytes) -> None:
    assert points_in(form, body) >= max(1, len(body) // 80)
