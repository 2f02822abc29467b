from pathlib import Path

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TrainingConfig(AppConfig):
    name = "quancheng.domains.training"
    label = "training"
    verbose_name = "人员"

    def ready(self) -> None:
        from quancheng.domains.training import duties, imports, navigation, notices, retention
        from quancheng.domains.training.finding import Persons
        from quancheng.domains.training.models import Course, Person, PersonQualification, RuleDocument, TrainingRecord
        from quancheng.domains.training.queries import certificates, courses, persons
        from quancheng.domains.training.services.qualifications import has_ended
        from quancheng.kernel.dictionaries.services import register_data
        from quancheng.kernel.files.holders import register_scoped
        from quancheng.kernel.search.registry import register_search
        from quancheng.kernel.vault import services as vault

        duties.declare()
        navigation.register_all()
        imports.register_all()
        notices.declare_notices()
        retention.declare_rules()
        register_data(Path(__file__).parent / "data" / "health_limits.json")
        post_migrate.connect(_load_shipped, sender=self, dispatch_uid="training.load_shipped")
        register_scoped(Person, is_closed=lambda row: False, shown=persons.may_see_files)
        register_scoped(PersonQualification, is_closed=has_ended, shown=certificates.may_see_files)
        register_scoped(TrainingRecord, is_closed=lambda row: False, shown=persons.may_see_files)
        register_scoped(Course, is_closed=courses.has_ended, shown=persons.may_see_files)
        register_scoped(RuleDocument, is_closed=courses.has_ended, shown=persons.may_see_files)
        register_search(Persons())
        numbers = vault.reseal_of(Person, "resident_id", index="id_index", kind=vault.RESIDENT_ID)
        vault.register_column("training_person.resident_id:resident_id", numbers)
        vault.register_column("training_person.phone:phone", vault.reseal_of(Person, "phone"))
        kind = certificates.NUMBER
        cards = vault.reseal_of(PersonQualification, "number", index="number_index", kind=kind)
        vault.register_column(f"training_personqualification.number:{kind}", cards)


def _load_shipped(**kwargs: object) -> None:
    from quancheng.domains.training.services.shipped import load_shipped

    load_shipped()
