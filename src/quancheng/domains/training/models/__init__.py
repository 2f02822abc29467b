"""Tables of people at work (人员): what is stored, and what must always be true of it."""

from quancheng.domains.training.models.certificates import (
    CertificateAlias,
    CertificateGroup,
    CertificateKind,
    PersonQualification,
    QualificationState,
    VerifiedSource,
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
from quancheng.domains.training.models.study import StudyRecord, StudyWay

__all__ = [
    "OF_OTHERS",
    "Applies",
    "CertificateAlias",
    "CertificateGroup",
    "CertificateKind",
    "Course",
    "Education",
    "EducationLevel",
    "EducationRules",
    "Employment",
    "Enrolment",
    "Exam",
    "ExamKind",
    "ExamPolicy",
    "ExamSitting",
    "FactKind",
    "HandedIn",
    "HealthLimit",
    "MajorField",
    "OrderReason",
    "Outcome",
    "PaperRule",
    "Person",
    "PersonPost",
    "PersonQualification",
    "PlanLine",
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
    "SignedBy",
    "SittingFact",
    "SittingItem",
    "SittingState",
    "StudyRecord",
    "StudyWay",
    "TitleLevel",
    "TrainingPlan",
    "TrainingRecord",
    "TrainingSession",
    "VerifiedSource",
    "WorkRole",
]
