"""Records of people at work for the walk."""

from __future__ import annotations

from tests.architecture.records import Record
from tests.domains.training.factories import make_certificate, make_person, make_post, own_file
from tests.factories import NOW, District

from quancheng.domains.training.models import (
    CertificateKind,
    HealthLimit,
    Person,
    PersonPost,
    PersonQualification,
    RoleRequirement,
    StaffQuota,
    WorkRole,
)
from quancheng.domains.training.services.catalogue import add_kind
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


def certificate(district: District) -> Record:
    row = PersonQualification.objects.filter(issuer="标记发证机关").first()
    row = row or make_certificate(district, _person(district), number="标记号0001", issuer="标记发证机关")
    return Record({"pk": row.pk}, "标记号0001")


def certificate_kind(district: District) -> Record:
    """Law, which whoever looks at persons may read."""
    row = CertificateKind.objects.filter(code="MARK-1").first()
    if row is None:
        known = {"group": "local", "name": "标记证书种类", "mark": "D", "years_mark": "D"}
        row = add_kind(actor=district.officer, code="MARK-1", known=known, reason="标记", now=NOW)
    return Record({"pk": row.pk}, "标记证书种类")


def staff(district: District) -> Record:
    """Posts of the first enterprise, of which this title is one."""
    post(district)
    return Record({"pk": own_file(district).pk}, "标记任职")


def work_role(district: District) -> Record:
    """Law, as the catalogue."""
    row = WorkRole.objects.get(code="work_guardian")
    WorkRole.objects.filter(pk=row.pk).update(name="标记工种角色")
    return Record({"pk": row.pk}, "标记工种角色")


def requirement(district: District) -> Record:
    row = RoleRequirement.objects.get(code="work_guardian-certificate")
    return Record({"pk": row.pk}, "标记任职要求")


def quota(district: District) -> Record:
    """Law, which whoever looks at persons may read."""
    row = StaffQuota.objects.get(code="engineer-least")
    StaffQuota.objects.filter(pk=row.pk).update(basis="标记配备依据", basis_en="")
    return Record({"pk": row.pk}, "标记配备依据")
