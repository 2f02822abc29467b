"""The twelve steps of building dual prevention: told by facts and papers, accepted by the regulator, counted."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.domains.hazards.check_factories import make_task
from tests.domains.hazards.factories import own_file
from tests.domains.risk.factories import make_assessment, make_event, make_measure, make_object, make_post, make_unit
from tests.factories import NOW, District, client_of, make_actor, make_district, make_file

from quancheng.domains.hazards.models import BuildingAcceptance, PaperKind
from quancheng.domains.hazards.queries import building as queries
from quancheng.domains.hazards.services import building as services
from quancheng.domains.hazards.services.check_records import CheckSpec, record_check
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.risk.services.posts import put_at_post
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=31)


def done(district: District, now: Any = NOW) -> list[int]:
    """Steps of the first enterprise that are done."""
    row = queries.get_file(actor=district.department, file_id=district.enterprise_org.pk, today=now.date())
    return [number for number in queries.NAMES if queries.is_done(row, number)]


def paper(actor: Actor, file: Enterprise, kind: str) -> None:
    services.add_paper(actor=actor, file=file, kind=kind, title="示例材料", dated=NOW.date(), text="", headed=True,
                       files=[make_file(actor)], now=NOW)  # fmt: skip


def build(district: District) -> Enterprise:
    """Everything but the papers, step by step; each step counts only when the last of it is there."""
    file, safety = own_file(district), district.enterprise
    assert done(district) == []
    parent = make_object(safety, file)
    post = make_post(safety, file)
    worker = make_actor(district.enterprise_org, "enterprise.worker", name="示例班长")
    unit = make_unit(safety, parent, post=post)
    assert done(district) == []
    assert worker.user_id is not None
    put_at_post(actor=safety, post=post, user_id=worker.user_id, since=NOW.date(), now=NOW)
    hazard = Unit.objects.create(file=file, code="Z1", name="示例库", kind="storage", legal_grade=3, legal_at=NOW,
                                 created_at=NOW)  # fmt: skip
    assert done(district) == []
    Unit.objects.filter(pk=hazard.pk).update(ended_date=NOW.date())
    assert done(district) == [4]
    event = make_event(safety, unit)
    assert done(district) == [4, 5]
    make_assessment(safety, event, 3, 4)
    assert done(district) == [4, 5, 6]
    measure = make_measure(safety, event)
    for category in ("2", "3", "4"):
        assert done(district) == [4, 5, 6]
        make_measure(safety, event, category=category, subcategory=f"{category}-1", text=f"措施{category}", mode="1")
    assert done(district) == [4, 5, 6, 7]

    class _Plant:
        pass

    plant: Any = _Plant()
    plant.file, plant.unit, plant.measure, plant.post, plant.safety = file, unit, measure, post, safety
    task = make_task(plant)
    assert done(district) == [4, 5, 6, 7, 8]
    record_check(actor=worker, task=task, spec=CheckSpec(status=0, device="imei-1"), now=NOW)
    assert done(district) == [4, 5, 6, 7, 8]
    assert done(district, LATER - timedelta(days=2)) == [4, 5, 6, 7, 8]
    assert done(district, LATER - timedelta(days=1)) == [4, 5, 6, 7, 8, 10]
    return file


def test_steps_follow_from_facts_and_papers_and_the_regulator_accepts() -> None:
    district = make_district()
    file, own = build(district), district.enterprise
    month = NOW + timedelta(days=30)
    with pytest.raises(Conflict):
        services.ask_acceptance(actor=own, file=file, text="运行正常", now=month)
    for kind in PaperKind.values:
        assert 11 not in done(district, month)
        paper(own, file, kind)
    assert done(district, month) == [*range(1, 11), 12]
    assert done(district, month + timedelta(days=340)) == [*range(1, 9), 10]
    with pytest.raises(NotPermitted):
        services.ask_acceptance(actor=district.other_enterprise, file=file, text="运行正常", now=month)
    with pytest.raises(Invalid):
        services.ask_acceptance(actor=own, file=file, text=" ", now=month)
    row = services.ask_acceptance(actor=own, file=file, text="运行正常", now=month)
    with pytest.raises(Conflict):
        services.ask_acceptance(actor=own, file=file, text="运行正常", now=month)
    with pytest.raises(NotPermitted):
        services.judge_acceptance(actor=district.town, row=row, name="accept", text="符合", now=month)
    services.judge_acceptance(actor=district.department, row=row, name="refuse", text="抽查两条记录不实", now=month)
    assert 11 not in done(district, month)
    again = services.ask_acceptance(actor=own, file=file, text="已整改", now=month)
    services.judge_acceptance(actor=district.department, row=again, name="accept", text="现场验收符合", now=month)
    assert done(district, month) == list(range(1, 13))
    officer = client_of(district.officer)
    officer.cookies["django_language"] = "en"
    shown = officer.get(reverse("hazards:building_of", args=[file.pk])).content.decode()
    assert re.search(r'class="qc-badge[^>]*>[^<]*Accepted', shown)
    of, by_step = queries.by_step(actor=district.officer, today=month.date())
    assert (of, by_step[1], by_step[11]) == (1, 1, 1)


def test_the_pages_show_each_step_take_papers_and_list_who_lacks_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    district = make_district()
    file = own_file(district)
    client = client_of(district.enterprise)
    page, new = (reverse(f"hazards:{name}", args=[file.pk]) for name in ("building_of", "building_paper_new"))
    assert f"{new}?kind=leaders" in client.get(page).content.decode()
    scan = SimpleUploadedFile("文件.txt", "成立领导小组".encode(), content_type="text/plain")
    given = {"kind": "leaders", "title": "关于成立领导小组的通知", "dated": "2026-09-01"}
    wrong = client.post(new, {**given, "files": scan})
    assert wrong.status_code == 422
    assert "关于成立领导小组的通知" in wrong.content.decode()
    scan.seek(0)
    assert client.post(new, {**given, "headed": "on", "files": scan}).status_code == 303
    assert "文件.txt" in client_of(district.town).get(page, {"tab": "papers"}).content.decode()
    assert client_of(district.other_town).get(page).status_code == 404
    assert client_of(district.department).post(new, given).status_code == 403
    assert client.post(reverse("hazards:building_ask", args=[file.pk]), {"text": "运行正常"}).status_code == 409
    listing, name = reverse("hazards:building"), str(file.enterprise.name) if file.enterprise else ""
    office = client_of(district.officer)
    assert name not in office.get(listing, {"lacks": "1"}).content.decode()
    assert name in office.get(listing, {"lacks": "4"}).content.decode()
    assert name in office.get(listing, {"has": "1"}).content.decode()
    counted = office.get(reverse("hazards:building_steps")).context["rows"]
    assert [(one[2], one[4]) for one in counted][:2] == [(1, 0), (0, 1)]
    assert BuildingAcceptance.objects.count() == 0
