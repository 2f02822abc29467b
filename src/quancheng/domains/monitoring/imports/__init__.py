"""What this domain takes from spreadsheets, by the kernel's one way of importing."""

from quancheng.domains.monitoring.imports import tags
from quancheng.kernel.exchange.imports.declare import register


def register_all() -> None:
    """Offer the registers; called once, when the app is ready."""
    for entry in (tags.TAGS, tags.OWN_TAGS):
        register(entry)
