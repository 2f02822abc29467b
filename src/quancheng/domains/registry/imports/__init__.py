"""What this domain takes from spreadsheets, by the kernel's one way of importing."""

from quancheng.domains.registry.imports import (
    chemicals,
    enterprises,
    environment,
    inspections,
    places,
    products,
    projects,
    stock,
)
from quancheng.kernel.exchange.imports.declare import register


def register_all() -> None:
    """Offer the registers; called once, when the app is ready."""
    for entry in (
        enterprises.ENTERPRISES, stock.STOCK, stock.OWN_STOCK, chemicals.CHEMICALS, places.PLACES, products.PRODUCTS,
        products.OWN_PRODUCTS, projects.OWN_PROJECTS, inspections.INSPECTIONS,
        environment.ENVIRONMENTS, environment.CHEMICAL_ENVIRONMENTS,
    ):  # fmt: skip
        register(entry)
