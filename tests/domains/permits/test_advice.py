"""Advice: a draft of an analysis out of like jobs, confirmed by a person, approving and storing nothing by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.domains.permits.factories import ELSEWHERE, NOW, crew_of, make_draft, make_permit, own_file
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import Permit, PermitAnalysis, PermitMeasure
from quancheng.domains.permits.queries import phone_pack
from quancheng.domains.permits.queries.advice import draft_for, hinted_measures
from quancheng.domains.permits.services import advice, figures, preparing
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.journal.models import JournalEntry
from quancheng.standards.gb30871 import tickets

pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    return make_district()


def switch_on(crew, district):
    figures.set_figure(
        actor=crew.head, file=own_file(district), name="advice", value="1", from_date=NOW.date(), reason="试用", now=NOW
    )


def analysed(crew, permit, *, minutes=0, **known):
    step = {"step": "开挖", "hazard": "坍塌", "measure": "放坡"} | known
    preparing.analyse(
        actor=crew.safety, permit=permit, steps=[step], participants=["某负责人"], now=NOW + timedelta(minutes=minutes)
    )


def confirm(crew, permit, steps, **known):
    told = {"actor": crew.safety, "participants": ["某负责人"], "is_checked": False, "now": NOW} | known
    return advice.confirm_draft(permit=permit, steps=steps, **told)


def test_equal_steps_of_like_jobs_are_merged_and_name_their_permits(district):
    crew = crew_of(district, "EX")
    first, second = make_draft(district, "EX", crew), make_draft(district, "EX", crew)
    analysed(crew, first)
    analysed(crew, second, minutes=1, step="开 挖。")
    drafted = draft_for(make_draft(district, "EX", crew))
    assert [(one.hazard, len(one.sources)) for one in drafted] == [("坍塌", 2)]


def test_only_the_newest_analysis_counts_and_none_of_a_job_that_was_void_before_it_began(district):
    crew = crew_of(district, "EX")
    former = make_draft(district, "EX", crew)
    analysed(crew, former)
    analysed(crew, former, minutes=1, hazard="触电")
    draft = make_draft(district, "EX", crew)
    assert [one.hazard for one in draft_for(draft)] == ["触电"]
    Permit.objects.filter(pk=former.pk).update(status="VOID")
    assert draft_for(draft) == []


def test_neither_another_kind_nor_another_enterprise_feeds_a_draft(district):
    crew = crew_of(district, "EX")
    former = make_draft(district, "EX", crew)
    analysed(crew, former)
    assert draft_for(make_draft(district, "WH", crew_of(district, "WH", order=800))) == []
    draft = make_draft(district, "EX", crew)
    # What is asked of the rows is the file alone: as seen by a job of nobody's.
    draft.file_id = draft.pk
    assert draft_for(draft) == []


def test_a_draft_stores_and_approves_nothing_and_an_untouched_one_is_refused_at_its_place(district, at):
    crew = crew_of(district, "EX")
    analysed(crew, make_draft(district, "EX", crew))
    permit = make_draft(district, "EX", crew)
    at[0] = NOW
    client, url = client_of(crew.safety), reverse("permits:analysis_draft", args=[permit.pk])
    papers = reverse("permits:permit", args=[permit.pk]) + "?tab=papers"
    assert url not in client.get(papers).content.decode()
    switch_on(crew, district)
    assert url in client.get(papers).content.decode()
    page = client.get(url)
    assert page.context["form"].initial["steps"] == "开挖 | 坍塌 | 放坡"
    assert "建议" in page.content.decode()
    assert not PermitAnalysis.objects.filter(permit=permit).exists()
    given = {"steps": page.context["form"].initial["steps"], "participants": "某负责人"}
    refused = client.post(url, given)
    assert (refused.status_code, "is_checked" in refused.context["form"].errors) == (422, True)
    assert not PermitAnalysis.objects.filter(permit=permit).exists()
    assert client.post(url, given | {"is_checked": "on"}).status_code == 303
    assert PermitAnalysis.objects.get(permit=permit).steps[0]["hazard"] == "坍塌"
    permit.refresh_from_db()
    assert permit.status == "DRAFT"
    assert url not in client.get(papers).content.decode()
    client.cookies["django_language"] = "en"
    assert "approves nothing" in client.get(url).content.decode()


def test_what_was_suggested_and_what_became_of_it_is_in_the_journal(district):
    crew = crew_of(district, "EX")
    former = make_draft(district, "EX", crew)
    analysed(crew, former)
    permit = make_draft(district, "EX", crew)
    own = [{"step": "回填", "hazard": "车辆伤害", "measure": "指挥"}]
    with pytest.raises(Conflict):
        confirm(crew, permit, own)
    switch_on(crew, district)
    with pytest.raises(Invalid):
        confirm(crew, permit, [{"step": "回填", "hazard": "车辆伤害", "measure": ""}])
    made = confirm(crew, permit, own, client_id=permit.pk)
    assert confirm(crew, permit, own, client_id=permit.pk) == made
    facts = JournalEntry.objects.get(act="permits.advice.draft").facts
    assert (facts["left_out"], facts["own"], facts["is_checked"]) == (1, 1, False)
    assert facts["offered"][0]["hazard"] == "坍塌"
    assert facts["offered"][0]["sources"]
    with pytest.raises(Conflict):
        confirm(crew, permit, own)


def test_a_regulator_confirms_none(district, at):
    crew = crew_of(district, "EX")
    permit = make_permit(district, "EX", crew=crew, to="DRAFT", at=ELSEWHERE)
    switch_on(crew, district)
    at[0] = NOW
    assert client_of(district.director).get(reverse("permits:analysis_draft", args=[permit.pk])).status_code == 403
    with pytest.raises(NotPermitted):
        confirm(crew, permit, [], actor=district.director)


def test_a_draft_is_read_over_rest_where_it_is_switched_on(district, at):
    crew = crew_of(district, "EX")
    analysed(crew, make_draft(district, "EX", crew))
    url = f"/api/v1/permits/permits/{make_draft(district, 'EX', crew).pk}/analysis-draft"
    at[0] = NOW
    client = client_of(crew.safety)
    assert client.get(url).json() == {"is_on": False, "steps": []}
    switch_on(crew, district)
    (told,) = client.get(url).json()["steps"]
    assert (told["step"], told["hazard"], told["measure"]) == ("开挖", "坍塌", "放坡")
    assert client_of(district.director).get(url).json()["is_on"]


def needed(permit, *codes, applies=True):
    PermitMeasure.objects.bulk_create(
        PermitMeasure(permit=permit, code=code, applies=applies, confirmed_name="某负责人", confirmed_at=NOW)
        for code in codes
    )


def hints(permit):
    return {code: (len(one.sources), one.of) for code, one in hinted_measures(permit).items()}


def test_a_measure_is_hinted_at_where_two_and_half_of_the_newest_like_jobs_needed_it(district):
    crew = crew_of(district, "EX")
    former = [make_draft(district, "EX", crew) for _place in range(6)]
    # The oldest of six is not looked at.
    needed(former[0], "EX-04")
    needed(former[1], "EX-01", "EX-02", "EX-04")
    needed(former[2], "EX-01", "EX-02")
    needed(former[3], "EX-02", applies=False)
    needed(former[4], "EX-01")
    needed(former[5], "EX-03")
    draft = make_draft(district, "EX", crew)
    assert hints(draft) == {"EX-01": (3, 5)}
    Permit.objects.filter(pk=former[4].pk).update(status="VOID")
    # Void before it began, it is none: two of five others are less than half.
    assert hints(draft) == {}
    Permit.objects.filter(pk__in=[former[3].pk, former[5].pk]).update(status="VOID")
    assert hints(draft) == {"EX-01": (2, 3), "EX-02": (2, 3), "EX-04": (2, 3)}
    elsewhere = make_draft(district, "EX", crew)
    elsewhere.file_id = elsewhere.pk
    assert hints(elsewhere) == {}


def test_a_hint_stands_beside_the_measure_forbids_nothing_and_is_in_the_journal(district, at):
    crew = crew_of(district, "EX")
    for former in (make_draft(district, "EX", crew), make_draft(district, "EX", crew)):
        needed(former, "EX-01")
    permit = make_permit(district, "EX", crew=crew, to="PREPARING")
    PermitMeasure.objects.filter(permit=permit).delete()
    at[0] = NOW
    client, tab = client_of(crew.safety), reverse("permits:permit", args=[permit.pk]) + "?tab=measures"
    rest = f"/api/v1/permits/permits/{permit.pk}/measure-hints"
    url = reverse("permits:measure", args=[permit.pk, "EX-01"])
    assert "data-hint" not in client.get(tab).content.decode()
    assert client.get(rest).json() == {"is_on": False, "hints": []}
    switch_on(crew, district)
    assert 'data-hint="EX-01"' in client.get(tab).content.decode()
    (told,) = client.get(rest).json()["hints"]
    assert (told["code"], len(told["sources"]), told["of"]) == ("EX-01", 2, 2)
    (carried,) = [one for one in phone_pack.pack(crew.safety, NOW)["permits"] if one["id"] == permit.pk]
    assert list(carried["hints"]) == ["EX-01"]
    page = client.get(url).content.decode()
    assert "近2张同类作业票中有2张涉及本措施" in page
    assert client.post(url, {"applies": "0"}).status_code == 303
    entries = JournalEntry.objects.filter(act="permits.measure.confirm", subject_id=permit.pk)
    (facts,) = [one.facts for one in entries if "hinted" in one.facts]
    assert (facts["applies"], facts["hinted"]["of"], len(facts["hinted"]["sources"])) == (False, 2, 2)
    # It stands there until the measure is in place.
    assert 'data-hint="EX-01"' in client.get(tab).content.decode()
    row = next(one for one in tickets.measures("EX") if one.code == "EX-01")
    filled = dict.fromkeys(row.parameters, "1")
    assert client.post(url, {"applies": "1"} | filled).status_code == 303
    assert "data-hint" not in client.get(tab).content.decode()


def test_a_figure_that_a_measure_asks_for_is_missed_at_its_own_place(district, at):
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew, to="PREPARING")
    row = next(one for one in tickets.measures("CS") if one.parameters)
    at[0] = NOW
    PermitMeasure.objects.filter(permit=permit, code=row.code).delete()
    url = reverse("permits:measure", args=[permit.pk, row.code])
    refused = client_of(crew.safety).post(url, {"applies": "1"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, list(row.parameters))
    assert not PermitMeasure.objects.filter(permit=permit, code=row.code).exists()
