"""Addresses of this domain's pages."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.duty.views import lists, objects, review

app_name = "duty"
prefix = "duty/"

urlpatterns = [
    path("plans", lists.PlanList.as_view(), name="plans"),
    path("plans/import", review.ImportView.as_view(), name="import"),
    path("plans/<uuid:pk>", objects.PlanPage.as_view(), name="plan"),
    path("plans/<uuid:pk>/review", review.ReviewView.as_view(), name="review"),
    path("tasks", lists.TaskList.as_view(), name="tasks"),
    path("tasks/<uuid:pk>", objects.TaskPage.as_view(), name="task"),
    path("assignments", lists.AssignmentList.as_view(), name="assignments"),
    path("assignments/<uuid:pk>", objects.AssignmentPage.as_view(), name="assignment"),
    path("own", lists.OwnAssignmentList.as_view(), name="own"),
    path("instalments/<uuid:pk>", objects.InstalmentPage.as_view(), name="instalment"),
    path("extensions/<uuid:pk>", objects.ExtensionPage.as_view(), name="extension"),
    path("receipts", lists.ReceiptList.as_view(), name="receipts"),
    path("receipts/<uuid:pk>", objects.ReceiptPage.as_view(), name="receipt"),
]
