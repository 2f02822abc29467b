"""Tables of risk (风险分级管控): what is stored, and what must always be true of it."""

from quancheng.domains.risk.models.analyses import (
    Analysis,
    AnalysisRow,
    LopaScenario,
    LopaTypical,
    Recommendation,
)
from quancheng.domains.risk.models.announcements import (
    Announcement,
    AnnouncementEdition,
    AnnouncementRule,
    Doubt,
    GateScreen,
    SpotCheck,
    SpotDraw,
    Study,
)
from quancheng.domains.risk.models.card_visits import CardAsk, CardVisit
from quancheng.domains.risk.models.cards import (
    CardMark,
    CardReading,
    CardRule,
    PostCard,
    QuizAttempt,
    RiskBoard,
    SpotRound,
)
from quancheng.domains.risk.models.classings import Classing
from quancheng.domains.risk.models.environmental import EnvironmentalAssessment, EnvironmentalFacility
from quancheng.domains.risk.models.gradings import EnterpriseRisk, Grading, Policy
from quancheng.domains.risk.models.index import EnterpriseIndex, IndexRecord, IndexRule, IndexWarning
from quancheng.domains.risk.models.layout import DistanceRule, ExternalDistance, LayoutCase, LayoutCheck
from quancheng.domains.risk.models.maps import PlanMark, SitePlan, TownOutline
from quancheng.domains.risk.models.posts import Post, PostPerson
from quancheng.domains.risk.models.reactions import Clearing, Reaction
from quancheng.domains.risk.models.risks import (
    Measure,
    RiskAssessment,
    RiskColour,
    RiskEvent,
    RiskObject,
    RiskUnit,
)
from quancheng.domains.risk.models.settings import GradingRule
from quancheng.domains.risk.models.start_stops import StartStop, StartStopPart, StartStopWatch
from quancheng.domains.risk.models.zones import PlanningZone

__all__ = [
    "Analysis",
    "AnalysisRow",
    "Announcement",
    "AnnouncementEdition",
    "AnnouncementRule",
    "CardAsk",
    "CardMark",
    "CardReading",
    "CardRule",
    "CardVisit",
    "Classing",
    "Clearing",
    "DistanceRule",
    "Doubt",
    "EnterpriseIndex",
    "EnterpriseRisk",
    "EnvironmentalAssessment",
    "EnvironmentalFacility",
    "ExternalDistance",
    "GateScreen",
    "Grading",
    "GradingRule",
    "IndexRecord",
    "IndexRule",
    "IndexWarning",
    "LayoutCase",
    "LayoutCheck",
    "LopaScenario",
    "LopaTypical",
    "Measure",
    "PlanMark",
    "PlanningZone",
    "Policy",
    "Post",
    "PostCard",
    "PostPerson",
    "QuizAttempt",
    "Reaction",
    "Recommendation",
    "RiskAssessment",
    "RiskBoard",
    "RiskColour",
    "RiskEvent",
    "RiskObject",
    "RiskUnit",
    "SitePlan",
    "SpotCheck",
    "SpotDraw",
    "SpotRound",
    "StartStop",
    "StartStopPart",
    "StartStopWatch",
    "Study",
    "TownOutline",
]
