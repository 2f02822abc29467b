"""Tables of the registry: who holds which hazardous chemical, where, in what quantity, by what right."""

from quancheng.domains.registry.models.assessments import Assessment, HazardCheck, MajorHazard
from quancheng.domains.registry.models.chemicals import Chemical
from quancheng.domains.registry.models.enterprises import Contact, Enterprise, LeadDepartment, Lease
from quancheng.domains.registry.models.facilities import Facility, Unit
from quancheng.domains.registry.models.stock import Holding, StockMovement

__all__ = [
    "Assessment",
    "Chemical",
    "Contact",
    "Enterprise",
    "Facility",
    "HazardCheck",
    "Holding",
    "LeadDepartment",
    "Lease",
    "MajorHazard",
    "StockMovement",
    "Unit",
]
