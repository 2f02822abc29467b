"""What the audit of permits hears of, holds and shows in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_OFFICES = ("office.director", "office.officer", "department.head", "department.officer", "town.head", "town.officer")


def connect() -> None:
    """Called once, when the apps get ready."""
    from quancheng.domains.hazards.queries.sections import Section, register_section
    from quancheng.domains.permits.models import AuditFinding, SpotCheck, WorkFiling, WorkMechanism
    from quancheng.domains.permits.queries.audits import AUDIT, RULES
    from quancheng.domains.permits.queries.dangerous_work import SECTION, concerned
    from quancheng.domains.permits.queries.exposed import APPROVE
    from quancheng.domains.permits.queries.permits import VIEW
    from quancheng.domains.permits.queries.spot import CONFIRM, list_papers
    from quancheng.domains.permits.services import auditing, exposed, following
    from quancheng.kernel.access.duties import declare_duty
    from quancheng.kernel.events.services import subscribe
    from quancheng.kernel.files.holders import register_holder, register_scoped
    from quancheng.kernel.pages.nav import NavItem, register

    declare_duty(AUDIT, _("审计作业票，推送、复查审计问题"), roles=_OFFICES)
    declare_duty(RULES, _("设置作业票审计规则"), roles=("office.director", "office.officer"))
    declare_duty(
        APPROVE, _("审批、发布和撤回典型案例"), roles=("office.director", "department.head", "town.head")
    )
    declare_duty(CONFIRM, _("确认本单位危险作业机制"), roles=("enterprise.head", "enterprise.safety"))
    subscribe("permits.permit.*", auditing.hear_permit, name="permits.audit")
    subscribe("permits.case.publish", exposed.hear_published, name="permits.exposed_cases")
    register_section(Section(SECTION, concerned))
    subscribe("registry.supervisor.changed", following.hear_supervisor, name="permits.supervisors")
    register_scoped(
        AuditFinding,
        is_closed=lambda row: isinstance(row, AuditFinding) and row.is_closed,
        shown=lambda actor, row, role: actor.is_system or actor.has(VIEW),
    )
    # What was confirmed stands as it was confirmed.
    register_holder(
        WorkMechanism._meta.label_lower,
        lambda actor, pk: list_papers(actor=actor).filter(pk=pk).first(),
        is_closed=lambda row: True,
    )
    register_scoped(
        WorkFiling,
        is_closed=lambda row: isinstance(row, WorkFiling) and row.is_closed,
        shown=lambda actor, row, role: actor.is_system or actor.has(VIEW),
    )
    register_scoped(
        SpotCheck,
        is_closed=lambda row: isinstance(row, SpotCheck) and row.is_closed,
        shown=lambda actor, row, role: actor.is_system or actor.has(VIEW),
    )
    register(NavItem("permits", _("作业报备"), "permits:filings", "send", duty=VIEW, order=20))
    register(NavItem("permits", _("作业抽查"), "permits:spot_checks", "search", duty=VIEW, order=29))
    register(NavItem("permits", _("危险作业机制"), "permits:mechanisms", "book", duty=VIEW, order=35))
    register(NavItem("permits", _("作业票审计"), "permits:audits", "clipboard", duty=VIEW, order=30))
    register(NavItem("permits", _("作业审计问题"), "permits:findings", "alert", duty=VIEW, order=31))
    register(NavItem("permits", _("典型案例"), "permits:exposed_cases", "book", order=34))
    register(NavItem("permits", _("作业违章记录"), "permits:violations", "user-check", duty=VIEW, order=32))
    register(NavItem("permits", _("审计统计"), "permits:audit_statistics", "chart", duty=VIEW, order=33))
