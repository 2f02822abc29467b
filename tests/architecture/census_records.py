"""Records of censuses, clues and merges for the walk."""

from __future__ import annotations

from datetime import timedelta

from tests.architecture.records import Record
from tests.domains.registry.factories import make_file
from tests.factories import NOW, District

from quancheng.domains.registry.models import Census, CensusArea, Enterprise
from quancheng.domains.registry.services import census as services
from quancheng.domains.registry.services.census import CensusSpec
from quancheng.domains.registry.services.clues import ClueSpec, report_clue
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.registry.services.merging import merge_files


def _census(district: District) -> Census:
    """One that runs: the first town goes round its street."""
    found = Census.objects.first()
    if found is not None:
        return found
    day = NOW.date()
    spec = CensusSpec("标记摸底", "示例文件", day, day + timedelta(days=30), questions=["标记自查项"])
    made = services.open_census(actor=district.officer, spec=spec, now=NOW)
    services.assign_areas(
        actor=district.officer, census=made, orgs=[district.town_org], due_date=day + timedelta(days=20), now=NOW
    )
    return services.start_census(actor=district.officer, census=made, now=NOW)


def _file(district: District) -> Enterprise:
    return Enterprise.objects.filter(pk=district.enterprise_org.pk).first() or open_own_file(
        actor=district.enterprise, kind="depot", known={"address": "标记路1号"}, now=NOW
    )


def census(district: District) -> Record:
    return Record({"pk": _census(district).pk, "act": "close"}, "标记摸底")


def census_area(district: District) -> Record:
    """With an enterprise to be met."""
    place = CensusArea.objects.get(census=_census(district))
    return Record({"pk": place.pk, "file": _file(district).pk, "act": "accept"}, "标记摸底")


def census_unseen(district: District) -> Record:
    """Its page is the round's; what it says of an enterprise is seen by whoever sees that file."""
    return Record(census_area(district).arguments, "标记摸底")


def census_visited(district: District) -> Record:
    """With somebody met already."""
    place = CensusArea.objects.get(census=_census(district))
    services.record_visit(
        actor=district.town, place=place, file=_file(district), result="changed", note="标记变化", evidence=[], now=NOW
    )
    return Record({"pk": place.pk}, "标记变化")


def clue(district: District) -> Record:
    """Found by the first town."""
    spec = ClueSpec("标记线索", district.street_area, "示例路3号", "三只大桶，约0.5吨")
    row = report_clue(actor=district.town, spec=spec, evidence=[], now=NOW)
    return Record({"pk": row.pk, "act": "verify"}, "标记线索")


def merge(district: District) -> Record:
    """Of two files of the first street."""
    double = make_file(district.town, area=district.street_area, name="标记重复场所", kind="unlicensed", code="")
    row = merge_files(actor=district.town, kept=_file(district), double=double, reason="标记同址", now=NOW)
    return Record({"pk": row.pk}, "标记同址")
