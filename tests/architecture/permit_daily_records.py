"""Records of what permits are asked each shift and day, for the walk."""

from __future__ import annotations

from datetime import timedelta

from tests.architecture.permit_records import _permit
from tests.architecture.records import Record
from tests.domains.permits.factories import own_file
from tests.factories import NOW, District

from quancheng.domains.permits.models import PermitPerson, ShiftHandOver, TalkAttendance, ThinkCard, ToolboxTalk
from quancheng.domains.permits.queries.talks import drawn_of
from quancheng.domains.permits.services.working import CLOCK
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.services import enter


def shift_hand_over(district: District) -> Record:
    row = ShiftHandOver.objects.filter(incoming_shift="标记早班").first()
    if row is None:
        file = own_file(district)
        row = ShiftHandOver(
            **file.row_scope(), pk=uuid7(), file=file, outgoing_shift="标记夜班", incoming_shift="标记早班",
            began_at=NOW + timedelta(hours=1),
        )  # fmt: skip
        enter(actor=CLOCK, row=row, now=NOW)
    return Record({"pk": row.pk}, "标记早班")


def talk(district: District) -> Record:
    """Its permit is shown by its pages; it has no mark of its own."""
    permit = _permit(district)
    topics, asked_of = drawn_of(permit)
    row = permit.talks.first() or ToolboxTalk.objects.create(
        permit=permit, day=NOW.date(), topics=topics, asked_of=asked_of, led_by="某负责人", began_at=NOW,
        closes_at=NOW + timedelta(minutes=5),
    )  # fmt: skip
    return Record({"pk": permit.pk, "talk": row.pk}, "标记班前会")


def attendance(district: District) -> Record:
    told = talk(district).arguments
    worker = PermitPerson.objects.get(permit=told["pk"], part="WORKER")
    row, _made = TalkAttendance.objects.get_or_create(talk_id=told["talk"], person=worker, defaults={"came_at": NOW})
    return Record({**told, "attendance": row.pk}, "某作业人")


def card(district: District) -> Record:
    """A card with a no that nobody settled."""
    permit = _permit(district)
    row = ThinkCard.objects.filter(permit=permit).first()
    if row is None:
        row = ThinkCard.objects.create(
            permit=permit, is_clear=False, by_name="某人", answered_at=NOW,
            answers=[{"code": "TASK", "text": "标记停一停", "is_yes": False}],
        )  # fmt: skip
    return Record({"pk": permit.pk, "card": row.pk}, "标记停一停")
