"""Tables of people at work (人员): what is stored, and what must always be true of it."""

from quancheng.domains.training.models.certificates import (
    CertificateAlias,
    CertificateGroup,
    CertificateKind,
    PersonQualification,
    QualificationState,
    VerifiedSource,
)
from quancheng.domains.training.models.education import (
    EducationLevel,
    EducationRules,
    RecordSource,
    TrainingRecord,
)
from quancheng.domains.training.models.exams import (
    Exam,
    ExamKind,
    ExamPolicy,
    ExamSitting,
    FactKind,
    HandedIn,
    PaperRule,
    SittingFact,
    SittingItem,
    SittingState,
)
from quancheng.domains.training.models.orders import OrderReason, RetrainingOrder
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
from quancheng.domains.training.models.questions import Question, QuestionKind, QuestionState, QuestionVersion
from quancheng.domains.training.models.requirements import Applies, RequirementKind, RoleRequirement
from quancheng.domains.training.models.roles import WorkRole

__all__ = [
    "OF_OTHERS",
    "Applies",
    "CertificateAlias",
    "CertificateGroup",
    "CertificateKind",
    "Education",
    "EducationLevel",
    "EducationRules",
    "Employment",
    "Exam",
    "ExamKind",
    "ExamPolicy",
    "ExamSitting",
    "FactKind",
    "HandedIn",
    "HealthLimit",
    "MajorField",
    "OrderReason",
    "PaperRule",
    "Person",
    "PersonPost",
    "PersonQualification",
    "Programme",
    "ProgrammeKind",
    "QualificationState",
    "Question",
    "QuestionKind",
    "QuestionState",
    "QuestionVersion",
    "RecordSource",
    "RequirementKind",
    "RetrainingOrder",
    "RoleRequirement",
    "Sex",
    "SittingFact",
    "SittingItem",
    "SittingState",
    "TitleLevel",
    "TrainingRecord",
    "VerifiedSource",
    "WorkRole",
]
