"""Tables of special work (特殊作业): what is stored, and what must always be true of it."""

from quancheng.domains.permits.models.figures import EnterpriseFigure
from quancheng.domains.permits.models.guarding import (
    GuardianCheck,
    HandOver,
    PermitAcceptance,
    PermitObserver,
    SpaceEntry,
)
from quancheng.domains.permits.models.open_pages import PermitMark, PermitScreen
from quancheng.domains.permits.models.orders import StopOrder
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
from quancheng.domains.permits.models.simops import OperationNotice, SimopsConflict

__all__ = [
    "EnterpriseFigure",
    "GasTest",
    "GuardianCheck",
    "HandOver",
    "Kind",
    "OperationNotice",
    "Part",
    "Permit",
    "PermitAcceptance",
    "PermitAnalysis",
    "PermitBriefing",
    "PermitMark",
    "PermitMeasure",
    "PermitObserver",
    "PermitPerson",
    "PermitScreen",
    "PermitSignature",
    "PermitSiteCheck",
    "PermitWarning",
    "SimopsConflict",
    "SpaceEntry",
    "StopOrder",
]
