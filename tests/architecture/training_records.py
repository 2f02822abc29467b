"""Records of people at work for the walk."""

from __future__ import annotations

from tests.architecture.records import Record
from tests.domains.training.factories import make_person, make_post
from tests.factories import NOW, District

from quancheng.domains.training.models import HealthLimit, Person, PersonPost
from quancheng.domains.training.services.persons import enter_limit

_MARK = "标记从业人员"


def _person(district: District) -> Person:
    return Person.objects.filter(name=_MARK).first() or make_person(district, name=_MARK, order=901)


def person(district: District) -> Record:
    return Record({"pk": _person(district).pk}, _MARK)


def post(district: District) -> Record:
    row = PersonPost.objects.filter(title="标记任职").first()
    row = row or make_post(district, _person(district), "storekeeper", title="标记任职")
    return Record({"pk": row.person_id, "post_id": row.pk}, "标记任职")


def limit(district: District) -> Record:
    """What health forbids stands behind a tab of the enterprise alone."""
    row = HealthLimit.objects.filter(source="标记体检").first() or enter_limit(
        actor=district.enterprise, person=_person(district), limit="night", source="标记体检", from_date=NOW.date(),
        until_date=None, now=NOW,
    )  # fmt: skip
    return Record({"pk": row.person_id, "limit_id": row.pk}, "标记体检")
