"""Records of permits of special work for the walk."""

from __future__ import annotations

from tests.architecture.records import Record
from tests.domains.permits.factories import crew_of, make_draft, prepare
from tests.factories import District

from quancheng.domains.permits.models import Permit, PermitPerson

_MARK = "标记作业内容"


def _permit(district: District) -> Permit:
    found = Permit.objects.filter(content=_MARK).first()
    if found is None:
        # Not hot work: a special period among the records would have it upgraded.
        crew = crew_of(district, "CS", order=760)
        found = make_draft(district, "CS", crew, content=_MARK)
        prepare(crew, found)
    return found


def permit(district: District) -> Record:
    return Record({"pk": _permit(district).pk}, _MARK)


def person(district: District) -> Record:
    """Somebody on it, whose file the same people read."""
    row = PermitPerson.objects.filter(permit=_permit(district), part="WORKER").get()
    return Record({"pk": row.permit_id, "row_id": row.pk}, "某作业人")


def measure(district: District) -> Record:
    """A row of the form, which is the standard's: it has no mark of its own."""
    return Record({"pk": _permit(district).pk, "code": "CS-03"}, "标记安全措施")
