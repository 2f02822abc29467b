"""Keys of devices: each person's own on each device, told to nobody else; and the device's clock held against ours."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import District, house_actor, make_district
from tests.support.signing import signed_in

from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.phone import parts
from quancheng.kernel.phone.models import DeviceKey
from quancheng.kernel.phone.services import CLOCK_TOLERANCE, DeviceTime
from quancheng.kernel.tokens.services import create_token
from quancheng.kernel.vault import services as vault

NOW = datetime(2026, 9, 8, 1, 0, tzinfo=UTC)
API = "/api/v1/phone"


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def ask(client: Client, device: uuid.UUID, **more: Any) -> Any:
    return client.post(f"{API}/key", json.dumps({"device": str(device)}), content_type="application/json", **more)


def test_each_person_has_a_key_of_his_own_on_each_device_and_gets_it_again(district: District) -> None:
    town, other = signed_in(district.town), signed_in(district.other_town)
    device, second = uuid.uuid4(), uuid.uuid4()
    key = ask(town, device).json()["key"]
    assert len(base64.b64decode(key)) == 32
    assert ask(town, device).json()["key"] == key
    assert ask(town, second).json()["key"] != key
    assert ask(other, device).json()["key"] != key
    assert key not in "".join(DeviceKey.objects.values_list("key", flat=True)), "sealed in the database"
    vault.rotate(actor=house_actor(), now=timezone.now())
    assert ask(town, device).json()["key"] == key, "a new key of the vault changes nothing for the phone"


def test_a_key_that_stands_is_told_and_no_other_is_made_for_it(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    town, device = signed_in(district.town), uuid.uuid4()
    key = ask(town, device).json()["key"]
    monkeypatch.setattr("quancheng.kernel.phone.services.secrets.token_bytes", None)
    assert ask(town, device).json()["key"] == key
    assert JournalEntry.objects.filter(act="phone.key.make").count() == 1


def test_the_pack_is_written_once_and_its_tag_follows_what_is_in_it_and_the_language(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, Any] = {"a": Decimal("1.50"), "字": ["甲", None, 3], "at": NOW}
    monkeypatch.setattr(parts, "_parts", {"room": lambda actor, now: told})
    written: list[Any] = []
    dumps = json.dumps
    monkeypatch.setattr(parts.json, "dumps", lambda value, **how: written.append(value) or dumps(value, **how))
    town = signed_in(district.town)
    first = town.get(f"{API}/pack")
    assert [one for one in written if "甲" in repr(one)] == [{"room": told}]
    assert first.json() == {
        "tag": first["ETag"].strip('"'),
        "parts": {"room": {"a": "1.50", "字": ["甲", None, 3], "at": "2026-09-08T01:00:00Z"}},
    }
    assert first["Content-Type"] == "application/json"
    again = town.get(f"{API}/pack", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    english = town.get(f"{API}/pack", headers={"Accept-Language": "en", "If-None-Match": first["ETag"]})
    assert english.status_code == 200
    told["a"] = None
    assert town.get(f"{API}/pack")["ETag"] != first["ETag"]


def test_nobody_signed_in_and_no_token_gets_a_key(district: District) -> None:
    assert ask(Client(), uuid.uuid4()).status_code == 401
    assert Client().get(f"{API}/session").status_code == 401
    assert Client().get(f"{API}/pack").status_code == 401
    made = create_token(
        actor=district.town, name="程序", duties=[], can_write=True, addresses=[], days=30, now=timezone.now()
    )
    bearer = {"Authorization": f"Bearer {made.secret}"}
    assert ask(Client(), uuid.uuid4(), headers=bearer).status_code == 403
    assert not DeviceKey.objects.exists()


def test_the_session_tells_who_is_here_and_the_servers_time(district: District) -> None:
    answer = signed_in(district.town).get(f"{API}/session")
    body = answer.json()
    assert (body["user_id"], answer["Cache-Control"]) == (str(district.town.user_id), "no-store")
    assert abs(datetime.fromisoformat(body["server_now"]) - timezone.now()) < timedelta(minutes=1)


_MINUTES = st.integers(-5000, 5000).map(lambda number: timedelta(minutes=number))
_AGES = st.integers(0, 10_000).map(lambda number: timedelta(minutes=number))


@given(ahead=_MINUTES, age=_AGES)
def test_a_wrong_clock_is_put_right_and_no_time_is_after_now(ahead: timedelta, age: timedelta) -> None:
    told = DeviceTime.told(made_at=NOW - age + ahead, sent_at=NOW + ahead, now=NOW)
    ours = told.ours(NOW)
    assert ours <= NOW
    if abs(ahead) > CLOCK_TOLERANCE:
        assert ours == NOW - age
        assert told.doubts()
    else:
        assert abs(ours - (NOW - age)) <= CLOCK_TOLERANCE
        assert not told.doubts()
