"""What a host knows of one edge node of Sparkplug B: births, deaths, the order of messages, aliases.

Rules verified against public texts of Sparkplug [V]; what is decided here: after a gap nothing of the node is believed
until it is born again, for the lost message may have been a birth that gave aliases anew; a request for a birth is
repeated after :data:`ASK_AGAIN_MS` [D].
"""

from __future__ import annotations

from dataclasses import dataclass, field

from quancheng.standards.signals.quality import Quality, from_sparkplug
from quancheng.standards.signals.sparkplug import BIRTHS_AND_DATA, BadPayload, Metric, Payload, Raw, Topic

#: A birth so soon after the death of the same session was overtaken by it; it is asked for anew after so long.
OVERTAKEN_MS, REBIRTH_AFTER_MS = 250, 2000
#: An unanswered request for a birth is repeated after so long [D].
ASK_AGAIN_MS = 30_000
_BD_SEQ = "bdSeq"
_CONTROL = ("Node Control/", "Device Control/")


@dataclass(frozen=True, slots=True)
class Reading:
    """A value of a metric. ``device`` is empty for one of the node; ``at_ms`` is its own time, else its message's, else
    that of arrival. Historical ones go to history alone: neither live state nor live alarms.
    """

    device: str
    name: str
    at_ms: int
    value: Raw | None
    quality: int
    is_historical: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A metric as its birth announced it."""

    device: str
    name: str
    datatype: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from a message.

    ``lost`` are metrics that have the quality ``lost_quality`` from now on. ``rebirth_at_ms`` is when to ask the node
    for a birth, None for not at all; ``reason`` why.
    """

    readings: tuple[Reading, ...] = ()
    lost: tuple[Known, ...] = ()
    lost_quality: Quality = Quality.NOT_CONNECTED
    rebirth_at_ms: int | None = None
    reason: str = ""


