"""Reactions are assessed and reviewed by another; a clearing is reported with papers and verified on site."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.domains.risk.factories import make_reaction
from tests.domains.risk.test_plans import picture
from tests.factories import NOW, client_of, make_actor, make_district

from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.risk.models import Clearing, Reaction
from quancheng.domains.risk.queries.reactions import list_plants
from quancheng.domains.risk.services import reactions

pytestmark = pytest.mark.django_db


def test_a_reaction_is_reviewed_by_another_and_its_clearing_says_how_many_lack_something() -> None:
    district = make_district()
    file = open_own_file(actor=district.enterprise, kind="fine_chemical", known={}, now=NOW)
    row = make_reaction(district.enterprise, file)
    make_reaction(district.enterprise, file, title="重氮化反应", report_no="R-2")
    own = client_of(district.enterprise)
    eyes = client_of(make_actor(district.enterprise_org, "enterprise.safety"))
    page = reverse("risk:reaction", args=[row.pk])
    assert own.post(page, {"act": "submit"}).status_code in (302, 303)
    assert 'name="text"' in eyes.get(page, {"act": "approve"}).content.decode()
    assert own.post(page, {"act": "approve", "text": ""}).status_code == 403
    assert eyes.post(page, {"act": "approve", "text": "同意"}).status_code in (302, 303)
    row.refresh_from_db()
    assert row.status == "IN_FORCE"
    # Of both something is missing: one is a draft, the other has measures that are not done.
    Reaction.objects.filter(pk=row.pk).update(missing=2)
    office = district.department
    reactions.begin_clearings(actor=office, kinds=["reaction"], due=(NOW + timedelta(days=200)).date(), now=NOW)
    clearing = Clearing.objects.get()
    told: Any = list_plants(actor=office).get(pk=file.pk)
    assert (told.lacking_count, told.reaction_count) == (2, 2)
    page = reverse("risk:clearing", args=[clearing.pk])
    assert "2个反应，其中2个有缺项" in own.get(page).content.decode()
    Reaction.objects.filter(pk=row.pk).update(missing=0)
    assert "2个反应，其中1个有缺项" in own.get(page).content.decode()
    # It is reported with papers, and verified on a day.
    assert own.post(page, {"act": "report", "text": "全部完成评估"}).status_code == 422
    paper = SimpleUploadedFile("评估.png", picture(), content_type="image/png")
    assert own.post(page, {"act": "report", "text": "全部完成评估", "evidence": [paper]}).status_code in (302, 303)
    there = client_of(office)
    assert 'name="day"' in there.get(page, {"act": "verify"}).content.decode()
    assert there.post(page, {"act": "verify", "text": "属实"}).status_code == 422
    done = there.post(page, {"act": "verify", "text": "属实", "day": NOW.date().isoformat()})
    assert done.status_code in (302, 303)
    clearing.refresh_from_db()
    assert clearing.status == "CLEARED"
