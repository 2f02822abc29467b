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
from quancheng.domains.monitoring.models.sources import Form, Source, SourceKind, SourceState
from quancheng.domains.monitoring.models.tags import Tag, TagStatus
from quancheng.domains.monitoring.models.telling import (
    AlarmTold,
    Cause,
    EscalationTable,
    Outcome,
    TagFinding,
    TellingRule,
)
from quancheng.domains.monitoring.models.warnings import RiskWarning, WarningCheck, WarningColour, WarningTable

__all__ = [
    "Action",
    "Alarm",
    "AlarmCondition",
    "AlarmFlood",
    "AlarmHold",
    "AlarmProgress",
    "AlarmReview",
    "AlarmTerms",
    "AlarmTold",
    "AsideMessage",
    "Cause",
    "Comparison",
    "EscalationTable",
    "FirstOut",
    "Form",
    "HoldKind",
    "LimitEvent",
    "LimitName",
    "Outcome",
    "PartitionState",
    "RiskWarning",
    "Source",
    "SourceKind",
    "SourceState",
    "SuppressionRule",
    "Tag",
    "TagExemption",
    "TagFinding",
    "TagStatus",
    "TellingRule",
    "UnknownKey",
    "WarningCheck",
    "WarningColour",
    "WarningTable",
]
