"""How risks are graded on a day: what ships, or what the district set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from quancheng.domains.risk.models import GradingRule
from quancheng.standards.risk import lec, ls
from quancheng.standards.risk.methods import Settings

#: Limits of the 5×5 matrix, and conventions of LEC, by the code under which a setting names them.
LS_LIMITS = {code: one for code, one in ls.LIMITS.items() if one.size == 5}
LEC_CONVENTIONS = lec.CONVENTIONS
#: Levels by which each failed measure raises its event, where the district set nothing. [D]
RAISE_PER_FAILURE = 1


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts on a day."""

    settings: Settings
    raise_per_failure: int
    rule: GradingRule | None

    @property
    def ls_limits(self) -> str:
        return self.settings.ls_limits.code

    @property
    def lec_convention(self) -> str:
        return self.settings.convention.code


def rules_on(day: date) -> Rules:
    """The rules in force on a day."""
    rule = GradingRule.objects.filter(from_date__lte=day).order_by("-from_date", "-entered_at").first()
    if rule is None:
        return Rules(Settings(), RAISE_PER_FAILURE, None)
    settings = Settings(ls_limits=LS_LIMITS[rule.ls_limits], convention=LEC_CONVENTIONS[rule.lec_convention])
    return Rules(settings, rule.raise_per_failure, rule)


def past_rules() -> Sequence[GradingRule]:
    """What was set, the newest first."""
    return list(GradingRule.objects.select_related("entered_by").order_by("-from_date", "-entered_at")[:50])
