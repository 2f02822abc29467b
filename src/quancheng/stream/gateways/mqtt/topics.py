"""Who may publish and subscribe what: the topic of a message says its form, and only its own source may use it."""

from __future__ import annotations

from typing import Final

_HC_KINDS: Final = frozenset({"tele", "evt", "state"})
_GATEWAY_KINDS: Final = frozenset({"telemetry", "connect", "disconnect", "attributes"})
_NODE_KINDS: Final = frozenset({"NBIRTH", "NDEATH", "NDATA"})
_DEVICE_KINDS: Final = frozenset({"DBIRTH", "DDEATH", "DDATA"})
#: Forms that come by MQTT; a source with none of them is not let in.
FORMS: Final = frozenset({"json", "thingsboard", "thingsboard-device", "sparkplug"})


def form_of(topic: str, code: str) -> str | None:
    """The form of what the source ``code`` publishes under a topic; ``None`` where it may not, or nobody may.

    ``hc/v1/{district}/{site}/{code}/tele|evt|state`` and ``…/cmd/{id}/ack``, ``v1/devices/me/telemetry``,
    ``v1/gateway/telemetry|connect|disconnect|attributes``, ``spBv1.0/{group}/{type}/{code}[/{device}]``.
    """
    match topic.split("/"):
        case ["hc", "v1", district, site, gateway, kind] if kind in _HC_KINDS:
            return "json" if district and site and gateway == code else None
        case ["hc", "v1", district, site, gateway, "cmd", command, "ack"]:
            return "json" if district and site and gateway == code and command else None
        case ["v1", "devices", "me", "telemetry"]:
            return "thingsboard-device"
        case ["v1", "gateway", kind] if kind in _GATEWAY_KINDS:
            return "thingsboard"
        case ["spBv1.0", group, kind, node] if kind in _NODE_KINDS:
            return "sparkplug" if group and node == code else None
        case ["spBv1.0", group, kind, node, device] if kind in _DEVICE_KINDS:
            return "sparkplug" if group and node == code and device else None
    return None


def may_subscribe(wish: str, code: str) -> bool:
    """Whether a filter covers commands to this source only; wildcards may stand beside its code, not for it."""
    match wish.split("/"):
        case ["hc", "v1", _district, _site, gateway, "cmd", *_rest]:
            return gateway == code
        case ["spBv1.0", _group, "NCMD" | "DCMD", node, *_rest]:
            return node == code
        case ["v1", "gateway", "rpc"] | ["v1", "devices", "me", "rpc", "request", _]:
            return True
    return False


def covers(wish: str, topic: str) -> bool:
    """Whether a filter matches a topic (4.7.1); ``a/#`` matches ``a`` too."""
    wanted, levels = wish.split("/"), topic.split("/")
    if wanted[-1] == "#":
        wanted.pop()
        levels = levels[: len(wanted)]
    return len(wanted) == len(levels) and all(want in ("+", level) for want, level in zip(wanted, levels, strict=True))


def points_in(form: str, body: bytes) -> int:
    """About how many values a message carries, for its limits; at least one.

    The gateway reads no values, so it counts marks that each value brings along: ``{`` of a full sample and ``[`` of a
    compact one, the comma between entries of ThingsBoard, 24 bytes of a Sparkplug metric. A floor by size holds for
    what is long without such marks. What is no form of ours is charged by size alone. Single characters are counted
    in a microsecond or two; a longer mark would take half of what a message costs.
    """
    size = len(body)
    match form:
        case "json":
            return max(1, body.count(b"{") + body.count(b"[") - 2, size // 80)
        case "thingsboard" | "thingsboard-device":
            return max(1, body.count(b","), size // 64)
        case _:
            return max(1, size // 24)
