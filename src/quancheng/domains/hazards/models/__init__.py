"""Tables of hidden dangers (隐患): what is stored, and what must always be true of it."""

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
from quancheng.domains.hazards.models.findings import Finding, MajorReport, Recheck
from quancheng.domains.hazards.models.guarantors import Guarantor, GuarantorRole, GuarantorRound
from quancheng.domains.hazards.models.learning import Lesson, Push, PushReply
from quancheng.domains.hazards.models.listings import Listing, ListingVisit
from quancheng.domains.hazards.models.lookbacks import Conclusion, Lookback, LookbackCause
from quancheng.domains.hazards.models.majors import MajorMark
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
from quancheng.domains.hazards.models.violations import Violation, ViolationKind

__all__ = [
    "FORMS",
    "PARAMETERS",
    "AnswerCode",
    "CheckAnswer",
    "CheckDue",
    "CheckRecord",
    "CheckRun",
    "CheckStatus",
    "CheckTask",
    "Conclusion",
    "Counted",
    "ExchangeAdapter",
    "ExchangeApplication",
    "ExchangeBatch",
    "ExchangeRow",
    "ExchangeToken",
    "Finding",
    "Guarantor",
    "GuarantorRole",
    "GuarantorRound",
    "IntakeBatch",
    "Lesson",
    "Listing",
    "ListingVisit",
    "Lookback",
    "LookbackCause",
    "MajorMark",
    "MajorReport",
    "Push",
    "PushReply",
    "ReceivedRow",
    "Recheck",
    "Reconciliation",
    "RecordFlag",
    "RunningAction",
    "RunningAppeal",
    "RunningGrade",
    "RunningRule",
    "RunningVeto",
    "RunningWeek",
    "SpecialPeriod",
    "StopReview",
    "UnitStop",
    "Violation",
    "ViolationKind",
    "WorkType",
]
