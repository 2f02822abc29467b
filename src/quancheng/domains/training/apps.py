from pathlib import Path

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    name = "quancheng.domains.training"
    label = "training"
    verbose_name = "人员"

    def ready(self) -> None:
        from quancheng.domains.training import duties, imports, jobs, navigation, notices, retention
        from quancheng.domains.training.contractor_wiring import connect_contractors
        from quancheng.domains.training.finding import Persons
        from quancheng.domains.training.models import (
            Course,
            ExamSitting,
            Person,
            PersonQualification,
            RuleDocument,
            TrainingRecord,
        )
        from quancheng.domains.training.pool_wiring import connect_pools
        from quancheng.domains.training.queries import certificates, courses, persons
        from quancheng.domains.training.queries.exams import is_handed_in
        from quancheng.domains.training.services.exam_results import CERTIFICATE
        from quancheng.domains.training.services.exams import CODE
        from quancheng.domains.training.services.qualifications import has_ended
        from quancheng.domains.training.services.unified import UNIFIED
        from quancheng.kernel.dictionaries.services import register_data
        from quancheng.kernel.events.services import subscribe
        from quancheng.kernel.files.holders import register_scoped
        from quancheng.kernel.numbering.kinds import declare_kind
        from quancheng.kernel.search.registry import register_search
        from quancheng.kernel.vault import services as vault

        duties.declare()
        connect_contractors()
        connect_pools()
        navigation.register_all()
        imports.register_all()
        notices.declare_notices()
        retention.declare_rules()
        register_data(Path(__file__).parent / "data" / "health_limits.json")
        register_data(Path(__file__).parent / "data" / "subjects.json")
        subscribe(UNIFIED, jobs.hear_unified, name="training.unified")
        post_migrate.connect(_load_shipped, sender=self, dispatch_uid="training.load_shipped")
        register_scoped(Person, is_closed=lambda row: False, shown=persons.may_see_files)
        register_scoped(PersonQualification, is_closed=has_ended, shown=certificates.may_see_files)
        register_scoped(TrainingRecord, is_closed=lambda row: False, shown=persons.may_see_files)
        register_scoped(Course, is_closed=courses.has_ended, shown=persons.may_see_files)
        register_scoped(RuleDocument, is_closed=courses.has_ended, shown=persons.may_see_files)
        register_search(Persons())
        register_scoped(ExamSitting, is_closed=is_handed_in, shown=persons.may_see_files)
        declare_kind(CERTIFICATE, _("考试合格证明"), word="考合")
        vault.register_column(f"training_examsitting.code:{CODE}", vault.reseal_of(ExamSitting, "code", kind=CODE))
        numbers = vault.reseal_of(Person, "resident_id", index="id_index", kind=vault.RESIDENT_ID)
        vault.register_column("training_person.resident_id:resident_id", numbers)
        vault.register_column("training_person.phone:phone", vault.reseal_of(Person, "phone"))
        kind = certificates.NUMBER
        cards = vault.reseal_of(PersonQualification, "number", index="number_index", kind=kind)
        vault.register_column(f"training_personqualification.number:{kind}", cards)


def _load_shipped(**kwargs: object) -> None:
    from quancheng.domains.training.services.outside_rules import load_outside_rules
    from quancheng.domains.training.services.shipped import load_shipped

    load_shipped()
    load_outside_rules()
