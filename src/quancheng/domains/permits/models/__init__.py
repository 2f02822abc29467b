"""Tables of special work (特殊作业): what is stored, and what must always be true of it."""

from quancheng.domains.permits.models.open_pages import PermitMark, PermitScreen
from quancheng.domains.permits.models.papers import (
    GasTest,
    PermitAnalysis,
    PermitBriefing,
    PermitMeasure,
    PermitSignature,
    PermitSiteCheck,
)
from quancheng.domains.permits.models.permits import Kind, Part, Permit, PermitPerson

__all__ = [
    "GasTest",
    "Kind",
    "Part",
    "Permit",
    "PermitAnalysis",
    "PermitBriefing",
    "PermitMark",
    "PermitMeasure",
    "PermitPerson",
    "PermitScreen",
    "PermitSignature",
    "PermitSiteCheck",
]
