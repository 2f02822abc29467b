"""Addresses of education: programmes, orders, courses, records."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.training.views import courses, coverage, orders, procedures, programmes, sessions, study

education_patterns = [
    path("programmes", programmes.ProgrammeList.as_view(), name="programmes"),
    path("programmes/new", programmes.NewProgramme.as_view(), name="programme_new"),
    path("programmes/rules", programmes.SetRules.as_view(), name="education_rules"),
    path("programmes/<uuid:pk>", programmes.ProgrammePage.as_view(), name="programme"),
    path("orders", orders.OrderList.as_view(), name="orders"),
    path("orders/<uuid:pk>", orders.OrderPage.as_view(), name="order"),
    path("persons/<uuid:pk>/orders/new", orders.NewOrder.as_view(), name="order_new"),
    path("records", orders.RecordList.as_view(), name="records"),
    path("records/<uuid:pk>", orders.RecordPage.as_view(), name="record"),
    path("persons/<uuid:pk>/records/new", orders.NewRecord.as_view(), name="record_new"),
    path("standings", coverage.StandingList.as_view(), name="standings"),
    path("coverage", coverage.Coverage.as_view(), name="coverage"),
    path("coverage/units", coverage.UnitCoverageList.as_view(), name="unit_coverage"),
    path("matrix", coverage.OwnMatrix.as_view(), name="own_matrix"),
    path("files/<uuid:pk>/matrix", coverage.Matrix.as_view(), name="matrix"),
    path("regulators", study.RegulatorList.as_view(), name="regulators"),
    path("regulators/coverage", study.RegulatorCoverage.as_view(), name="regulator_coverage"),
    path("regulators/<uuid:pk>", study.RegulatorPage.as_view(), name="regulator"),
    path("studies/<uuid:pk>/strike", study.StrikeStudy.as_view(), name="study_strike"),
    path("documents", procedures.DocumentList.as_view(), name="documents"),
    path("documents/new", procedures.NewDocument.as_view(), name="document_new"),
    path("documents/<uuid:pk>", procedures.DocumentPage.as_view(), name="document"),
    path("courses", courses.CourseList.as_view(), name="courses"),
    path("courses/new", courses.NewCourse.as_view(), name="course_new"),
    path("courses/<uuid:pk>", courses.CoursePage.as_view(), name="course"),
    path("courses/<uuid:pk>/sessions/new", sessions.NewSession.as_view(), name="session_new"),
    path("plans", courses.PlanList.as_view(), name="plans"),
    path("plans/new", courses.NewPlan.as_view(), name="plan_new"),
    path("plans/<uuid:pk>", courses.PlanPage.as_view(), name="plan"),
    path("sessions", sessions.SessionList.as_view(), name="sessions"),
    path("sessions/<uuid:pk>", sessions.SessionPage.as_view(), name="session"),
    path("sessions/<uuid:pk>/door", sessions.Door.as_view(), name="door"),
    path("sessions/<uuid:pk>/seats/<uuid:seat_id>/practice", sessions.Practice.as_view(), name="practice"),
    path("sign-in/<str:code>", sessions.SignIn.as_view(), name="sign_in"),
]
