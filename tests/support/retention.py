"""The clock of retention, wound by hand."""

from __future__ import annotations

from datetime import datetime

from quancheng.kernel.retention.declare import rule_of
from quancheng.kernel.retention.services import run_rule


def retire(code: str, now: datetime) -> int:
    """One round of a rule; how many rows went."""
    rule = rule_of(code)
    assert rule is not None, code
    return run_rule(rule=rule, now=now).done
