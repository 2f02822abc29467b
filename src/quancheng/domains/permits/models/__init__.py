"""Tables of special work (特殊作业): what is stored, and what must always be true of it."""

from quancheng.domains.permits.models.alarms import AlarmSource, WorkAlarm
from quancheng.domains.permits.models.audits import (
    AuditFinding,
    AuditRuleChange,
    Moment,
    PermitAudit,
    PermitViolation,
    Severity,
)
from quancheng.domains.permits.models.booking import BookingRuleChange
from quancheng.domains.permits.models.cases import CaseChange, Medium
from quancheng.domains.permits.models.drawings import DrawingSpot, PipeDrawing
from quancheng.domains.permits.models.exposed import DangerousWorkRule, ExposedCase
from quancheng.domains.permits.models.field import FieldKind, FieldRecord
from quancheng.domains.permits.models.figures import EnterpriseFigure
from quancheng.domains.permits.models.filings import FilingClassCode, FilingLead, WorkFiling
from quancheng.domains.permits.models.fire_watch import FireWatch
from quancheng.domains.permits.models.guardian_items import GuardianItemChange, ItemMark
from quancheng.domains.permits.models.guarding import (
    GuardianCheck,
    HandOver,
    PermitAcceptance,
    PermitObserver,
    SpaceEntry,
)
from quancheng.domains.permits.models.isolations import IsolationLink, IsolationPoint, LinkRole, PersonalLock
from quancheng.domains.permits.models.lessons import LessonPart, LessonReading, WorkLesson
from quancheng.domains.permits.models.musters import Muster, RollEntry, RollState
from quancheng.domains.permits.models.open_pages import PermitMark, PermitScreen
from quancheng.domains.permits.models.orders import StopOrder
from quancheng.domains.permits.models.outside import (
    KeptRecord,
    OutsideAlarm,
    OutsideChange,
    OutsidePermit,
    TicketStatus,
)
from quancheng.domains.permits.models.pairings import DetectorPairing
from quancheng.domains.permits.models.papers import (
    GasTest,
    PermitAnalysis,
    PermitBriefing,
    PermitMeasure,
    PermitSignature,
    PermitSiteCheck,
    PermitWarning,
)
from quancheng.domains.permits.models.permits import Kind, Part, Permit, PermitPerson
from quancheng.domains.permits.models.plans import PlanChoice, PlanDecision, WorkPlan
from quancheng.domains.permits.models.rescue import RescueReadiness
from quancheng.domains.permits.models.sanctions import CrewClearance, Sanction
from quancheng.domains.permits.models.shifts import Revalidation, ShiftHandOver, ShiftPlan
from quancheng.domains.permits.models.simops import OperationNotice, SimopsConflict
from quancheng.domains.permits.models.spot import (
    Matter,
    MechanismDue,
    SpotCheck,
    SpotDraw,
    SpotMode,
    SpotRate,
    WorkMechanism,
)
from quancheng.domains.permits.models.talks import TalkAttendance, ThinkCard, ThinkItemChange, ToolboxTalk
from quancheng.domains.permits.models.weather import WarningColour, WarningKind, WeatherRuleChange, WeatherWarning

__all__ = [
    "AlarmSource",
    "AuditFinding",
    "AuditRuleChange",
    "BookingRuleChange",
    "CaseChange",
    "CrewClearance",
    "DangerousWorkRule",
    "DetectorPairing",
    "DrawingSpot",
    "EnterpriseFigure",
    "ExposedCase",
    "FieldKind",
    "FieldRecord",
    "FilingClassCode",
    "FilingLead",
    "FireWatch",
    "GasTest",
    "GuardianCheck",
    "GuardianItemChange",
    "HandOver",
    "IsolationLink",
    "IsolationPoint",
    "ItemMark",
    "KeptRecord",
    "Kind",
    "LessonPart",
    "LessonReading",
    "LinkRole",
    "Matter",
    "MechanismDue",
    "Medium",
    "Moment",
    "Muster",
    "OperationNotice",
    "OutsideAlarm",
    "OutsideChange",
    "OutsidePermit",
    "Part",
    "Permit",
    "PermitAcceptance",
    "PermitAnalysis",
    "PermitAudit",
    "PermitBriefing",
    "PermitMark",
    "PermitMeasure",
    "PermitObserver",
    "PermitPerson",
    "PermitScreen",
    "PermitSignature",
    "PermitSiteCheck",
    "PermitViolation",
    "PermitWarning",
    "PersonalLock",
    "PipeDrawing",
    "PlanChoice",
    "PlanDecision",
    "RescueReadiness",
    "Revalidation",
    "RollEntry",
    "RollState",
    "Sanction",
    "Severity",
    "ShiftHandOver",
    "ShiftPlan",
    "SimopsConflict",
    "SpaceEntry",
    "SpotCheck",
    "SpotDraw",
    "SpotMode",
    "SpotRate",
    "StopOrder",
    "TalkAttendance",
    "ThinkCard",
    "ThinkItemChange",
    "TicketStatus",
    "ToolboxTalk",
    "WarningColour",
    "WarningKind",
    "WeatherRuleChange",
    "WeatherWarning",
    "WorkAlarm",
    "WorkFiling",
    "WorkLesson",
    "WorkMechanism",
    "WorkPlan",
]
