"""What this domain takes from spreadsheets, by the kernel's one way of importing."""

from quancheng.domains.risk.imports import analyses, cards, risks
from quancheng.kernel.exchange.imports.declare import register


def register_all() -> None:
    """Offer the registers; called once, when the app is ready."""
    for entry in (risks.RISKS, risks.OWN_RISKS, analyses.JHA, analyses.SCL, analyses.HAZOP, cards.CARD_LINES):
        register(entry)
