"""The watch for fire after hot work: a photo at its start and its end, and no acceptance before."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.domains.permits.factories import ELSEWHERE, NOW, accepted, crew_of, make_permit
from tests.domains.permits.test_papers import pdf_text
from tests.domains.permits.test_sketches import picture
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import FireWatch, Permit
from quancheng.domains.permits.queries import phone_pack
from quancheng.domains.permits.services import figures, working
from quancheng.kernel.errors import Conflict
from quancheng.kernel.phone.parts import pack_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended(at):
    """Hot work that ended, of an enterprise that asks for photos or does not."""

    def of(*, is_asked=True):
        district = make_district()
        of.district, crew = district, crew_of(district)
        permit = make_permit(district, crew=crew, to="WORKING")
        if is_asked:
            figures.set_figure(
                actor=crew.head, file=permit.file, name="fire_photos_asked", value="1", from_date=NOW.date(),
                reason="企业规定", now=permit.started_at,
            )  # fmt: skip
        at[0] = permit.started_at + timedelta(minutes=5)
        working.finish_work(actor=crew.safety, permit=permit, note="完工", now=at[0])
        return crew, permit

    return of


def accept(crew, permit, now):
    return working.accept_work(actor=crew.head, permit=permit, note="好", now=now, **accepted("HW"))


def test_hot_work_is_accepted_after_its_watch_with_both_photos_alone(ended, at):
    crew, permit = ended()
    own, url, begun = client_of(crew.safety), f"/permits/{permit.pk}/fire-watch", at[0]
    assert own.get(url).status_code == 200
    told = {"act": "begin", "watcher": "某监火人", "minutes": "60"}
    assert own.post(url, told).status_code == 422
    text = SimpleUploadedFile("a.txt", b"plain words", "text/plain")
    assert own.post(url, {**told, "photos": text}).status_code == 422
    assert own.post(url, {**told, "minutes": "15", "photos": picture()}).status_code == 422
    assert own.post(url, {**told, "photos": picture()}).status_code == 303
    page = own.get(f"/permits/{permit.pk}?tab=guarding").content.decode()
    assert "还剩60分钟才能验收" in page
    (row,) = json.loads(pack_for(actor=crew.safety, now=at[0])[0])["permits"]["permits"]
    assert row["fire_watch_until"].startswith((begun + timedelta(minutes=60)).strftime("%Y-%m-%dT%H:%M"))
    # Half an hour is what the standard's watch would ask; this one was chosen longer.
    at[0] = begun + timedelta(minutes=45)
    with pytest.raises(Conflict, match="还差15分钟"):
        accept(crew, permit, at[0])
    own = client_of(crew.safety)
    early = own.post(url, {"act": "end", "words": "无残火", "photos": picture(2)})
    assert early.status_code == 409
    at[0] = begun + timedelta(minutes=60)
    with pytest.raises(Conflict, match="拍照结束"):
        accept(crew, permit, at[0])
    assert own.post(url, {"act": "end", "words": "无残火"}).status_code == 422
    assert own.post(url, {"act": "end", "words": "无残火", "photos": picture(2)}).status_code == 303
    row = FireWatch.objects.get()
    assert (row.minutes, row.ended_at) == (60, at[0])
    accept(crew, permit, at[0])
    assert permit.status == "ACCEPTED"
    printed = own.post(f"/permits/{permit.pk}/paper", {"what": "1", "medium": "pdf"})
    assert "监火：某监火人" in pdf_text(printed.content)
    assert "起止照片2张" in pdf_text(printed.content)


def test_an_enterprise_that_asks_for_photos_accepts_nothing_without_a_watch_told(ended, at):
    crew, permit = ended()
    with pytest.raises(Conflict, match="本系统要求：监火计时"):
        accept(crew, permit, at[0] + timedelta(minutes=31))


def test_without_the_switch_the_time_alone_counts(ended, at):
    crew, permit = ended(is_asked=False)
    with pytest.raises(Conflict, match="还差1分钟"):
        accept(crew, permit, at[0] + timedelta(minutes=29))
    accept(crew, permit, at[0] + timedelta(minutes=30))
    assert permit.status == "ACCEPTED"


def test_a_request_that_is_sent_twice_begins_once_and_ends_nothing(ended, at):
    crew, permit = ended()
    own, url, begun = client_of(crew.safety), f"/permits/{permit.pk}/fire-watch", at[0]
    assert 'value="begin"' in own.get(url).content.decode()
    told = {"act": "begin", "watcher": "某监火人", "minutes": "30", "client_id": str(uuid.uuid4())}
    for _again in range(2):
        assert own.post(url, {**told, "photos": picture()}).status_code == 303
    assert FireWatch.objects.get().begun_at == begun
    assert 'value="end"' in own.get(url).content.decode()
    # Another one who saw the page before it began begins no second.
    assert own.post(url, {**told, "client_id": str(uuid.uuid4()), "photos": picture(3)}).status_code == 409
    assert own.post(url, {"act": "", "words": "无残火", "photos": picture(2)}).status_code == 422
    at[0] = begun + timedelta(minutes=30)
    own = client_of(crew.safety)
    last = {"act": "end", "words": "无残火", "client_id": str(uuid.uuid4())}
    for _again in range(2):
        assert own.post(url, {**last, "photos": picture(2)}).status_code == 303
    assert FireWatch.objects.get().ended_at == at[0]


def test_the_photo_of_the_end_is_none_of_the_beginning(ended, at):
    crew, permit = ended()
    own, url, begun = client_of(crew.safety), f"/permits/{permit.pk}/fire-watch", at[0]
    told = {"act": "begin", "watcher": "某监火人", "minutes": "30"}
    assert own.post(url, {**told, "photos": picture()}).status_code == 303
    at[0] = begun + timedelta(minutes=30)
    own = client_of(crew.safety)
    same = own.post(url, {"act": "end", "words": "无残火", "photos": picture()})
    assert same.status_code == 422
    assert "不能与开始照片相同" in same.content.decode()
    assert "无残火" in same.content.decode()
    assert FireWatch.objects.get().ended_at is None


def taken(crew, now):
    return {one["id"]: one for one in json.loads(pack_for(actor=crew.safety, now=now)[0])["permits"]["permits"]}


def test_what_is_over_pushes_nothing_that_runs_off_a_phone_and_leaves_it_once_it_was_watched(ended, at, monkeypatch):
    crew, permit = ended()
    district = ended.district
    other = crew_of(district, "EX", order=810)
    runs = make_permit(district, "EX", crew=other, to="WORKING", at=ELSEWHERE, place="北门")
    # What is over is his own, and began earlier.
    Permit.objects.filter(pk=runs.pk).update(requester=None)
    both = taken(crew, at[0])
    assert both[str(permit.pk)]["is_mine"]
    assert both[str(permit.pk)]["fire_watch_until"] is not None
    with monkeypatch.context() as few:
        few.setattr(phone_pack, "MOST", 1)
        assert list(taken(crew, at[0])) == [str(runs.pk)]
    own, url, begun = client_of(crew.safety), f"/permits/{permit.pk}/fire-watch", at[0]
    told = {"act": "begin", "watcher": "某监火人", "minutes": "30"}
    assert own.post(url, {**told, "photos": picture()}).status_code == 303
    at[0] = begun + timedelta(minutes=30)
    assert str(permit.pk) in taken(crew, at[0])
    own = client_of(crew.safety)
    assert own.post(url, {"act": "end", "words": "无残火", "photos": picture(2)}).status_code == 303
    assert list(taken(crew, at[0])) == [str(runs.pk)]
