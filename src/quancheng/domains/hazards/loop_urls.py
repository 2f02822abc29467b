"""Addresses of the loop of a danger beside its own page: terms, handing over, review reports, running again."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.hazards.views import expiry_reviews, hand_overs, resumptions, terms

loop_patterns = [
    path("hand-overs", hand_overs.HandOverList.as_view(), name="hand_overs"),
    path("hand-overs/<uuid:pk>", hand_overs.HandOverPage.as_view(), name="hand_over"),
    path("findings/<uuid:pk>/hand-over", hand_overs.NewHandOver.as_view(), name="hand_over_new"),
    path("findings/<uuid:pk>/review-report", resumptions.NewReport.as_view(), name="review_report_new"),
    path("resumptions", resumptions.ResumptionList.as_view(), name="resumptions"),
    path("resumptions/<uuid:pk>", resumptions.ResumptionPage.as_view(), name="resumption"),
    path("findings/<uuid:pk>/resume", resumptions.NewResumption.as_view(), name="resumption_new"),
    path("expiry-reviews", expiry_reviews.ExpiryReviewList.as_view(), name="expiry_reviews"),
    path("expiry-reviews/<uuid:pk>", expiry_reviews.ExpiryReviewPage.as_view(), name="expiry_review"),
    path("terms", terms.Terms.as_view(), name="terms"),
    path("terms/new", terms.NewTerms.as_view(), name="terms_new"),
]
