"""Addresses of government special inspection rounds (政府专项检查), beside the others of the domain."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.hazards.views import round_targets, rounds, sub_fields

rounds_patterns = [
    path("rounds", rounds.RoundList.as_view(), name="rounds"),
    path("rounds/new", rounds.NewRound.as_view(), name="round_new"),
    path("rounds/tasks", round_targets.TargetList.as_view(), name="round_targets"),
    path("rounds/tasks/<uuid:pk>", round_targets.TargetPage.as_view(), name="round_target"),
    path("rounds/tasks/<uuid:pk>/answer", round_targets.AnswerTarget.as_view(), name="round_target_answer"),
    path("rounds/items", round_targets.AnswerList.as_view(), name="round_answers"),
    path("rounds/checks", round_targets.LookList.as_view(), name="round_checks"),
    path("rounds/checks/<uuid:pk>", round_targets.LookPage.as_view(), name="round_check"),
    path("rounds/checks/<uuid:pk>/record", round_targets.RecordLook.as_view(), name="round_look"),
    path("rounds/<uuid:pk>", rounds.RoundPage.as_view(), name="round"),
    path("rounds/<uuid:pk>/edit", rounds.EditRound.as_view(), name="round_edit"),
    path("sub-fields", sub_fields.SubFieldList.as_view(), name="sub_fields"),
    path("sub-fields/new", sub_fields.NewSubField.as_view(), name="sub_field_new"),
    path("sub-fields/<uuid:pk>", sub_fields.SubFieldPage.as_view(), name="sub_field"),
]
