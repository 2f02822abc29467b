"""Records of grid patrols for the walk: of a village in the first street, at places without an enterprise."""

from __future__ import annotations

from typing import Any

from tests.architecture.records import Record
from tests.domains.hazards.patrol_scene import TODAY, Village, make_village, put_right
from tests.factories import NOW, District

from quancheng.domains.hazards.models import PatrolClue, PatrolRoute
from quancheng.domains.hazards.services import patrol_rechecks


def _village(district: District, name: str) -> Village:
    return make_village(district, name)


def place(district: District) -> Record:
    row = _village(district, "东一村").place("标记巡查点")
    return Record({"pk": row.pk}, "标记巡查点")


def route(district: District) -> Record:
    village = _village(district, "东二村")
    row = village.route(village.place("路线上的库房"))
    PatrolRoute.objects.filter(pk=row.pk).update(name="标记巡查路线")
    return Record({"pk": row.pk}, "标记巡查路线")


def patrol(district: District) -> Record:
    village = _village(district, "东三村")
    row = village.due(village.route(village.place("待巡库房")))
    type(row).objects.filter(pk=row.pk).update(title="标记巡查任务")
    return Record({"pk": row.pk}, "标记巡查任务")


def clue(district: District) -> Record:
    village = _village(district, "东四村")
    row = village.clue(village.place("东四库房"))
    PatrolClue.objects.filter(pk=row.pk).update(title="标记网格线索")
    return Record({"pk": row.pk}, "标记网格线索")


def recheck(district: District) -> Record:
    """Sent and not answered: the enterprise is not to know."""
    village = _village(district, "东五村")
    known: dict[str, Any] = {"officer": village.officer.user_id, "due_date": TODAY, "ask": "标记网格复查", "now": NOW}
    row = patrol_rechecks.assign_recheck(actor=district.town, finding=put_right(district), **known)
    return Record({"pk": row.pk}, "标记网格复查")
