"""Addresses of the pages of exams."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.training.views import exam_figures, exams, papers, questions, sittings

exam_patterns = [
    path("questions", questions.QuestionList.as_view(), name="questions"),
    path("questions/new/<slug:kind>", questions.NewQuestion.as_view(), name="question_new"),
    path("questions/<uuid:pk>", questions.QuestionPage.as_view(), name="question"),
    path("questions/<uuid:pk>/change", questions.ChangeQuestion.as_view(), name="question_change"),
    path("paper-rules", papers.RuleList.as_view(), name="paper_rules"),
    path("paper-rules/new", papers.NewRule.as_view(), name="paper_rule_new"),
    path("paper-rules/<uuid:pk>", papers.RulePage.as_view(), name="paper_rule"),
    path("paper-rules/<uuid:pk>/change", papers.ChangeRule.as_view(), name="paper_rule_change"),
    path("exam-policy", papers.PolicyPage.as_view(), name="exam_policy"),
    path("exams", exams.ExamList.as_view(), name="exams"),
    path("exams/new", exams.NewExam.as_view(), name="exam_new"),
    path("exams/spot", exams.NewSpot.as_view(), name="spot_new"),
    path("exams/own", sittings.OwnExams.as_view(), name="own_exams"),
    path("exams/<uuid:pk>", exams.ExamPage.as_view(), name="exam"),
    path("exams/<uuid:pk>/add", exams.AddCandidates.as_view(), name="exam_add"),
    path("exams/<uuid:pk>/slips", exams.Slips.as_view(), name="exam_slips"),
    path("sittings", sittings.SittingList.as_view(), name="sittings"),
    path("sittings/<uuid:pk>", sittings.SittingPage.as_view(), name="sitting"),
    path("sittings/<uuid:pk>/mark", sittings.Marking.as_view(), name="sitting_mark"),
    path("sittings/<uuid:pk>/certificate", sittings.Certificate.as_view(), name="exam_certificate"),
    path("answers", exam_figures.AnswerList.as_view(), name="answers"),
    path("exam-figures", exam_figures.Figures.as_view(), name="exam_figures"),
]
