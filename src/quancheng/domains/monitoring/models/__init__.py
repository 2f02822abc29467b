"""Tables of monitoring (监测): what is stored, and what must always be true of it."""

from quancheng.domains.monitoring.models.bridges import BRIDGED, BridgeRule, Broker, BrokerState
from quancheng.domains.monitoring.models.events import LimitEvent, LimitName
from quancheng.domains.monitoring.models.exemptions import TagExemption
from quancheng.domains.monitoring.models.processing import AsideMessage, PartitionState, UnknownKey
from quancheng.domains.monitoring.models.sources import Form, Source, SourceKind, SourceState
from quancheng.domains.monitoring.models.tags import Tag, TagStatus

__all__ = [
    "BRIDGED",
    "AsideMessage",
    "BridgeRule",
    "Broker",
    "BrokerState",
    "Form",
    "LimitEvent",
    "LimitName",
    "PartitionState",
    "Source",
    "SourceKind",
    "SourceState",
    "Tag",
    "TagExemption",
    "TagStatus",
    "UnknownKey",
]
