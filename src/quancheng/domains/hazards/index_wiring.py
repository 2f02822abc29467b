"""What this domain tells the early-warning index (综合风险指数)."""

from __future__ import annotations


def connect_index() -> None:
    """Register it; called once, when the app is ready."""
    from quancheng.domains.hazards.queries import index_facts as facts
    from quancheng.domains.risk.services import index

    index.register_factor("hazard", facts.open_dangers)
    index.register_floor("MAJOR_LATE", facts.late_majors)
    index.register_share("on_time", facts.on_time)
    index.register_share("closed", facts.closed)
    index.register_share("checks", facts.checks)
    index.register_score(facts.running_effect)
