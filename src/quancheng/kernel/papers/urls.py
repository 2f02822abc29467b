"""Addresses of the pages of papers."""

from __future__ import annotations

from django.urls import path

from quancheng.kernel.papers.views import copies, drafts, lists, objects, templates

app_name = "papers"

urlpatterns = [
    path("", lists.PaperList.as_view(), name="list"),
    path("new", drafts.NewPaper.as_view(), name="new"),
    path("services", lists.ServiceList.as_view(), name="services"),
    path("services/<uuid:pk>", objects.ServicePage.as_view(), name="service"),
    path("templates", templates.template_list, name="templates"),
    path("templates/<slug:code>", templates.template, name="template"),
    path("<uuid:pk>", objects.PaperPage.as_view(), name="paper"),
    path("<uuid:pk>/edit", drafts.EditPaper.as_view(), name="edit"),
    path("<uuid:pk>/pages/<int:number>.png", copies.page_picture, name="page"),
    path("<uuid:pk>/copy.<slug:form>", copies.copy, name="copy"),
]
