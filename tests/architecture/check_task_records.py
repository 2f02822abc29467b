"""Records of check tasks, of what is due, of stoppages and of made-up records for the walk: of the first enterprise."""

from __future__ import annotations

from datetime import timedelta

from tests.architecture.records import Record
from tests.domains.hazards.check_factories import Plant, first_due, make_plant, make_task
from tests.factories import NOW, District

from quancheng.domains.hazards.models import RecordFlag, StopReview, UnitStop
from quancheng.domains.hazards.services.check_records import CheckSpec, record_check
from quancheng.domains.hazards.services.special_periods import switch_on
from quancheng.domains.hazards.services.unit_stops import stop_unit
from quancheng.domains.risk.models import Post, RiskObject


def _plant(district: District) -> Plant:
    """Each of its own name, since records of one scene stand beside each other."""
    number = RiskObject.objects.count() + Post.objects.count()
    return make_plant(district, number=number)


def check_task(district: District) -> Record:
    row = make_task(_plant(district), content="标记排查任务")
    return Record({"pk": row.pk}, "标记排查任务")


def check_due(district: District) -> Record:
    row = first_due(make_task(_plant(district), content="标记待查任务"))
    return Record({"pk": row.pk}, "标记待查任务")


def check_record(district: District) -> Record:
    plant = _plant(district)
    task = make_task(plant)
    row = record_check(actor=plant.worker, task=task, spec=CheckSpec(status=0, note="标记排查记录"), now=NOW)
    return Record({"pk": row.pk}, "标记排查记录")


def unit_stop(district: District) -> Record:
    return Record({"pk": _stop(district, "标记停用原因").pk}, "标记停用原因")


def _stop(district: District, reason: str) -> UnitStop:
    plant = _plant(district)
    return stop_unit(
        actor=plant.safety, unit=plant.unit, begins_at=NOW - timedelta(days=40), ends_at=None, reason=reason, now=NOW
    )


def stop_review(district: District) -> Record:
    row = StopReview.objects.get(stop=_stop(district, "大修"))
    StopReview.objects.filter(pk=row.pk).update(comment="标记停用核查")
    return Record({"pk": row.pk}, "标记停用核查")


def record_flag(district: District) -> Record:
    """The enterprise does not hear of it before it is confirmed."""
    plant = _plant(district)
    row = RecordFlag.objects.create(
        file=plant.file, code="BURST", text={"zh": "标记记录异常", "en": "标记记录异常"}, digest=str(plant.unit.pk),
        last_at=NOW, found_at=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记记录异常")


def special_period(district: District) -> Record:
    row = switch_on(
        actor=district.officer, code="EVENT", name="标记特殊时段", first_date=NOW.date(), last_date=NOW.date(),
        doubles=False, now=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记特殊时段")
