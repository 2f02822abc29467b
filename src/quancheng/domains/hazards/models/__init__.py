"""Tables of hidden dangers (隐患): what is stored, and what must always be true of it."""

from quancheng.domains.hazards.models.findings import Finding, MajorReport, Recheck

__all__ = ["Finding", "MajorReport", "Recheck"]
