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
from quancheng.domains.training.models.courses import (
    Course,
    Enrolment,
    Outcome,
    PlanLine,
    SignedBy,
    TrainingPlan,
    TrainingSession,
)
from quancheng.domains.training.models.education import (
    EducationLevel,
    EducationRules,
    RecordSource,
    TrainingRecord,
)
from quancheng.domains.training.models.entries import Direction, EntryStep, GatePass, SiteEntry, StepKind
from quancheng.domains.training.models.orders import OrderReason, RetrainingOrder
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
from quancheng.domains.training.models.programmes import Programme, ProgrammeKind
from quancheng.domains.training.models.requirements import Applies, RequirementKind, RoleRequirement
from quancheng.domains.training.models.roles import WorkRole
from quancheng.domains.training.models.study import StudyRecord, StudyWay
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
    "Course",
    "Direction",
    "Education",
    "EducationLevel",
    "EducationRules",
    "Employment",
    "Enrolment",
    "EntryStep",
    "FindingCode",
    "GatePass",
    "HealthLimit",
    "IncidentType",
    "ListLevel",
    "ListReason",
    "MajorField",
    "OrderReason",
    "Outcome",
    "OutsideRule",
    "Person",
    "PersonPost",
    "PersonQualification",
    "PlanLine",
    "Programme",
    "ProgrammeKind",
    "QualificationState",
    "RecordSource",
    "RequirementKind",
    "RetrainingOrder",
    "RoleRequirement",
    "RuleGroup",
    "Sex",
    "SignedBy",
    "SiteEntry",
    "StepKind",
    "StudyRecord",
    "StudyWay",
    "TitleLevel",
    "TrainingPlan",
    "TrainingRecord",
    "TrainingSession",
    "VerifiedSource",
    "WorkContract",
    "WorkRole",
]
