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
from quancheng.domains.monitoring.models.backfill import PastAlarm
from quancheng.domains.monitoring.models.bridges import BRIDGED, BridgeRule, Broker, BrokerState
from quancheng.domains.monitoring.models.bypasses import Bypass
from quancheng.domains.monitoring.models.events import LimitEvent, LimitName
from quancheng.domains.monitoring.models.exemptions import TagExemption
from quancheng.domains.monitoring.models.functions import (
    AcceptanceItem,
    FunctionArea,
    FunctionState,
    ItemResult,
    PassageLink,
    SystemFunction,
    UpperLevel,
)
from quancheng.domains.monitoring.models.holds import AlarmHold, Comparison, HoldKind, SuppressionRule
from quancheng.domains.monitoring.models.outages import (
    Cause,
    OfflineNotice,
    Outage,
    OutageKind,
    PlannedReason,
    WatchRule,
)
from quancheng.domains.monitoring.models.processing import AsideMessage, PairSplit, PartitionState, UnknownKey
from quancheng.domains.monitoring.models.quality import AlarmMonth, AlarmMonthRows
from quancheng.domains.monitoring.models.rates import FileDay, SourceScore, TagDay
from quancheng.domains.monitoring.models.retrofits import FINISHED, AutomationRetrofit, RetrofitState
from quancheng.domains.monitoring.models.sources import Form, Source, SourceKind, SourceState
from quancheng.domains.monitoring.models.tags import PartnerRole, Tag, TagStatus
from quancheng.domains.monitoring.models.telling import (
    AlarmTold,
    EscalationTable,
    FindingCause,
    Outcome,
    TagFinding,
    TellingRule,
)
from quancheng.domains.monitoring.models.warnings import RiskWarning, WarningCheck, WarningColour, WarningTable
from quancheng.domains.monitoring.models.watch import HouseTrouble, ProcessFigure, TroubleCode

__all__ = [
    "BRIDGED",
    "FINISHED",
    "AcceptanceItem",
    "Action",
    "Alarm",
    "AlarmCondition",
    "AlarmFlood",
    "AlarmHold",
    "AlarmMonth",
    "AlarmMonthRows",
    "AlarmProgress",
    "AlarmReview",
    "AlarmTerms",
    "AlarmTold",
    "AsideMessage",
    "AutomationRetrofit",
    "BridgeRule",
    "Broker",
    "BrokerState",
    "Bypass",
    "Cause",
    "Comparison",
    "EscalationTable",
    "FileDay",
    "FindingCause",
    "FirstOut",
    "Form",
    "FunctionArea",
    "FunctionState",
    "HoldKind",
    "HouseTrouble",
    "ItemResult",
    "LimitEvent",
    "LimitName",
    "OfflineNotice",
    "Outage",
    "OutageKind",
    "Outcome",
    "PairSplit",
    "PartitionState",
    "PartnerRole",
    "PassageLink",
    "PastAlarm",
    "PlannedReason",
    "ProcessFigure",
    "RetrofitState",
    "RiskWarning",
    "Source",
    "SourceKind",
    "SourceScore",
    "SourceState",
    "SuppressionRule",
    "SystemFunction",
    "Tag",
    "TagDay",
    "TagExemption",
    "TagFinding",
    "TagStatus",
    "TellingRule",
    "TroubleCode",
    "UnknownKey",
    "UpperLevel",
    "WarningCheck",
    "WarningColour",
    "WarningTable",
    "WatchRule",
]
