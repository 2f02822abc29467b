"""Addresses of 隐患."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.hazards.check_urls import check_patterns
from quancheng.domains.hazards.design_urls import design_patterns
from quancheng.domains.hazards.exchange_urls import exchange_patterns
from quancheng.domains.hazards.loop_urls import loop_patterns
from quancheng.domains.hazards.patrol_urls import patrol_patterns
from quancheng.domains.hazards.rounds_urls import rounds_patterns
from quancheng.domains.hazards.self_check_urls import self_check_patterns
from quancheng.domains.hazards.views import (
    checklists,
    criteria,
    department_checklists,
    findings,
    followups,
    guarantors,
    learning,
    listings,
    lookbacks,
    majors,
    running,
    statistics,
    violations,
)

app_name = "hazards"
prefix = "hazards/"

urlpatterns = [
    *check_patterns,
    path("", findings.FindingList.as_view(), name="findings"),
    path("statistics", statistics.Statistics.as_view(), name="statistics"),
    path("majors", majors.MajorList.as_view(), name="majors"),
    path("majors/board", majors.MajorsBoard.as_view(), name="majors_board"),
    path("findings/<uuid:pk>/mark", majors.NewMark.as_view(), name="mark_new"),
    path("report", findings.ReportOwn.as_view(), name="report_own"),
    path("enterprises/<uuid:pk>/report", findings.NewFinding.as_view(), name="finding_new"),
    path("findings/<uuid:pk>", findings.FindingPage.as_view(), name="finding"),
    path("reports/<uuid:pk>", followups.ReportPage.as_view(), name="report"),
    path("rechecks", followups.RecheckList.as_view(), name="rechecks"),
    path("rechecks/<uuid:pk>", followups.RecheckPage.as_view(), name="recheck"),
    path("listings", listings.ListingList.as_view(), name="listings"),
    path("listings/candidates", listings.CandidateList.as_view(), name="listing_candidates"),
    path("listings/published", listings.published, name="listings_published"),
    path("listings/<uuid:pk>", listings.ListingPage.as_view(), name="listing"),
    path("listing-visits/<uuid:pk>", listings.VisitPage.as_view(), name="listing_visit"),
    path("findings/<uuid:pk>/list", listings.NewListing.as_view(), name="listing_new"),
    path("lookbacks", lookbacks.LookbackList.as_view(), name="lookbacks"),
    path("lookbacks/<uuid:pk>", lookbacks.LookbackPage.as_view(), name="lookback"),
    path("lookbacks/<uuid:pk>/conclude", lookbacks.NewConclusion.as_view(), name="conclusion_new"),
    path("findings/<uuid:pk>/look-back", lookbacks.NewLookback.as_view(), name="lookback_new"),
    path("violations", violations.ViolationList.as_view(), name="violations"),
    path("findings/<uuid:pk>/violation", violations.NewViolation.as_view(), name="violation_new"),
    path("pushes", learning.PushList.as_view(), name="pushes"),
    path("pushes/new", learning.NewPush.as_view(), name="push_new"),
    path("pushes/<uuid:pk>", learning.PushPage.as_view(), name="push"),
    path("self-checks", learning.ReplyList.as_view(), name="push_replies"),
    path("self-checks/<uuid:pk>", learning.ReplyPage.as_view(), name="push_reply"),
    *design_patterns,
    *exchange_patterns,
    *rounds_patterns,
    *patrol_patterns,
    *self_check_patterns,
    *loop_patterns,
    path("criteria", criteria.CriterionList.as_view(), name="criteria"),
    path("criteria/candidates", criteria.Candidates.as_view(), name="candidates"),
    path("criteria/<str:code>", criteria.CriterionPage.as_view(), name="criterion"),
    path("checklists", checklists.ChecklistList.as_view(), name="checklists"),
    path("checklists/<str:code>", checklists.ChecklistPage.as_view(), name="checklist"),
    path("department-checklists", department_checklists.DepartmentListList.as_view(), name="department_lists"),
    path("department-checklists/new", department_checklists.NewDepartmentList.as_view(), name="department_list_new"),
    path("department-checklists/<uuid:pk>", department_checklists.DepartmentListPage.as_view(), name="department_list"),
    path(
        "department-checklists/<uuid:pk>/item", department_checklists.DepartmentItem.as_view(), name="department_item"
    ),
    path("running", running.WeekList.as_view(), name="running"),
    path("running/own", running.Own.as_view(), name="running_own"),
    path("running/towns", running.Towns.as_view(), name="running_towns"),
    path("running/rules", running.Rules.as_view(), name="running_rules"),
    path("running/rules/new", running.NewRules.as_view(), name="running_rule_new"),
    path("running/actions", running.ActionList.as_view(), name="running_actions"),
    path("running/actions/<uuid:pk>", running.ActionPage.as_view(), name="running_action"),
    path("running/appeals", running.AppealList.as_view(), name="running_appeals"),
    path("running/appeals/<uuid:pk>", running.AppealPage.as_view(), name="running_appeal"),
    path("running/vetoes", running.VetoList.as_view(), name="running_vetoes"),
    path("running/vetoes/<uuid:pk>", running.VetoPage.as_view(), name="running_veto"),
    path("running/<uuid:pk>", running.WeekPage.as_view(), name="running_week"),
    path("running/<uuid:pk>/appeal", running.NewAppeal.as_view(), name="appeal_new"),
    path("enterprises/<uuid:pk>/veto", running.NewVeto.as_view(), name="veto_new"),
    path("guarantors", guarantors.HazardList.as_view(), name="guarantors"),
    path("guarantors/performance", guarantors.Performance.as_view(), name="guarantor_performance"),
    path("guarantors/rounds", guarantors.RoundList.as_view(), name="guarantor_rounds"),
    path("guarantors/rounds/<uuid:pk>", guarantors.RoundPage.as_view(), name="guarantor_round"),
    path("guarantors/<uuid:pk>", guarantors.HazardPage.as_view(), name="guarantors_of"),
    path("guarantors/<uuid:pk>/new", guarantors.NewGuarantor.as_view(), name="guarantor_new"),
    path("guarantors/<uuid:pk>/retire", guarantors.Retire.as_view(), name="guarantors_retire"),
    path("guarantors/<uuid:pk>/tasks", guarantors.NewTasks.as_view(), name="guarantor_tasks"),
]
