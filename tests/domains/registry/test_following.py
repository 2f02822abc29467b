"""Another office leads an enterprise: what is open of its file goes on with that office."""

from __future__ import annotations

import pytest
from tests.domains.registry.test_filings import act as act_on_filing
from tests.domains.registry.test_filings import begin
from tests.domains.registry.test_projects import act as act_on_project
from tests.domains.registry.test_projects import enter
from tests.domains.risk.test_following import handed, other_office
from tests.factories import NOW, client_of, make_actor, make_district

from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


def test_a_filing_and_a_project_are_judged_by_the_office_that_leads_the_enterprise_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    district = make_district()
    own, head = client_of(district.enterprise), client_of(make_actor(district.enterprise_org, "enterprise.certifier"))
    assert own.post("/registry/own/new", {"kind": "depot", "address": "甲街道示例路1号"}).status_code == 303
    file = Enterprise.objects.get()
    filing, project = begin(own, file), enter(own)
    assert act_on_filing(own, filing, "prepare").status_code == 303
    assert act_on_filing(head, filing, "certify", agreed="on").status_code == 303
    assert act_on_project(own, project, "consult", on="2026-08-01", by="示例专家组", text="可行").status_code == 303
    assert act_on_project(own, project, "apply", text="申请审查").status_code == 303
    before, lead = file.supervisor_id, other_office(district)
    due = {row.pk: WorkItem.objects.get(subject_id=row.pk, done_at__isnull=True).due_at for row in (filing, project)}
    handed(district.enterprise, file, lead)
    for row in (filing, project):
        row.refresh_from_db()
        item = WorkItem.objects.get(subject_id=row.pk, done_at__isnull=True)
        assert (row.supervisor_id, item.owner_org_id) == (lead.organisation_id, lead.organisation_id), row
        assert item.due_at == due[row.pk]
        entry = JournalEntry.objects.get(subject_id=row.pk, act=f"{row.loop_code}.follow")
        assert entry.facts == {"from": str(before), "to": str(lead.organisation_id)}
    old, new = client_of(district.department), client_of(lead)
    assert act_on_filing(old, filing, "receive").status_code == 403
    assert act_on_filing(new, filing, "receive").status_code == 303
    assert act_on_project(old, project, "return", reason="材料不全").status_code == 403
    assert act_on_project(new, project, "return", reason="材料不全").status_code == 303


def test_what_the_former_office_judged_stays_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    district = make_district()
    own, head = client_of(district.enterprise), client_of(make_actor(district.enterprise_org, "enterprise.certifier"))
    own.post("/registry/own/new", {"kind": "depot", "address": "甲街道示例路1号"})
    file = Enterprise.objects.get()
    filing = begin(own, file)
    act_on_filing(own, filing, "prepare")
    act_on_filing(head, filing, "certify", agreed="on")
    assert act_on_filing(client_of(district.department), filing, "receive").status_code == 303
    handed(district.enterprise, file, other_office(district))
    filing.refresh_from_db()
    assert (filing.status, filing.supervisor_id) == ("RECEIVED", district.department.organisation_id)
