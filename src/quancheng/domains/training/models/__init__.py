"""Tables of people at work (人员): what is stored, and what must always be true of it."""

from quancheng.domains.training.models.certificates import (
    CertificateAlias,
    CertificateGroup,
    CertificateKind,
    PersonQualification,
    QualificationState,
    VerifiedSource,
)
from quancheng.domains.training.models.contractors import (
    Admission,
    AdmissionCheck,
    AgreementClause,
    CheckResult,
    Contractor,
    ContractorFinding,
    ContractorQualification,
    FindingCode,
    WorkContract,
)
from quancheng.domains.training.models.entries import Direction, EntryStep, GatePass, SiteEntry, StepKind
from quancheng.domains.training.models.outside_rules import OutsideRule, RuleGroup
from quancheng.domains.training.models.persons import (
    OF_OTHERS,
    Education,
    Employment,
    HealthLimit,
    MajorField,
    Person,
    PersonPost,
    Sex,
    TitleLevel,
)
from quancheng.domains.training.models.requirements import Applies, RequirementKind, RoleRequirement
from quancheng.domains.training.models.roles import WorkRole
from quancheng.domains.training.models.violations import (
    BlackListing,
    ContractorIncident,
    ContractorViolation,
    IncidentType,
    ListLevel,
    ListReason,
)

__all__ = [
    "OF_OTHERS",
    "Admission",
    "AdmissionCheck",
    "AgreementClause",
    "Applies",
    "BlackListing",
    "CertificateAlias",
    "CertificateGroup",
    "CertificateKind",
    "CheckResult",
    "Contractor",
    "ContractorFinding",
    "ContractorIncident",
    "ContractorQualification",
    "ContractorViolation",
    "Direction",
    "Education",
    "Employment",
    "EntryStep",
    "FindingCode",
    "GatePass",
    "HealthLimit",
    "IncidentType",
    "ListLevel",
    "ListReason",
    "MajorField",
    "OutsideRule",
    "Person",
    "PersonPost",
    "PersonQualification",
    "QualificationState",
    "RequirementKind",
    "RoleRequirement",
    "RuleGroup",
    "Sex",
    "SiteEntry",
    "StepKind",
    "TitleLevel",
    "VerifiedSource",
    "WorkContract",
    "WorkRole",
]
