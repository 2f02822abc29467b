"""Reads a published plan document (工作要点, 实施方案) into sections, tasks and report duties.

Pure: no Django, no database, no clock. ``parse_plan`` is the door; ``docs/plan-parsing.md`` describes the grammar.
"""

from quancheng.domains.duty.plans.lines import Line
from quancheng.domains.duty.plans.model import ParsedPlan
from quancheng.domains.duty.plans.parse import parse_plan

__all__ = ["Line", "ParsedPlan", "parse_plan"]
