"""Addresses of check tasks and of what is checked (隐患排查), beside the others of the domain."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.hazards.views import check_tasks, check_watch, checks, post_coverage

check_patterns = [
    path("checks/today", checks.TodaysChecks.as_view(), name="checks_today"),
    path("checks", checks.DueList.as_view(), name="check_dues"),
    path("checks/own", check_tasks.OwnChecks.as_view(), name="check_own"),
    path("checks/by-list", checks.FreeCheck.as_view(), name="check_free"),
    path("checks/by-list/<str:code>", checks.RecordFree.as_view(), name="check_free_record"),
    path("checks/<uuid:pk>", checks.DuePage.as_view(), name="check_due"),
    path("checks/<uuid:pk>/record", checks.RecordDue.as_view(), name="check_due_record"),
    path("checks/records", checks.RecordList.as_view(), name="check_records"),
    path("checks/records/<uuid:pk>", checks.RecordPage.as_view(), name="check_record"),
    path("checks/levels", checks.OwnLevels.as_view(), name="check_own_levels"),
    path("checks/enterprises", checks.CompletionList.as_view(), name="check_completion"),
    path("enterprises/<uuid:pk>/levels", checks.Levels.as_view(), name="check_levels"),
    path("checks/tasks", check_tasks.TaskList.as_view(), name="check_tasks"),
    path("checks/tasks/<uuid:pk>", check_tasks.TaskPage.as_view(), name="check_task"),
    path("checks/tasks/<uuid:pk>/record", checks.RecordTask.as_view(), name="check_task_record"),
    path("enterprises/<uuid:pk>/tasks/new", check_tasks.NewTask.as_view(), name="check_task_new"),
    path("enterprises/<uuid:pk>/tasks/arrange", check_tasks.ArrangeTasks.as_view(), name="check_tasks_arrange"),
    path("coverage", post_coverage.CoverageList.as_view(), name="post_coverage"),
    path("coverage/own", post_coverage.OwnCoverage.as_view(), name="post_coverage_own"),
    path("coverage/posts", post_coverage.CoveragePostList.as_view(), name="post_coverage_posts"),
    path("coverage/people", post_coverage.CoveragePeopleList.as_view(), name="post_coverage_people"),
    path("enterprises/<uuid:pk>/coverage", post_coverage.CoveragePage.as_view(), name="post_coverage_of"),
    path("checks/measures", check_tasks.UncoveredList.as_view(), name="uncovered_measures"),
    path("stops", check_watch.StopList.as_view(), name="unit_stops"),
    path("stops/<uuid:pk>", check_watch.StopPage.as_view(), name="unit_stop"),
    path("enterprises/<uuid:pk>/stops/new", check_watch.NewStop.as_view(), name="unit_stop_new"),
    path("stops/reviews", check_watch.ReviewList.as_view(), name="stop_reviews"),
    path("stops/reviews/<uuid:pk>", check_watch.ReviewPage.as_view(), name="stop_review"),
    path("flags", check_watch.FlagList.as_view(), name="record_flags"),
    path("flags/<uuid:pk>", check_watch.FlagPage.as_view(), name="record_flag"),
    path("periods", check_watch.PeriodList.as_view(), name="special_periods"),
    path("periods/new", check_watch.NewPeriod.as_view(), name="special_period_new"),
    path("periods/<uuid:pk>", check_watch.PeriodPage.as_view(), name="special_period"),
]
