"""Revalidations over REST: the rules of the page, told to programs."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.domains.permits.factories import FOUND, NOW, START, crew_of, make_permit, own_file
from tests.factories import client_of, make_actor, make_district

from quancheng.domains.permits.models import PermitPerson, Revalidation
from quancheng.domains.permits.services import preparing, shifts
from quancheng.domains.permits.services.figures import set_figure
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people.models import Role

pytestmark = pytest.mark.django_db
API = "/api/v1/permits"
MIN, HOUR = timedelta(minutes=1), timedelta(hours=1)
LINES = ["早班 08:00", "中班 16:00", "夜班 00:00"]
#: 16:00 in Shanghai.
CHANGE = NOW + 7 * HOUR


class Scene:
    """A permit, whoever of its enterprise signs for the unit and organises the work, and the clock."""

    def __init__(self, at: list[datetime], kind: str, to: str) -> None:
        self.district, self.clock = make_district(), at
        self.crew, self.file = crew_of(self.district, kind), own_file(self.district)
        hours = timedelta(hours=20)
        self.permit = make_permit(self.district, kind, crew=self.crew, to=to, window_end=START + hours)
        self.at = f"permits/{self.permit.pk}"
        at[0] = NOW + 20 * MIN

    # Whoever works eight hours later signs in anew.
    @property
    def own(self) -> Any:
        return client_of(self.crew.safety)

    @property
    def head(self) -> Any:
        return client_of(self.crew.head)

    def switch_on(self, name: str, value: str) -> None:
        set_figure(actor=self.crew.head, file=self.file, name=name, value=value, from_date=NOW.date(), reason="启用",
                   now=NOW)  # fmt: skip

    def get(self, path: str, client: Any = None, **query: Any) -> Any:
        return (client or self.own).get(f"{API}/{path}", query)

    def post(self, path: str, body: dict[str, Any] | None = None, client: Any = None, *, key: str = "") -> Any:
        return (client or self.own).post(
            f"{API}/{path}", json.dumps(body or {}), content_type="application/json",
            headers={"Idempotency-Key": key or str(uuid.uuid4())},
        )  # fmt: skip

    def strangers(self, path: str, body: dict[str, Any] | None = None) -> list[int]:
        """What another enterprise, an office, and somebody of the enterprise who only sees it get who act."""
        Role.objects.get_or_create(code="test.sees", defaults={"name": "巡查", "duties": ["permits.view"]})
        sees = make_actor(self.district.enterprise_org, "test.sees", name=f"某巡查工{uuid.uuid4().hex[:4]}")
        who = (self.district.other_enterprise, self.district.department, sees)
        return [self.post(path, body, client_of(one)).status_code for one in who]


@pytest.fixture
def crossing(at: list[datetime]) -> Any:
    """Work that ran into the next shift, and that somebody looked at in it."""

    def build(kind: str = "EX", *, looked: bool = True) -> Scene:
        here = Scene(at, kind, "WORKING")
        shifts.set_shifts(actor=here.crew.head, file=here.file, unit=None, lines=LINES, from_date=NOW.date(),
                          reason="公司制度", now=NOW)  # fmt: skip
        here.switch_on("revalidate_min", "60")
        at[0] = CHANGE + 20 * MIN
        if looked:
            preparing.check_site(actor=here.crew.safety, permit=here.permit, found=FOUND, now=at[0])
        return here

    return build


# Revalidation --------------------------------------------------------------------------------------------------------


def test_a_permit_is_revalidated_by_a_program_and_each_word_is_read_with_who_gave_it(crossing: Any) -> None:
    here = crossing()
    at = f"{here.at}/revalidations"
    assert here.get(at).json() == []
    made = here.post(at, {"opinion": " 条件未变，同意继续 "}, here.head)
    assert made.status_code == 201, made.content.decode()
    told = made.json()
    assert (told["shift"], told["opinion"], told["signed_by"]) == ("中班", "条件未变，同意继续", here.crew.head.name)
    assert datetime.fromisoformat(told["shift_began_at"]) == CHANGE
    assert datetime.fromisoformat(told["signed_at"]) == here.clock[0]
    here.clock[0] += MIN
    later = here.post(at, {"opinion": "再次复核"}, here.head).json()
    for reader in (here.own, client_of(here.district.department)):
        assert here.get(at, reader).json() == [later, told]
    assert here.get(at, client_of(here.district.other_enterprise)).status_code == 404
    assert JournalEntry.objects.filter(act="permits.permit.revalidate").count() == 2


def test_a_revalidation_sent_twice_counts_once_and_answers_the_same(crossing: Any) -> None:
    here = crossing()
    key, at = str(uuid.uuid4()), f"{here.at}/revalidations"
    first = here.post(at, {"opinion": "同意"}, here.head, key=key)
    here.clock[0] += MIN
    assert here.post(at, {"opinion": "再次复核"}, here.head).status_code == 201
    again = here.post(at, {"opinion": "同意"}, here.head, key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert Revalidation.objects.count() == 2
    other = here.post(at, {"opinion": "不同"}, here.head, key=key)
    assert (other.status_code, other.json()["code"]) == (409, "client_id_reused")


def test_who_may_not_and_what_cannot_be_read_revalidates_nothing(crossing: Any) -> None:
    here = crossing()
    at = f"{here.at}/revalidations"
    assert here.strangers(at, {"opinion": "同意"}) == [404, 403, 403]
    empty = here.post(at, {"opinion": " "}, here.head)
    assert (empty.status_code, list(empty.json()["fields"])) == (422, ["opinion"])
    for body in ({}, {"opinion": "长" * 501}):
        refused = here.post(at, body, here.head)
        assert (refused.status_code, list(refused.json()["fields"])) == (422, ["body.opinion"])
    unknown = here.post(at, {"opinion": "同意", "shift": "早班"}, here.head)
    assert (unknown.status_code, list(unknown.json()["fields"])) == (422, ["body.shift"])
    worker = PermitPerson.objects.get(permit=here.permit, part="WORKER").person.name
    himself = make_actor(here.district.enterprise_org, "enterprise.head", name=worker)
    assert here.post(at, {"opinion": "同意"}, client_of(himself)).status_code == 409
    assert not Revalidation.objects.exists()


def test_what_was_not_looked_at_or_fails_a_check_is_refused_with_the_checks(crossing: Any) -> None:
    here = crossing("CS", looked=False)
    at = f"{here.at}/revalidations"
    unseen = here.post(at, {"opinion": "同意"}, here.head)
    assert unseen.status_code == 409
    assert "本班还没有现场核查" in unseen.json()["detail"]
    preparing.check_site(actor=here.crew.safety, permit=here.permit, found=FOUND, now=here.clock[0])
    refused = here.post(at, {"opinion": "同意"}, here.head)
    assert (refused.status_code, refused.json()["code"]) == (409, "permit_refused")
    found = refused.json()["facts"]["answers"]
    assert "C-02" in {one["code"] for one in found}, "gas is tested anew"
    assert all(one["clause"] and one["remedy"] for one in found)
    assert JournalEntry.objects.get(act="permits.permit.refuse").facts["move"] == "revalidate"
    assert not Revalidation.objects.exists()
