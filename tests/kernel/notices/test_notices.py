"""Notices: told once, to the right person, in his language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.factories import NOW, District, make_actor, make_district, make_org
from tests.kernel.ladder.factories import make_item
from tests.support.retention import retire
from tests.support.signing import signed_in

from quancheng.kernel.errors import NotFound
from quancheng.kernel.events.models import Delivery
from quancheng.kernel.events.services import deliver
from quancheng.kernel.ids import uuid7
from quancheng.kernel.notices import channels, queries, services, texts
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.people.models import User
from quancheng.kernel.work.services import hand_on, urge

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


def tell(user: Any, **given: Any) -> Notice:
    data = {"title": "T-0001 专项检查", "from": "区安委办"}
    (notice,) = services.notify(users=[user], kind="work.urged", data=data, now=NOW, **given)
    return notice


def deliver_all() -> None:
    for delivery in Delivery.objects.filter(done_at=None):
        deliver(event_id=delivery.event_id, subscriber=delivery.subscriber, now=NOW)


def test_a_notice_reads_in_the_language_of_its_reader() -> None:
    data = {"title": "T-0001", "from": "SCO"}
    with translation.override("zh-hans"):
        assert texts.sentence_of("work.urged", data) == "SCO催办：T-0001"
    with translation.override("en"):
        assert texts.sentence_of("work.urged", data) == "SCO urges: T-0001"
    assert texts.sentence_of("gone.kind", data) == "T-0001"


def test_one_sees_and_reads_only_ones_own(district: District) -> None:
    notice = tell(district.officer.user_id)
    assert queries.count_unread(actor=district.officer) == 1
    assert queries.count_unread(actor=district.director) == 0
    with pytest.raises(NotFound):
        queries.get_notice(actor=district.director, notice_id=notice.pk)
    services.read_notice(actor=district.director, notice=notice, now=NOW)
    assert queries.count_unread(actor=district.officer) == 1
    services.read_notice(actor=district.officer, notice=notice, now=NOW)
    assert queries.count_unread(actor=district.officer) == 0


def test_a_kind_that_nobody_declared_is_a_mistake_of_ours(district: District) -> None:
    with pytest.raises(LookupError):
        services.notify(users=[district.officer.user_id], kind="no.such", data={}, now=NOW)


def test_urging_tells_whoever_holds_the_duty_and_only_the_taker_once_it_is_taken(district: District) -> None:
    item = make_item(district)
    urge(actor=district.officer, item=item, note="", now=NOW)
    deliver_all()
    told = set(Notice.objects.filter(kind="work.urged").values_list("user_id", flat=True))
    assert told == {district.department.user_id, district.department_head.user_id}
    Notice.objects.all().delete()
    item.person_id = district.department.user_id
    item.save()
    urge(actor=district.officer, item=item, note="", now=NOW)
    deliver_all()
    assert [one.user_id for one in Notice.objects.all()] == [district.department.user_id]
    deliver_all()
    assert Notice.objects.count() == 1


def test_an_item_without_holder_is_told_to_the_chief(district: District) -> None:
    org = make_org("示例区无人局", area=district.area)
    chief = make_actor(org, "department.head")
    make_actor(org, "analyst")
    item = make_item(district, owner_org=org, duty="nobody.holds_this")
    urge(actor=district.officer, item=item, note="", now=NOW)
    deliver_all()
    assert [one.user_id for one in Notice.objects.all()] == [chief.user_id]


def test_who_is_handed_an_item_hears_of_it(district: District) -> None:
    item = make_item(district)
    user = User.objects.get(pk=district.department_head.user_id)
    hand_on(actor=district.department, item=item, to_user=user, note="", now=NOW)
    deliver_all()
    notice = Notice.objects.get(kind="work.handed_on")
    assert (notice.user_id, notice.data["title"]) == (user.pk, item.title)


def test_lines_of_one_day_join_and_each_counts_once(district: District) -> None:
    user = district.officer.user_id
    assert user is not None

    def gather(*keys: str, day: str = "2026-09-08") -> Notice | None:
        lines = [{"key": key, "title": key} for key in keys]
        return services.gather(user=user, kind="work.due", key="work.due", lines=lines, now=NOW, day=day)

    gather("a", "b")
    notice = Notice.objects.get()
    services.read_notice(actor=district.officer, notice=notice, now=NOW)
    gather("b")
    assert queries.count_unread(actor=district.officer) == 0
    gather("b", "c")
    notice.refresh_from_db()
    assert (notice.data["count"], [line["key"] for line in notice.data["lines"]]) == (3, ["a", "b", "c"])
    assert queries.count_unread(actor=district.officer) == 1
    gather("a", day="2026-09-09")
    assert Notice.objects.count() == 2


def test_the_inbox_shows_marks_and_opens(district: District) -> None:
    notice = tell(district.officer.user_id)
    officer, other = signed_in(district.officer), signed_in(district.director)
    assert "T-0001 专项检查" in officer.get(reverse("notices:list")).content.decode()
    assert "T-0001 专项检查" not in other.get(reverse("notices:list")).content.decode()
    assert other.get(reverse("notices:open", args=[notice.pk])).status_code == 404
    assert officer.get(reverse("notices:open", args=[notice.pk])).status_code == 200
    notice.refresh_from_db()
    assert notice.read_at is not None
    tell(district.officer.user_id)
    assert officer.get(reverse("notices:list"), {"unread": "1"}).status_code == 200
    assert officer.post(reverse("notices:read_all")).status_code == 303
    assert queries.count_unread(actor=district.officer) == 0


def test_read_notices_go_after_a_year_and_unread_ones_stay(district: District) -> None:
    old, unread = tell(district.officer.user_id), tell(district.officer.user_id)
    services.read_notice(actor=district.officer, notice=old, now=NOW)
    assert retire("notices.notice", NOW + timedelta(days=365)) == 0
    assert retire("notices.notice", NOW + timedelta(days=366)) == 1
    assert Notice.objects.get() == unread


@pytest.fixture
def outside() -> Iterator[list[Notice]]:
    """An outside channel that keeps what it was given."""
    sent: list[Notice] = []

    class Kept:
        name = "test"

        def send(self, notice: Notice) -> None:
            sent.append(notice)

    channels.register_channel(Kept())
    yield sent
    channels.unregister_channel("test")


def test_an_outside_channel_gets_each_notice_by_a_job_of_its_own_and_none_already_read(
    district: District, outside: list[Notice]
) -> None:
    notice = tell(district.officer.user_id, subject_type="duty.task", subject_id=uuid7())
    assert outside == []
    job = ProcrastinateJob.objects.get(task_name="notices.send_out")
    assert job.args == {"notice_id": str(notice.pk), "channel": "test"}
    assert services.send_out(notice_id=notice.pk, channel="test")
    assert [one.pk for one in outside] == [notice.pk]
    services.read_notice(actor=district.officer, notice=notice, now=NOW)
    assert not services.send_out(notice_id=notice.pk, channel="test")
