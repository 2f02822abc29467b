"""Tables of the domain ``duty`` (任务): plans, tasks, reports, meetings, campaigns, problem lists."""

from quancheng.domains.duty.models.campaigns import Campaign, CampaignAnswer, CampaignItem, CampaignUnit
from quancheng.domains.duty.models.governance import (
    DutyList,
    DutyRecord,
    Proposal,
    RuleRecord,
    StudyRecord,
    SupportItem,
    Veto,
)
from quancheng.domains.duty.models.meetings import Attendee, Decision, Meeting, MeetingReceipt, MeetingSeries
from quancheng.domains.duty.models.own_plans import OwnPlan, OwnPlanItem, PlanCall
from quancheng.domains.duty.models.plans import DraftTask, OutsideReceipt, Plan, PlanLink, PlanSection, Receipt
from quancheng.domains.duty.models.problems import Problem
from quancheng.domains.duty.models.reports import Pack, Report, ReportDuty, Reporter
from quancheng.domains.duty.models.staff import StaffMember, StaffPlan
from quancheng.domains.duty.models.tasks import (
    Assignment,
    ChartLink,
    Extension,
    Instalment,
    Progress,
    Support,
    Target,
    Task,
    TaskLink,
)
from quancheng.domains.duty.models.visits import GroupMember, Visit, VisitFinding, WorkGroup

__all__ = [
    "Assignment",
    "Attendee",
    "Campaign",
    "CampaignAnswer",
    "CampaignItem",
    "CampaignUnit",
    "ChartLink",
    "Decision",
    "DraftTask",
    "DutyList",
    "DutyRecord",
    "Extension",
    "GroupMember",
    "Instalment",
    "Meeting",
    "MeetingReceipt",
    "MeetingSeries",
    "OutsideReceipt",
    "OwnPlan",
    "OwnPlanItem",
    "Pack",
    "Plan",
    "PlanCall",
    "PlanLink",
    "PlanSection",
    "Problem",
    "Progress",
    "Proposal",
    "Receipt",
    "Report",
    "ReportDuty",
    "Reporter",
    "RuleRecord",
    "StaffMember",
    "StaffPlan",
    "StudyRecord",
    "Support",
    "SupportItem",
    "Target",
    "Task",
    "TaskLink",
    "Veto",
    "Visit",
    "VisitFinding",
    "WorkGroup",
]
