"""Tables of special work (特殊作业): what is stored, and what must always be true of it."""

from quancheng.domains.permits.models.audits import (
    AuditFinding,
    AuditRuleChange,
    Moment,
    PermitAudit,
    PermitViolation,
    Severity,
)
from quancheng.domains.permits.models.filings import FilingClassCode, FilingLead, WorkFiling
from quancheng.domains.permits.models.papers import (
    GasTest,
    PermitAnalysis,
    PermitBriefing,
    PermitMeasure,
    PermitSignature,
    PermitSiteCheck,
)
from quancheng.domains.permits.models.permits import Kind, Part, Permit, PermitPerson
from quancheng.domains.permits.models.spot import (
    Matter,
    MechanismDue,
    SpotCheck,
    SpotDraw,
    SpotMode,
    SpotRate,
    WorkMechanism,
)

__all__ = [
    "AuditFinding",
    "AuditRuleChange",
    "FilingClassCode",
    "FilingLead",
    "GasTest",
    "Kind",
    "Matter",
    "MechanismDue",
    "Moment",
    "Part",
    "Permit",
    "PermitAnalysis",
    "PermitAudit",
    "PermitBriefing",
    "PermitMeasure",
    "PermitPerson",
    "PermitSignature",
    "PermitSiteCheck",
    "PermitViolation",
    "Severity",
    "SpotCheck",
    "SpotDraw",
    "SpotMode",
    "SpotRate",
    "WorkFiling",
    "WorkMechanism",
]
