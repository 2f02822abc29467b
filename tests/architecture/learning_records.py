"""Records of what jobs teach and of work plans for the walk."""

from __future__ import annotations

from tests.architecture.permit_records import _MARK, _permit
from tests.architecture.records import Record
from tests.domains.hazards.factories import own_file
from tests.domains.permits.factories import NOW, START
from tests.factories import District

from quancheng.domains.permits.services.cases import Case, set_case

_DAY = START.date().isoformat()


def plan(district: District) -> Record:
    """The day of the permit, on whose plan it stands."""
    return Record({"pk": _permit(district).file_id, "day": _DAY}, _MARK)


def plan_job(district: District) -> Record:
    return Record({"pk": _permit(district).pk, "day": _DAY}, _MARK)


def case(district: District) -> Record:
    """A case that ships, put into the analysis of the permit: it is the same for everybody."""
    return Record({"pk": _permit(district).pk, "code": "CASE-04"}, _MARK)


def library_case(district: District) -> Record:
    """A case that ships. Nothing of it is anybody's: no answer is searched for it."""
    return Record({"code": "CASE-04"}, "库内案例没有标记")


def own_case(district: District) -> Record:
    """A case that the enterprise keeps for itself."""
    told = Case(
        code="Q-77", kinds=["CS"], title="标记本企业案例", cause="未检测", lesson="先检测", hazard="中毒",
        measure="检测合格后进入", source="本企业", mark="G", reason="本企业发生过",
    )  # fmt: skip
    set_case(actor=district.enterprise, told=told, file=own_file(district), now=NOW)
    return Record({"code": told.code}, told.title)
