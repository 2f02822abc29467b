"""Addresses of the pages of exams."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.training.views import questions

exam_patterns = [
    path("questions", questions.QuestionList.as_view(), name="questions"),
    path("questions/new/<slug:kind>", questions.NewQuestion.as_view(), name="question_new"),
    path("questions/<uuid:pk>", questions.QuestionPage.as_view(), name="question"),
    path("questions/<uuid:pk>/change", questions.ChangeQuestion.as_view(), name="question_change"),
]
