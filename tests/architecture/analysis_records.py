"""Records of analyses for the walk: all of the first enterprise."""

from __future__ import annotations

from datetime import timedelta

from tests.architecture.census_records import _file
from tests.architecture.records import Record
from tests.architecture.risk_records import _unit
from tests.domains.risk.factories import (
    in_force,
    make_analysis,
    make_environmental,
    make_lopa,
    make_reaction,
    make_row,
    make_start_stop,
)
from tests.factories import NOW, District, make_actor

from quancheng.domains.risk.models import Classing, Clearing, EnterpriseIndex, IndexWarning
from quancheng.domains.risk.services.classings import class_enterprise
from quancheng.domains.risk.services.index import work_out
from quancheng.kernel.loops.services import enter


def analysis(district: District) -> Record:
    row = make_analysis(district.enterprise, _unit(district), title="标记风险分析")
    return Record({"pk": row.pk}, row.code)


def analysis_new(district: District) -> Record:
    return Record({"pk": _unit(district, "标记分析单元").pk, "method": "jha"}, "标记分析单元")


def analysis_row(district: District) -> Record:
    row = make_row(district.enterprise, make_analysis(district.enterprise, _unit(district)), hazard="标记危险因素")
    return Record({"pk": row.pk}, "标记危险因素")


def recommendation(district: District) -> Record:
    made = make_analysis(district.enterprise, _unit(district), "HAZOP")
    make_row(district.enterprise, made, suggestion="标记分析改进")
    in_force(district.enterprise, make_actor(district.enterprise_org, "enterprise.safety"), made)
    return Record({"pk": made.recommendations.get().pk}, "标记分析改进")


def lopa(district: District) -> Record:
    return Record({"pk": make_lopa(district.enterprise, _unit(district), name="标记场景").pk}, "标记场景")


def reaction(district: District) -> Record:
    return Record({"pk": make_reaction(district.enterprise, _file(district), title="标记反应").pk}, "标记反应")


def classing(district: District) -> Record:
    file = _file(district)
    row = Classing.objects.filter(file=file).first() or class_enterprise(
        actor=district.department, file=file, kind="rectify", grounds="标记定类依据", demands="整改",
        due=(NOW + timedelta(days=30)).date(), now=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk}, row.grounds)


def start_stop(district: District) -> Record:
    row = make_start_stop(district.enterprise, _file(district), units=[_unit(district)], title="标记开停车")
    return Record({"pk": row.pk}, "标记开停车")


def environmental(district: District) -> Record:
    row = make_environmental(district.enterprise, _file(district), title="标记环保设施")
    return Record({"pk": row.pk}, "标记环保设施")


def clearing(district: District) -> Record:
    """One of the four, whatever the class of the first enterprise is."""
    file = _file(district)
    row = Clearing.objects.filter(file=file, kind="staff").first() or enter(
        actor=district.department, now=NOW,
        row=Clearing(
            **file.row_scope(), file=file, supervisor_id=file.supervisor_id, kind="staff", title="标记清零事项",
            due_date=(NOW + timedelta(days=30)).date(), created_at=NOW,
        ),
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记清零事项")


def index(district: District) -> Record:
    """The index of the first enterprise, known by what brings most to it."""
    file = _file(district)
    work_out(ids=[file.pk], because="night", now=NOW)
    named = [{"code": "base", "zh": "标记指数贡献", "en": "标记指数贡献", "points": 1.0}]
    EnterpriseIndex.objects.filter(file=file).update(contributions=named)
    return Record({"pk": file.pk}, "标记指数贡献")


def warning(district: District) -> Record:
    file = _file(district)
    row = IndexWarning.objects.filter(file=file).exclude(status="CLOSED").first() or enter(
        actor=district.department, now=NOW,
        row=IndexWarning(
            **file.row_scope(), file=file, supervisor_id=file.supervisor_id, title="标记风险预警", level=2, r=65,
            created_at=NOW,
        ),
    )  # fmt: skip
    IndexWarning.objects.filter(pk=row.pk).update(title="标记风险预警")
    return Record({"pk": row.pk}, "标记风险预警")
