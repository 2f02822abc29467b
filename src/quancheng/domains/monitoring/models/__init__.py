"""Tables of monitoring (监测): what is stored, and what must always be true of it."""

from quancheng.domains.monitoring.models.alarms import (
    Action,
    Alarm,
    AlarmCondition,
    AlarmFlood,
    AlarmProgress,
    AlarmReview,
    AlarmTerms,
    FirstOut,
)
from quancheng.domains.monitoring.models.events import LimitEvent, LimitName
from quancheng.domains.monitoring.models.exemptions import TagExemption
from quancheng.domains.monitoring.models.holds import AlarmHold, Comparison, HoldKind, SuppressionRule
from quancheng.domains.monitoring.models.processing import AsideMessage, PartitionState, UnknownKey
from quancheng.domains.monitoring.models.quality import AlarmMonth
from quancheng.domains.monitoring.models.sources import Form, Source, SourceKind, SourceState
from quancheng.domains.monitoring.models.tags import Tag, TagStatus

__all__ = [
    "Action",
    "Alarm",
    "AlarmCondition",
    "AlarmFlood",
    "AlarmHold",
    "AlarmMonth",
    "AlarmProgress",
    "AlarmReview",
    "AlarmTerms",
    "AsideMessage",
    "Comparison",
    "FirstOut",
    "Form",
    "HoldKind",
    "LimitEvent",
    "LimitName",
    "PartitionState",
    "Source",
    "SourceKind",
    "SourceState",
    "SuppressionRule",
    "Tag",
    "TagExemption",
    "TagStatus",
    "UnknownKey",
]
