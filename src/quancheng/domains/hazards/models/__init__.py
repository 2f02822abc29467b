"""Tables of hidden dangers (隐患): what is stored, and what must always be true of it."""

from quancheng.domains.hazards.models.building import PAPERS_OF, BuildingAcceptance, BuildingPaper, PaperKind
from quancheng.domains.hazards.models.check_records import (
    AnswerCode,
    CheckAnswer,
    CheckRecord,
    CheckStatus,
    RecordFlag,
)
from quancheng.domains.hazards.models.checks import (
    FORMS,
    CheckDue,
    CheckRun,
    CheckTask,
    SpecialPeriod,
    StopReview,
    UnitStop,
    WorkType,
)
from quancheng.domains.hazards.models.department_checklists import DepartmentChecklist
from quancheng.domains.hazards.models.design_diagnoses import DesignDiagnosis, DiagnosisKind
from quancheng.domains.hazards.models.exchange import (
    ExchangeAdapter,
    ExchangeApplication,
    ExchangeBatch,
    ExchangeRow,
    ExchangeToken,
    IntakeBatch,
    ReceivedRow,
    Reconciliation,
)
from quancheng.domains.hazards.models.expiry_reviews import ExpiryReview
from quancheng.domains.hazards.models.findings import Finding, MajorReport, Recheck
from quancheng.domains.hazards.models.guarantors import Guarantor, GuarantorRole, GuarantorRound
from quancheng.domains.hazards.models.hand_overs import HandOver
from quancheng.domains.hazards.models.learning import Lesson, Push, PushReply
from quancheng.domains.hazards.models.listings import Listing, ListingVisit
from quancheng.domains.hazards.models.lookbacks import Conclusion, Lookback, LookbackCause
from quancheng.domains.hazards.models.majors import MajorMark
from quancheng.domains.hazards.models.patrol_clues import ClueKind, PatrolClue, PatrolRecheck, Seen
from quancheng.domains.hazards.models.patrols import (
    Patrol,
    PatrolCycle,
    PatrolPlace,
    PatrolRoute,
    PatrolStop,
    PatrolTermRule,
    PatrolVisit,
    VisitResult,
)
from quancheng.domains.hazards.models.resumptions import Maker, Resumption, ReviewReport
from quancheng.domains.hazards.models.rounds import (
    AgencyRule,
    InspectionRound,
    ItemResult,
    RoundAnswer,
    RoundCheck,
    RoundItem,
    RoundSection,
    RoundTarget,
    SeenResult,
    SubFieldTag,
    VerifyMode,
)
from quancheng.domains.hazards.models.running import (
    PARAMETERS,
    Counted,
    RunningAction,
    RunningAppeal,
    RunningGrade,
    RunningRule,
    RunningVeto,
    RunningWeek,
)
from quancheng.domains.hazards.models.self_checks import (
    CheckSide,
    Matter,
    Mechanism,
    SelfCheck,
    SelfCheckItem,
    SelfCheckRule,
)
from quancheng.domains.hazards.models.signed_statistics import StatisticsKind, StatisticsReport
from quancheng.domains.hazards.models.site_assessments import Side, SiteAssessment, SiteScore
from quancheng.domains.hazards.models.sums import CheckSum, ClosingSum, DangerFileSum, DangerSum
from quancheng.domains.hazards.models.terms import TERMS, TermRule
from quancheng.domains.hazards.models.violations import Violation, ViolationKind

__all__ = [
    "FORMS",
    "PAPERS_OF",
    "PARAMETERS",
    "TERMS",
    "AgencyRule",
    "AnswerCode",
    "BuildingAcceptance",
    "BuildingPaper",
    "CheckAnswer",
    "CheckDue",
    "CheckRecord",
    "CheckRun",
    "CheckSide",
    "CheckStatus",
    "CheckSum",
    "CheckTask",
    "ClosingSum",
    "ClueKind",
    "Conclusion",
    "Counted",
    "DangerFileSum",
    "DangerSum",
    "DepartmentChecklist",
    "DesignDiagnosis",
    "DiagnosisKind",
    "ExchangeAdapter",
    "ExchangeApplication",
    "ExchangeBatch",
    "ExchangeRow",
    "ExchangeToken",
    "ExpiryReview",
    "Finding",
    "Guarantor",
    "GuarantorRole",
    "GuarantorRound",
    "HandOver",
    "InspectionRound",
    "IntakeBatch",
    "ItemResult",
    "Lesson",
    "Listing",
    "ListingVisit",
    "Lookback",
    "LookbackCause",
    "MajorMark",
    "MajorReport",
    "Maker",
    "Matter",
    "Mechanism",
    "PaperKind",
    "Patrol",
    "PatrolClue",
    "PatrolCycle",
    "PatrolPlace",
    "PatrolRecheck",
    "PatrolRoute",
    "PatrolStop",
    "PatrolTermRule",
    "PatrolVisit",
    "Push",
    "PushReply",
    "ReceivedRow",
    "Recheck",
    "Reconciliation",
    "RecordFlag",
    "Resumption",
    "ReviewReport",
    "RoundAnswer",
    "RoundCheck",
    "RoundItem",
    "RoundSection",
    "RoundTarget",
    "RunningAction",
    "RunningAppeal",
    "RunningGrade",
    "RunningRule",
    "RunningVeto",
    "RunningWeek",
    "Seen",
    "SeenResult",
    "SelfCheck",
    "SelfCheckItem",
    "SelfCheckRule",
    "Side",
    "SiteAssessment",
    "SiteScore",
    "SpecialPeriod",
    "StatisticsKind",
    "StatisticsReport",
    "StopReview",
    "SubFieldTag",
    "TermRule",
    "UnitStop",
    "VerifyMode",
    "Violation",
    "ViolationKind",
    "VisitResult",
    "WorkType",
]
