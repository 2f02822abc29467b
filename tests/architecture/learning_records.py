"""Records of what jobs teach and of work plans for the walk."""

from __future__ import annotations

from tests.architecture.permit_records import _MARK, _permit
from tests.architecture.records import Record
from tests.domains.permits.factories import START
from tests.factories import District

_DAY = START.date().isoformat()


def plan(district: District) -> Record:
    """The day of the permit, on whose plan it stands."""
    return Record({"pk": _permit(district).file_id, "day": _DAY}, _MARK)


def plan_job(district: District) -> Record:
    return Record({"pk": _permit(district).pk, "day": _DAY}, _MARK)


def case(district: District) -> Record:
    """A case that ships, put into the analysis of the permit: it is the same for everybody."""
    return Record({"pk": _permit(district).pk, "code": "CASE-04"}, _MARK)
