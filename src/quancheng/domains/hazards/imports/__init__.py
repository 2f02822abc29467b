"""What this domain takes from spreadsheets, by the kernel's one way of importing."""

from quancheng.domains.hazards.imports import check_tasks, department_items, design_defects, patrol_places
from quancheng.kernel.exchange.imports.declare import register


def register_all() -> None:
    """Offer the registers; called once, when the app is ready."""
    register(check_tasks.OWN_TASKS)
    register(department_items.ITEMS)
    register(design_defects.DEFECTS)
    register(patrol_places.PLACES)
