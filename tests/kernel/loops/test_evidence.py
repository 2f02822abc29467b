"""Evidence of a closed loop: whatever moves closed it, what it held then stays, and more may be added."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from tests.domains.duty.test_problems import assigned, verified
from tests.factories import NOW, District, client_of, make_district, make_file

from quancheng.domains.duty.models import Problem
from quancheng.domains.duty.services import problems
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.files.services import attach_files

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


def rectified(district: District, *, closed: bool) -> tuple[Problem, FileLink]:
    """A problem with one file of the enterprise, closed or still with the enterprise after a first return."""
    problem = verified(district) if closed else assigned(district)
    office = {"actor": district.director, "problem": problem, "now": NOW}
    if closed:
        problems.compare(**office, text="同类装置已排查。", units=[])
        problems.write_section(**office, name="root", text="修订点检制度。")
        problems.write_section(**office, name="analyse", text="共性问题。")
        problems.end_problem(**office, name="close")
    else:
        evidence = [make_file(district.enterprise)]
        problems.rectify(actor=district.enterprise, problem=problem, result="已接入。", evidence=evidence, now=NOW)
        problems.verify_problem(**office, accept=False, reason="照片看不清。")
    return problem, FileLink.objects.get(subject_id=problem.pk)


def test_evidence_can_be_taken_back_on_the_page_while_the_loop_is_open_and_by_who_added_it_alone(
    district: District,
) -> None:
    problem, link = rectified(district, closed=False)
    assert link.frozen_at is None
    page = reverse("duty:problem", args=[problem.pk])
    url = reverse("files:take_back", args=[link.pk])
    assert url in client_of(district.enterprise).get(page).content.decode()
    assert url not in client_of(district.director).get(page).content.decode()
    assert client_of(district.director).post(url).status_code == 403
    answer = client_of(district.enterprise).post(url, {"next": page})
    assert (answer.status_code, answer["Location"]) == (303, page)
    assert not FileLink.objects.exists()


def test_a_move_into_a_final_state_freezes_the_evidence_for_page_api_and_database(district: District) -> None:
    problem, link = rectified(district, closed=True)
    assert problem.is_closed
    assert link.frozen_at == NOW
    client = client_of(district.enterprise)
    url = reverse("files:take_back", args=[link.pk])
    assert url not in client.get(reverse("duty:problem", args=[problem.pk])).content.decode()
    refused = client.post(url)
    assert refused.status_code == 409
    assert "只能补充" in refused.content.decode()
    by_api = client.post(f"/api/v1/files/{link.pk}/take-back", {}, content_type="application/json")
    assert (by_api.status_code, by_api.json()["code"]) == (409, "evidence_frozen")
    with pytest.raises(DatabaseError), transaction.atomic():
        FileLink.objects.filter(pk=link.pk).delete()
    assert FileLink.objects.filter(pk=link.pk).exists()


def test_what_is_added_to_a_closed_loop_stands_at_once(district: District) -> None:
    problem, _link = rectified(district, closed=True)
    later = make_file(district.enterprise, "补充材料")
    added = attach_files(actor=district.enterprise, row=problem, file_ids=[later], now=NOW)[0]
    assert added.frozen_at == NOW
    assert FileLink.objects.filter(subject_id=problem.pk).count() == 2