@dataclass(slots=True)
class EdgeNode:
    """The state of one node; give it every message of the node in the order of arrival."""

    is_online: bool = False
    bd_seq: int | None = None
    #: Sequence number of the last message believed; None before the first birth.
    seq: int | None = None
    #: Every message since the birth came, so that names and aliases are what we think.
    is_trusted: bool = False
    devices: set[str] = field(default_factory=set)
    _metrics: dict[tuple[str, str], Known] = field(default_factory=dict)
    _aliases: dict[int, Known] = field(default_factory=dict)
    _death: tuple[int | None, int] | None = None
    _asked_ms: int | None = None

    def receive(self, topic: Topic, payload: Payload, at_ms: int) -> Outcome:
        """Take one message in; ``at_ms`` is when it arrived. What the host itself sends says nothing."""
        if topic.kind not in BIRTHS_AND_DATA:
            return Outcome()
        if topic.kind == "NDEATH":
            return self._node_death(payload, at_ms)
        if topic.kind == "NBIRTH":
            return self._node_birth(payload, at_ms)
        if not self.is_online or not self.is_trusted:
            return self._ask(at_ms, "BEFORE_BIRTH" if not self.is_online else "NOT_TRUSTED")
        if self.seq is None or payload.seq != (self.seq + 1) % 256:
            return self._distrust(at_ms, "SEQUENCE")
        self.seq = payload.seq
        if topic.kind == "DBIRTH":
            self._forget(topic.device)
            self.devices.add(topic.device)
            return self._born(topic.device, payload, at_ms)
        if topic.device and topic.device not in self.devices:
            return self._ask(at_ms, "DEVICE_BEFORE_BIRTH")
        if topic.kind == "DDEATH":
            lost = self._forget(topic.device)
            self.devices.discard(topic.device)
            return Outcome(lost=lost)
        return self._data(topic.device, payload, at_ms)

    def known(self) -> tuple[Known, ...]:
        """Metrics announced and not withdrawn."""
        return tuple(self._metrics.values())

    def _node_birth(self, payload: Payload, at_ms: int) -> Outcome:
        bd_seq = _bd_seq(payload)
        overtaken = self._death is not None and bd_seq is not None and self._death[0] == bd_seq
        if overtaken and self._death is not None and 0 <= at_ms - self._death[1] <= OVERTAKEN_MS:
            return self._ask(at_ms, "OVERTAKEN_BY_DEATH", after_ms=REBIRTH_AFTER_MS)
        before = self.known()
        self._reset()
        if payload.seq != 0 or bd_seq is None:
            self.is_online = self.is_trusted = False
            asked = self._ask(at_ms, "BAD_BIRTH")
            return Outcome((), before, Quality.LAST_KNOWN, asked.rebirth_at_ms, asked.reason)
        self.is_online = self.is_trusted = True
        self.bd_seq, self.seq = bd_seq, 0
        self._asked_ms = None
        outcome = self._born("", payload, at_ms)
        # Devices come back with births of their own; what is not announced again is gone.
        lost = tuple(one for one in before if (one.device, one.name) not in self._metrics)
        return Outcome(outcome.readings, lost, Quality.LAST_KNOWN, outcome.rebirth_at_ms, outcome.reason)

    def _node_death(self, payload: Payload, at_ms: int) -> Outcome:
        bd_seq = _bd_seq(payload)
        self._death = (bd_seq, at_ms)
        if not self.is_online or bd_seq != self.bd_seq:
            return Outcome()
        lost = self.known()
        self._reset()
        self.is_online = self.is_trusted = False
        return Outcome(lost=lost)

    def _born(self, device: str, payload: Payload, at_ms: int) -> Outcome:
        clash = False
        for metric in payload.metrics:
            if metric.name is None:
                clash = True
                continue
            known = Known(device, metric.name, metric.datatype)
            if metric.alias is not None:
                clash |= self._aliases.setdefault(metric.alias, known) != known
            if metric.name != _BD_SEQ:
                self._metrics[device, metric.name] = known
        if clash:
            return self._distrust(at_ms, "ALIAS")
        return Outcome(_readings(payload, [(one, self._of(device, one)) for one in payload.metrics], at_ms))

    def _data(self, device: str, payload: Payload, at_ms: int) -> Outcome:
        found = [(metric, self._of(device, metric)) for metric in payload.metrics]
        if any(known is None or known.device != device for _, known in found):
            return self._distrust(at_ms, "UNKNOWN_METRIC")
        return Outcome(_readings(payload, found, at_ms))

    def _of(self, device: str, metric: Metric) -> Known | None:
        if metric.name is not None:
            return self._metrics.get((device, metric.name))
        return self._aliases.get(metric.alias) if metric.alias is not None else None

    def _distrust(self, at_ms: int, reason: str) -> Outcome:
        self.is_trusted = False
        asked = self._ask(at_ms, reason)
        return Outcome((), self.known(), Quality.LAST_KNOWN, asked.rebirth_at_ms, reason)

    def _ask(self, at_ms: int, reason: str, *, after_ms: int = 0) -> Outcome:
        if self._asked_ms is not None and at_ms < self._asked_ms + ASK_AGAIN_MS:
            return Outcome(reason=reason)
        self._asked_ms = at_ms + after_ms
        return Outcome(rebirth_at_ms=self._asked_ms, reason=reason)

    def _forget(self, device: str) -> tuple[Known, ...]:
        lost = tuple(one for one in self._metrics.values() if one.device == device)
        for one in lost:
            del self._metrics[one.device, one.name]
        self._aliases = {alias: one for alias, one in self._aliases.items() if one.device != device}
        return lost

    def _reset(self) -> None:
        self.devices.clear()
        self._metrics.clear()
        self._aliases.clear()


def _bd_seq(payload: Payload) -> int | None:
    metric = payload.metric(_BD_SEQ)
    return metric.raw if metric is not None and type(metric.raw) is int else None


def _readings(payload: Payload, found: list[tuple[Metric, Known | None]], at_ms: int) -> tuple[Reading, ...]:
    """Values by the data type of the birth where the message tells none. Switches of the node are no readings."""
    readings = []
    for metric, known in found:
        if known is None or known.name.startswith(_CONTROL):
            continue
        code = Quality.GOOD if metric.quality is None else from_sparkplug(metric.quality)
        try:
            value = metric.value(known.datatype)
        except BadPayload:
            value, code = None, Quality.CONFIG_ERROR
        if value is None and code == Quality.GOOD:
            code = Quality.BAD
        at = metric.timestamp or payload.timestamp or at_ms
        readings.append(Reading(known.device, known.name, at, value, int(code), metric.is_historical))
    return tuple(readings)
