from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DutyConfig(AppConfig):
    name = "quancheng.domains.duty"
    label = "duty"
    verbose_name = "任务"

    def ready(self) -> None:
        from quancheng.domains.duty import duties, imports, jobs, navigation, retention
        from quancheng.domains.duty.models import (
            Assignment,
            CampaignUnit,
            DutyRecord,
            Extension,
            Instalment,
            MeetingReceipt,
            OwnPlan,
            Plan,
            Problem,
            Progress,
            Receipt,
            Report,
            StudyRecord,
            Visit,
        )
        from quancheng.domains.duty.queries.governance import get_act
        from quancheng.domains.duty.queries.tasks import get_progress
        from quancheng.domains.duty.queries.visits import visits_to
        from quancheng.domains.duty.services.reports import GENERATOR, make_report
        from quancheng.domains.duty.services.tasks import complete_when_closed
        from quancheng.domains.registry.queries.timeline import declare_source
        from quancheng.kernel.access.whys import declare_part, declare_why
        from quancheng.kernel.events.services import subscribe
        from quancheng.kernel.files.holders import register_holder, register_scoped
        from quancheng.kernel.longwork.kinds import register_kind
        from quancheng.kernel.numbering.kinds import declare_kind
        from quancheng.kernel.schedule.generators import register_generator

        duties.declare()
        for code, label in (
            ("support", _("配合")),
            ("attendee", _("参会")),
            ("covered", _("列入专项行动")),
            ("vetoed", _("被一票否决")),
            ("visited", _("被督导")),
            ("member", _("小组成员")),
        ):
            declare_why(code, label)
        for part in (Assignment, CampaignUnit, Extension, MeetingReceipt, Receipt):
            declare_part(part._meta.label_lower)
        declare_kind("duty.minutes", _("会议纪要"), word="纪")
        navigation.register_all()
        retention.declare_rules()
        imports.register_all()
        subscribe("duty.assignment.*", complete_when_closed, name="duty.complete_task")
        register_generator(GENERATOR, make_report)
        declare_source("duty.visit", "visit", visits_to)
        for kind in jobs.KINDS:
            register_kind(kind)
        for model in (Plan, Assignment, Instalment, Problem, CampaignUnit, StudyRecord, Report, OwnPlan, Visit):
            register_scoped(model)
        # What is only ever added has evidence that stands from the first moment.
        register_holder(DutyRecord._meta.label_lower, get_act, is_closed=lambda row: True)
        register_holder(Progress._meta.label_lower, get_progress, is_closed=lambda row: True)
