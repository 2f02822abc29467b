"""Records for the walk: one of each kind, with a mark in its text that nobody may read who may not see it.

A function takes the scene's district and returns a :class:`Record`; a file of ``access/`` names it under ``[records]``.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from tests.factories import NOW, District, house_actor, make_member, make_org

from quancheng.kernel.access.models import Share
from quancheng.kernel.events.models import Event
from quancheng.kernel.events.services import publish
from quancheng.kernel.exchange.models import Webhook
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.people.accounts import set_phone
from quancheng.kernel.retention.models import RetentionHold
from quancheng.kernel.tokens.services import create_token
from quancheng.kernel.vault import services as vault
from quancheng.kernel.work.models import WorkItem


@dataclass(frozen=True)
class Record:
    """:ivar arguments: what the addresses of this record take.

    :ivar mark: a text that only pages of this record carry.
    """

    arguments: dict[str, Any]
    mark: str


def copied_item(district: District) -> Record:
    """A copy to the first town of what a unit that supervises nobody owes."""
    mark = "标记抄送事项"
    outside = make_org("示例区报社", kind="group")
    item = WorkItem.objects.create(
        owner_org=outside, subject_type="duty.task", subject_id=uuid.uuid4(), loop_code="t.row", state="OPEN",
        duty="t.do", title=mark, entered_at=NOW, due_at=NOW, reach="own",
    )  # fmt: skip
    share = Share.objects.create(
        subject_type=item.subject_type, subject_id=item.subject_id, to_org=district.town_org, why="copy", granted_at=NOW
    )
    return Record({"share_id": share.pk}, mark)


def town_item(district: District) -> Record:
    """An open step of the first town."""
    mark = "标记甲街道事项"
    item = WorkItem.objects.create(
        owner_org=district.town_org, area=district.street_area, subject_type="t.row", subject_id=uuid.uuid4(),
        loop_code="t.row", state="OPEN", duty="work.urge", title=mark, entered_at=NOW, due_at=NOW,
    )  # fmt: skip
    return Record({"item_id": item.pk, "act": "hand_on"}, mark)


def enterprise_item(district: District) -> Record:
    """An open step of the first enterprise, which no supervisor may see."""
    mark = "标记企业内部事项"
    item = WorkItem.objects.create(
        owner_org=district.enterprise_org, area=district.street_area, subject_type="t.row", subject_id=uuid.uuid4(),
        loop_code="t.row", state="OPEN", duty="work.urge", title=mark, entered_at=NOW, due_at=NOW, reach="own",
    )  # fmt: skip
    return Record({"item_id": item.pk, "act": "hand_on"}, mark)


def enterprise(district: District) -> Record:
    """The second enterprise itself."""
    return Record({"organisation_id": district.other_enterprise_org.pk}, district.other_enterprise_org.name)


def clerk(district: District) -> Record:
    """Somebody of the first enterprise, in the directory."""
    place = make_member(district.enterprise_org, "enterprise.worker", name="标记通讯录人员")
    set_phone(actor=house_actor(), user_id=place.user_id, phone="0005550177", now=NOW)
    return Record({"user_id": place.user_id}, "标记通讯录人员")


def hold(district: District) -> Record:
    """A hold on all shares, which administrators alone may see."""
    row = RetentionHold.objects.create(rule="access.share", reason="标记保全原因", set_at=NOW)
    return Record({"hold_id": row.pk}, "标记保全原因")


def token(district: District) -> Record:
    """A token of the office's director."""
    made = create_token(
        actor=district.director, name="标记接口令牌", duties=[], can_write=False, days=9, now=timezone.now()
    )
    return Record({"token_id": made.token.pk}, "标记接口令牌")


def webhook(district: District) -> Record:
    """A webhook of the office."""
    row = Webhook.objects.create(
        membership_id=district.director.membership_id, name="标记事件推送", url="https://hooks.example/",
        patterns=["*"], secret=vault.seal("webhook", "s"), created_at=NOW,
    )  # fmt: skip
    return Record({"webhook_id": row.pk, "name": "ping"}, "标记事件推送")


def event(district: District) -> Record:
    """An event of a row of the first enterprise alone; pollers see it by its row's id."""
    item = WorkItem.objects.create(
        owner_org=district.enterprise_org, subject_type="t.row", subject_id=uuid.uuid4(), loop_code="t.row",
        state="OPEN", duty="t.do", title="标记事件", entered_at=NOW, due_at=NOW, reach="own",
    )  # fmt: skip
    published = publish("test.marked", item, actor=house_actor(), now=NOW)
    return Record({}, str(Event.objects.get(pk=published.pk).subject_id))


def long_work(district: District) -> Record:
    """Work in the background that the office's director asked for."""
    mark = "标记后台任务"
    work = LongWork.objects.create(
        user_id=district.director.user_id, membership_id=district.director.membership_id, kind="t.kind", title=mark,
        language="zh-hans", job_id=0, created_at=NOW,
    )  # fmt: skip
    return Record({"pk": work.pk}, mark)
