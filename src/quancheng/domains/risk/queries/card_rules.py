"""How cards are read, asked and reviewed on a day: what ships [D], or what the district set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from quancheng.domains.risk.models import CardRule

#: What counts where the district set nothing. [D]
PASS_MARK, SPOT_PERCENT, READ_DAYS, REVIEW_MONTHS = 80, 10, 7, 12


@dataclass(frozen=True, slots=True)
class CardRules:
    """What counts on a day; ``rule`` is None where the house's own counts."""

    pass_mark: int
    spot_percent: int
    read_days: int
    review_months: int
    rule: CardRule | None


def card_rules_on(day: date) -> CardRules:
    """The rules in force on a day."""
    rule = CardRule.objects.filter(from_date__lte=day).order_by("-from_date", "-entered_at").first()
    if rule is None:
        return CardRules(PASS_MARK, SPOT_PERCENT, READ_DAYS, REVIEW_MONTHS, None)
    return CardRules(rule.pass_mark, rule.spot_percent, rule.read_days, rule.review_months, rule)


def past_card_rules() -> Sequence[CardRule]:
    """What was set, the newest first."""
    return list(CardRule.objects.select_related("entered_by").order_by("-from_date", "-entered_at")[:50])
