"""The register of bypasses: asked for, approved by two, put back; its end is told, and what stays climbs."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from tests.domains.monitoring.tag_scene import GAS, make_scene, make_tag
from tests.factories import NOW, client_of, make_actor

from quancheng.domains.monitoring.models import Bypass
from quancheng.domains.monitoring.services import bypasses as services
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


class Here:
    """An enterprise with a detector and three of its people."""

    def __init__(self) -> None:
        self.scene = make_scene()
        self.file, org = self.scene.file, self.scene.district.enterprise_org
        Enterprise.objects.filter(pk=self.file.pk).update(supervisor=self.scene.district.department_org)
        self.file.refresh_from_db()
        self.tag = make_tag(self.scene, "X.1", **GAS)
        self.asks, self.first, self.second = (
            make_actor(org, "enterprise.head", name=name) for name in ("某甲", "某乙", "某丙")
        )

    def ask(self, *, hours: int = 8, actor: Actor | None = None, **known: Any) -> Bypass:
        given = {"tag": self.tag, "reason": "探头检修", "measure": "便携检测仪每小时巡检", **known}
        spec = services.BypassSpec(until=NOW + hours * HOUR, **given)
        return services.ask_bypass(actor=actor or self.asks, file=self.file, spec=spec, now=NOW)

    def stand(self, **known: Any) -> Bypass:
        row = self.ask(**known)
        services.agree_bypass(actor=self.first, row=row, now=NOW)
        return services.allow_bypass(actor=self.second, row=row, now=NOW)

    def told(self, kind: str) -> set[Any]:
        return set(Notice.objects.filter(kind=f"monitoring.{kind}").values_list("user_id", flat=True))


@pytest.fixture
def here() -> Here:
    return Here()


def test_two_others_approve_before_anything_is_bypassed_and_it_is_put_back_with_a_test(here: Here) -> None:
    row = here.ask()
    assert row.status == "ASKED"
    with pytest.raises(NotPermitted):
        services.agree_bypass(actor=here.asks, row=row, now=NOW)
    services.agree_bypass(actor=here.first, row=row, now=NOW)
    with pytest.raises(NotPermitted):
        services.allow_bypass(actor=here.first, row=row, now=NOW)
    services.allow_bypass(actor=here.second, row=row, now=NOW)
    row.refresh_from_db()
    assert (row.status, row.since_at, row.agreed_by.name, row.allowed_by.name) == ("STANDING", NOW, "某乙", "某丙")
    with pytest.raises(IntegrityError), transaction.atomic():
        Bypass.objects.filter(pk=row.pk).update(allowed_by=row.agreed_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        Bypass.objects.filter(pk=row.pk).update(asked_by=row.allowed_by)
    with pytest.raises(Conflict):
        here.ask()
    with pytest.raises(Invalid):
        services.restore_bypass(actor=here.asks, row=row, note=" ", now=NOW + HOUR)
    services.restore_bypass(actor=here.asks, row=row, note="投用，试验正常", now=NOW + HOUR)
    row.refresh_from_db()
    assert (row.status, row.ended_at) == ("RESTORED", NOW + HOUR)
    acts = JournalEntry.objects.filter(subject_id=row.pk).values_list("act", flat=True)
    assert {"monitoring.bypass.agree", "monitoring.bypass.allow", "monitoring.bypass.restore"} <= set(acts)
    assert here.ask().status == "ASKED"


def test_what_is_asked_says_what_why_and_what_stands_in_for_it_and_not_for_long(here: Here) -> None:
    cases: tuple[tuple[dict[str, Any], str, str], ...] = (
        ({"tag": None}, "what", "填写联锁"),
        ({"reason": " "}, "reason", "本系统要求 F-16"),
        ({"measure": ""}, "measure", "补偿措施"),
        ({"hours": 73}, "until", "最长72小时"),
        ({"hours": -1}, "until", "已过"),
    )  # fmt: skip
    for known, field, words in cases:
        with pytest.raises(Invalid) as refused:
            here.ask(**known)
        assert words in str(refused.value.fields[field]), field
    assert not Bypass.objects.exists()
    with pytest.raises(NotPermitted):
        here.ask(actor=here.scene.district.department)


def test_one_request_twice_asks_once_and_another_body_under_its_name_is_refused(here: Here) -> None:
    known = services.BypassSpec(what="LSHH-1", reason="检修", measure="专人监盘", until=NOW + 8 * HOUR)
    name = uuid.uuid4()

    def ask(spec: services.BypassSpec) -> Bypass:
        return services.ask_bypass(actor=here.asks, file=here.file, spec=spec, now=NOW, client_id=name)

    assert ask(known).pk == ask(known).pk
    with pytest.raises(Conflict):
        ask(replace(known, unit=here.scene.unit))


def test_its_end_is_told_and_what_stays_climbs_from_those_who_put_it_back_to_the_office(here: Here) -> None:
    row = here.stand()
    assert services.watch_bypasses(now=NOW + 6 * HOUR) == 0
    assert services.watch_bypasses(now=NOW + 7 * HOUR) == 1
    assert services.watch_bypasses(now=NOW + 7 * HOUR) == 0
    assert here.asks.user_id in here.told("bypass_ends")
    assert not here.told("bypass_overdue")
    assert services.watch_bypasses(now=NOW + 8 * HOUR) == 1
    assert here.first.user_id in here.told("bypass_overdue")
    assert not here.told("bypass_stands")
    assert services.watch_bypasses(now=NOW + 32 * HOUR) == 1
    assert here.scene.district.department.user_id in here.told("bypass_stands")
    assert here.asks.user_id not in here.told("bypass_stands")
    assert services.watch_bypasses(now=NOW + 40 * HOUR) == 0
    row.refresh_from_db()
    assert row.status == "STANDING"


def test_what_nobody_approved_in_time_lapses(here: Here) -> None:
    row = here.ask()
    with pytest.raises(Conflict):
        services.agree_bypass(actor=here.first, row=row, now=NOW + 8 * HOUR)
    assert services.watch_bypasses(now=NOW + 8 * HOUR) == 1
    row.refresh_from_db()
    assert row.status == "REFUSED"


def test_pages_ask_approve_and_put_back_and_others_read_what_they_supervise(here: Here) -> None:
    browser = client_of(here.asks)
    until = timezone.localtime(timezone.now() + 4 * HOUR).strftime("%Y-%m-%dT%H:%M")
    url = reverse("monitoring:bypass_new", args=[here.file.pk])
    bad = browser.post(url, {"what": "LSHH-1 高高液位联锁", "reason": "检修", "measure": "", "until": until})
    assert bad.status_code == 422
    assert "LSHH-1 高高液位联锁" in bad.content.decode()
    made = browser.post(url, {
        "what": "LSHH-1 高高液位联锁", "reason": "检修", "measure": "专人监盘", "until": until,
        "unit": here.scene.unit.pk,
    })  # fmt: skip
    assert made.status_code == 303, made.content.decode()
    row = Bypass.objects.get()
    page = reverse("monitoring:bypass", args=[row.pk])
    assert "专人监盘" in browser.get(page).content.decode()
    for who, act in ((here.first, "agree"), (here.second, "allow")):
        done = client_of(who).post(page, {"act": act, "from_state": row.status})
        assert done.status_code == 303, done.content.decode()
        row.refresh_from_db()
    assert row.status == "STANDING"
    office = client_of(here.scene.district.department)
    assert "LSHH-1" in office.get(reverse("monitoring:bypasses") + "?open=1").content.decode()
    assert client_of(here.scene.district.other_enterprise).get(page).status_code == 404
    done = browser.post(page, {"act": "restore", "from_state": "STANDING", "note": "投用，试验正常"})
    assert done.status_code == 303, done.content.decode()


def test_by_rest_the_same_way(here: Here) -> None:
    browser = client_of(here.asks)
    body = {
        "tag_id": str(here.tag.pk), "reason": "探头检修", "measure": "便携巡检",
        "until": (timezone.now() + 4 * HOUR).isoformat(),
    }  # fmt: skip
    url = f"/api/v1/monitoring/enterprises/{here.file.pk}/bypasses"

    def post(client: Any, address: str, given: dict[str, Any]) -> Any:
        return client.post(address, json.dumps(given), content_type="application/json")

    made = post(browser, url, body)
    assert made.status_code == 201, made.content.decode()
    one = f"/api/v1/monitoring/bypasses/{made.json()['id']}"
    assert post(browser, f"{one}/agree", {}).status_code == 403
    assert post(client_of(here.first), f"{one}/agree", {}).status_code == 200
    assert post(client_of(here.second), f"{one}/allow", {}).json()["status"] == "STANDING"
    assert len(browser.get("/api/v1/monitoring/bypasses?status=STANDING").json()["items"]) == 1
    assert post(browser, f"{one}/restore", {"note": "已投用"}).json()["status"] == "RESTORED"
    assert post(browser, url, {**body, "strange": 1}).status_code == 422
