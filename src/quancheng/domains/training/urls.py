"""Addresses of this domain's pages."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.training.contractor_urls import contractor_patterns
from quancheng.domains.training.education_urls import education_patterns
from quancheng.domains.training.exam_urls import exam_patterns
from quancheng.domains.training.pool_urls import pool_patterns
from quancheng.domains.training.views import certificates, persons, quotas, requirements

app_name = "training"
prefix = "training/"

urlpatterns = [
    path("persons", persons.PersonList.as_view(), name="persons"),
    path("persons/new", persons.NewPerson.as_view(), name="person_new"),
    path("persons/<uuid:pk>", persons.PersonPage.as_view(), name="person"),
    path("persons/<uuid:pk>/numbers", persons.Numbers.as_view(), name="person_numbers"),
    path("persons/<uuid:pk>/posts/new", persons.NewPost.as_view(), name="post_new"),
    path("persons/<uuid:pk>/posts/<uuid:post_id>/end", persons.EndPost.as_view(), name="post_end"),
    path("persons/<uuid:pk>/limits/<uuid:limit_id>/end", persons.EndLimit.as_view(), name="limit_end"),
    path("persons/<uuid:pk>/certificates/new", certificates.NewQualification.as_view(), name="qualification_new"),
    path("certificates", certificates.QualificationList.as_view(), name="qualifications"),
    path("certificates/<uuid:pk>", certificates.QualificationPage.as_view(), name="qualification"),
    path("certificate-kinds", certificates.KindList.as_view(), name="kinds"),
    path("certificate-kinds/new", certificates.NewKind.as_view(), name="kind_new"),
    path("certificate-kinds/<uuid:pk>", certificates.KindPage.as_view(), name="kind"),
    path("staffing", requirements.StaffingList.as_view(), name="staffing"),
    path("quotas", quotas.QuotaList.as_view(), name="quotas"),
    path("quota-rules", quotas.QuotaRuleList.as_view(), name="quota_rules"),
    path("quota-rules/new", quotas.NewQuotaRule.as_view(), name="quota_rule_new"),
    path("quota-rules/<uuid:pk>", quotas.QuotaRulePage.as_view(), name="quota_rule"),
    path("staff", requirements.OwnStaff.as_view(), name="own_staff"),
    path("files/<uuid:pk>/staff", requirements.StaffPage.as_view(), name="staff"),
    path("roles", requirements.RoleList.as_view(), name="roles"),
    path("roles/new", requirements.NewRole.as_view(), name="role_new"),
    path("roles/<uuid:pk>", requirements.RolePage.as_view(), name="role"),
    path("roles/<uuid:pk>/requirements/new", requirements.NewRequirement.as_view(), name="requirement_new"),
    path("requirements/<uuid:pk>/end", requirements.EndRequirement.as_view(), name="requirement_end"),
    *contractor_patterns,
    *pool_patterns,
    *exam_patterns,
    *education_patterns,
]
