from pathlib import Path

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy


class RegistryConfig(AppConfig):
    name = "quancheng.domains.registry"
    label = "registry"
    verbose_name = "档案"

    def ready(self) -> None:
        from quancheng.domains.registry import duties, imports, navigation, retention
        from quancheng.domains.registry.models import (
            Application,
            Clue,
            Contact,
            EnvironmentRecord,
            HazardCheck,
            Inspection,
            Licence,
            LicenceExit,
            MajorHazard,
            Project,
        )
        from quancheng.domains.registry.queries.census import get_visit
        from quancheng.domains.registry.queries.checks import get_visible_check
        from quancheng.domains.registry.queries.products import get_visible_sheet
        from quancheng.domains.registry.queries.storage_checks import visible_paper
        from quancheng.domains.registry.services import dossier
        from quancheng.domains.registry.services.expiry import NOTICE
        from quancheng.domains.registry.services.following import hear_supervisor
        from quancheng.domains.registry.services.licences import has_ended
        from quancheng.domains.registry.views.dossier import run_dossier
        from quancheng.kernel.events.services import subscribe
        from quancheng.kernel.files.holders import register_holder, register_scoped
        from quancheng.kernel.law.services import register_data
        from quancheng.kernel.longwork.kinds import Kind, register_kind
        from quancheng.kernel.notices.texts import declare_notice
        from quancheng.kernel.numbering.kinds import declare_kind
        from quancheng.kernel.vault import services as vault

        duties.declare()
        register_data(Path(__file__).parent / "data" / "checklists.json")
        post_migrate.connect(_load_shipped, sender=self, dispatch_uid="registry.load_shipped")
        declare_kind("registry.hazard", _("重大危险源备案"), word="危备")
        declare_kind("registry.filing", _("企业档案备案回执"), word="档备")
        navigation.register_all()
        imports.register_all()
        retention.declare_rules()
        contacts = vault.reseal_of(Contact, "phone", index="phone_index", kind=vault.PHONE)
        vault.register_column("registry_contact.phone:phone", contacts)
        vault.register_column("registry_application.phone:phone", vault.reseal_of(Application, "phone"))
        register_kind(Kind(code=dossier.KIND, label=_("企业档案"), run=run_dossier, limit_s=600))
        register_holder("registry.datasheet", get_visible_sheet)
        register_holder("registry.placepaper", visible_paper, is_closed=lambda row: True)
        register_holder("registry.censusvisit", get_visit)
        register_holder("registry.checkrecord", get_visible_check)
        for model in (MajorHazard, HazardCheck, Project, Clue, Inspection):
            register_scoped(model)
        register_scoped(LicenceExit)
        register_scoped(EnvironmentRecord, is_closed=lambda row: False)
        register_scoped(Licence, is_closed=has_ended)
        subscribe("registry.supervisor.changed", hear_supervisor, name="registry.supervisors")
        declare_notice(
            NOTICE,
            _("证照到期"),
            ngettext_lazy(
                "您单位有%(count)s个证照即将到期或已过期。", "您单位有%(count)s个证照即将到期或已过期。", "count"
            ),
            number="count",
        )


def _load_shipped(**kwargs: object) -> None:
    from django.utils import timezone

    from quancheng.domains.registry.services.chemicals import load_shipped

    load_shipped(now=timezone.now())
