"""What this domain takes from spreadsheets, by the kernel's one way of importing."""

from quancheng.domains.training.imports import certificates, entries, hours, persons, questions
from quancheng.kernel.exchange.imports.declare import register


def register_all() -> None:
    """Offer the registers; called once, when the app is ready."""
    register(persons.OWN_PERSONS)
    register(certificates.OWN_CERTIFICATES)
    register(hours.OWN_HOURS)
    register(hours.OFFICE_HOURS)
    register(entries.OWN_OUTSIDERS)
    register(questions.QUESTIONS)
