"""Tables of the domain ``duty`` (任务): plans, tasks, reports, meetings, campaigns, problem lists."""

from quancheng.domains.duty.models.campaigns import Campaign, CampaignAnswer, CampaignItem, CampaignUnit
from quancheng.domains.duty.models.governance import DutyList, Proposal, RuleRecord, StudyRecord, SupportItem, Veto
from quancheng.domains.duty.models.meetings import Attendee, Decision, Meeting, MeetingReceipt, MeetingSeries
from quancheng.domains.duty.models.plans import DraftTask, Plan, PlanLink, PlanSection, Receipt
from quancheng.domains.duty.models.problems import Problem
from quancheng.domains.duty.models.reports import Pack, Report, ReportDuty, Reporter
from quancheng.domains.duty.models.tasks import Assignment, Extension, Instalment, Progress, Support, Target, Task

__all__ = [
    "Assignment",
    "Attendee",
    "Campaign",
    "CampaignAnswer",
    "CampaignItem",
    "CampaignUnit",
    "Decision",
    "DraftTask",
    "DutyList",
    "Extension",
    "Instalment",
    "Meeting",
    "MeetingReceipt",
    "MeetingSeries",
    "Pack",
    "Plan",
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
    "StudyRecord",
    "Support",
    "SupportItem",
    "Target",
    "Task",
    "Veto",
]
