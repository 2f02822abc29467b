"""Records of education for the walk over the access table."""

from __future__ import annotations

from decimal import Decimal

from tests.architecture.records import Record
from tests.architecture.training_records import person as _marked
from tests.factories import NOW, District

from quancheng.domains.training.models import Person, Programme, RetrainingOrder, TrainingRecord
from quancheng.domains.training.queries.programmes import programme_of
from quancheng.domains.training.services.orders import order_retraining
from quancheng.domains.training.services.records import Learned, record_hours


def programme(district: District) -> Record:
    """Law, which whoever looks at persons may read."""
    row = Programme.objects.get(code="four-new")
    Programme.objects.filter(pk=row.pk).update(name="标记培训大纲")
    return Record({"pk": row.pk}, "标记培训大纲")


def _person(district: District) -> Person:
    return Person.objects.get(pk=_marked(district).arguments["pk"])


def order(district: District) -> Record:
    """What the first enterprise's person must learn again."""
    row = RetrainingOrder.objects.filter(note="标记再培训").first() or order_retraining(
        actor=district.enterprise, person=_person(district), reason="other", programme=programme_of("four-new"),
        needs_exam=False, off_post=False, due_date=NOW.date(), now=NOW, explained="标记再培训",
    )  # fmt: skip
    return Record({"pk": row.pk}, row.code)


def record(district: District) -> Record:
    """Hours of the same."""
    learned = Learned(
        programme=programme_of("retraining"), held_date=NOW.date(), hours=Decimal(2), teacher="讲师",
        place="标记培训室", content="标记内容",
    )  # fmt: skip
    row = TrainingRecord.objects.filter(place="标记培训室").first()
    row = row or record_hours(actor=district.enterprise, person=_person(district), learned=learned, now=NOW)
    return Record({"pk": row.pk}, "标记培训室")
