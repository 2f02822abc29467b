"""What this domain takes from spreadsheets, by the kernel's one way of importing."""

from quancheng.domains.training.imports import hours, persons, questions
from quancheng.kernel.exchange.imports.declare import register


def register_all() -> None:
    """Offer the registers; called once, when the app is ready."""
    register(persons.OWN_PERSONS)
    register(hours.OWN_HOURS)
    register(questions.QUESTIONS)
