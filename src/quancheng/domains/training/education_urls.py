"""Addresses of education: programmes, orders, courses, records."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.training.views import courses, orders, programmes, sessions

education_patterns = [
    path("programmes", programmes.ProgrammeList.as_view(), name="programmes"),
    path("programmes/new", programmes.NewProgramme.as_view(), name="programme_new"),
    path("programmes/<uuid:pk>", programmes.ProgrammePage.as_view(), name="programme"),
    path("orders", orders.OrderList.as_view(), name="orders"),
    path("orders/<uuid:pk>", orders.OrderPage.as_view(), name="order"),
    path("persons/<uuid:pk>/orders/new", orders.NewOrder.as_view(), name="order_new"),
    path("records", orders.RecordList.as_view(), name="records"),
    path("records/<uuid:pk>", orders.RecordPage.as_view(), name="record"),
    path("persons/<uuid:pk>/records/new", orders.NewRecord.as_view(), name="record_new"),
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
