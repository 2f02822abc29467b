"""Addresses of what is asked each shift and day."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.permits.views import daily, shifts

daily_patterns = [
    path("shifts", shifts.HandOverList.as_view(), name="shift_hand_overs"),
    path("shifts/plans", shifts.ShiftPlanList.as_view(), name="shift_plans"),
    path("shifts/plans/new", shifts.NewShiftPlan.as_view(), name="shift_plan_new"),
    path("shifts/<uuid:pk>", shifts.HandOverPage.as_view(), name="shift_hand_over"),
    path("<uuid:pk>/talks/new", daily.NewTalk.as_view(), name="talk_new"),
    path("<uuid:pk>/talks/<uuid:talk>", daily.Talk.as_view(), name="talk"),
    path("<uuid:pk>/talks/<uuid:talk>/<uuid:attendance>", daily.TalkQuiz.as_view(), name="talk_quiz"),
    path("<uuid:pk>/think", daily.Think.as_view(), name="think"),
    path("<uuid:pk>/think/<uuid:card>", daily.SettleCard.as_view(), name="think_settle"),
    path("think-items", daily.ThinkItems.as_view(), name="think_items"),
    path("think-items/new", daily.SetThinkItem.as_view(), name="think_item_new"),
]
