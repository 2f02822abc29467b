"""Tables of the registry: who holds which hazardous chemical, where, in what quantity, by what right."""

from quancheng.domains.registry.models.applications import Application
from quancheng.domains.registry.models.assessments import Assessment, HazardCheck, MajorHazard
from quancheng.domains.registry.models.census import Census, CensusArea, CensusVisit, Clue, EnterpriseMerge
from quancheng.domains.registry.models.checks import CheckRecord, Laboratory, Reverification, Stoppage
from quancheng.domains.registry.models.chemicals import Chemical
from quancheng.domains.registry.models.codes import AccessPass, CodeExtension, SafetyCode, ScanDay
from quancheng.domains.registry.models.completeness import Completeness, CompletenessRule
from quancheng.domains.registry.models.enterprises import Contact, Enterprise, LeadDepartment, Lease
from quancheng.domains.registry.models.environment import ChemicalEnvironment, EnvironmentRecord, WasteArrangement
from quancheng.domains.registry.models.expenses import ExpenseUse, SafetyExpense
from quancheng.domains.registry.models.facilities import Facility, Unit
from quancheng.domains.registry.models.filings import Filing, FilingRuleSetting
from quancheng.domains.registry.models.fuel import FuelSupply
from quancheng.domains.registry.models.licences import (
    Licence,
    LicenceExit,
    LicenceItem,
    LicenceRenewal,
    LicenceRule,
    ToldFact,
)
from quancheng.domains.registry.models.places import SensitivePlace
from quancheng.domains.registry.models.posts import PostHolder
from quancheng.domains.registry.models.products import DataSheet, Product, ProductPart
from quancheng.domains.registry.models.projects import Project, ProjectChemical, TrialVisit
from quancheng.domains.registry.models.quality import Inspection
from quancheng.domains.registry.models.restrictions import Restriction
from quancheng.domains.registry.models.stock import Holding, StockMovement
from quancheng.domains.registry.models.storage import LimitSetting, StorageFinding
from quancheng.domains.registry.models.storage_checks import PaperKind, PlacePaper, WorkshopLimit
from quancheng.domains.registry.models.storage_places import StorageMerge, StoragePlace

__all__ = [
    "AccessPass",
    "Application",
    "Assessment",
    "Census",
    "CensusArea",
    "CensusVisit",
    "CheckRecord",
    "Chemical",
    "ChemicalEnvironment",
    "Clue",
    "CodeExtension",
    "Completeness",
    "CompletenessRule",
    "Contact",
    "DataSheet",
    "Enterprise",
    "EnterpriseMerge",
    "EnvironmentRecord",
    "ExpenseUse",
    "Facility",
    "Filing",
    "FilingRuleSetting",
    "FuelSupply",
    "HazardCheck",
    "Holding",
    "Inspection",
    "Laboratory",
    "LeadDepartment",
    "Lease",
    "Licence",
    "LicenceExit",
    "LicenceItem",
    "LicenceRenewal",
    "LicenceRule",
    "LimitSetting",
    "MajorHazard",
    "PaperKind",
    "PlacePaper",
    "PostHolder",
    "Product",
    "ProductPart",
    "Project",
    "ProjectChemical",
    "Restriction",
    "Reverification",
    "SafetyCode",
    "SafetyExpense",
    "ScanDay",
    "SensitivePlace",
    "StockMovement",
    "Stoppage",
    "StorageFinding",
    "StorageMerge",
    "StoragePlace",
    "ToldFact",
    "TrialVisit",
    "Unit",
    "WasteArrangement",
    "WorkshopLimit",
]
