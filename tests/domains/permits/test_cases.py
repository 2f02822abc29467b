"""The library of accident cases: what ships, what an office and an enterprise keep, shown in the analysis of a job."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.domains.permits.factories import NOW, crew_of, make_draft, make_permit, own_file
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import CaseChange
from quancheng.domains.permits.queries.cases import cases_for, list_cases
from quancheng.domains.permits.queries.permits import analysis_of
from quancheng.domains.permits.services.cases import Case, into_analysis, set_case
from quancheng.domains.permits.services.preparing import analyse
from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.standards.gb30871.cases import accident_cases, media_told

pytestmark = pytest.mark.django_db
TYPED = {
    "code": "D-01", "title": "标识不清误拆盲板", "kinds": ["BL"], "media": ["TOXIC"], "equipment": "进料线",
    "year": "", "deaths": "", "injured": "2", "cause": "盲板无编号", "lesson": "一板一号", "hazard": "误拆",
    "measure": "挂牌编号", "source": "本区事故通报", "mark": "D", "is_on": "on", "reason": "本区事故",
}  # fmt: skip


@pytest.fixture
def district():
    return make_district()


def case(**known):
    return Case(**({**TYPED, "year": None, "deaths": None, "injured": 2, "is_on": True} | known))


def codes(rows):
    return {one.code for one in rows}


def test_what_ships_says_its_source_and_leaves_out_what_is_not_sure():
    for one in accident_cases().values():
        assert one.mark == "G"
        assert one.kinds
        assert all(text.zh and text.en for text in (one.title, one.lesson, one.source, one.measure))
        assert all(bool(text.zh) is bool(text.en) for text in (one.cause, one.hazard))
    told = accident_cases()
    assert told["CASE-03"].deaths is None
    assert (told["CASE-07"].cause.zh, told["CASE-07"].hazard.zh) == ("", "")
    assert {code: told[code].kinds for code in ("CASE-01", "CASE-02", "CASE-08")} == {
        "CASE-01": ("BL",), "CASE-02": ("CS",), "CASE-08": ("HW", "CS")
    }  # fmt: skip
    assert "TOXIC" in told["CASE-06"].media
    assert "浮盘拆除" in told["CASE-06"].title.zh
    assert all(word in told["CASE-08"].cause.zh for word in ("切割冷媒管道", "12人为救援人员"))


def test_cases_of_the_kind_and_medium_are_shown_in_the_analysis_and_no_others(district, at):
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew, to="PREPARING")
    at[0] = NOW
    shown = codes(cases_for(actor=crew.safety, permit=permit))
    assert {"CASE-04", "CASE-05"} <= shown
    assert "CASE-07" not in shown
    page = client_of(crew.safety).get(reverse("permits:permit", args=[permit.pk]), {"tab": "papers"}).content.decode()
    assert "清淤搅动污泥释放硫化氢" in page
    assert "大连某石化企业" not in page
    assert media_told("HW", {"circumstances": {"held_flammable": True}}) == {"FLAMMABLE"}
    assert media_told("HW", {}) == frozenset()
    # That a space may lack oxygen alone hides no case of another medium.
    assert media_told("CS", {}) == frozenset()
    assert media_told("CS", {"circumstances": {"toxic_medium": True}}) == {"TOXIC", "INERT"}
    assert media_told("HW", {}, "铝粉尘除尘器") == {"DUST"}
    flammable = accident_cases()["CASE-07"]
    assert flammable.fits("HW", {"FLAMMABLE"})
    assert not flammable.fits("HW", {"TOXIC"})
    assert flammable.fits("HW", set())


def test_a_step_of_the_analysis_is_made_of_a_case(district, at):
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew, to="PREPARING")
    at[0] = NOW
    before = list(analysis_of(permit).steps)
    client, url = client_of(crew.safety), reverse("permits:case_into_analysis", args=[permit.pk, "CASE-05"])
    page = client.get(url)
    assert "连续检测，强制通风" in page.content.decode()
    given = {**page.context["form"].initial, "measure": ""}
    assert client.post(url, given).status_code == 422
    assert client.post(url, {**page.context["form"].initial}).status_code == 303
    steps = analysis_of(permit).steps
    assert steps[:-1] == before
    assert steps[-1]["hazard"] == "搅动污泥逸出硫化氢"
    again = client.post(url, {**page.context["form"].initial})
    assert again.status_code == 422
    assert "step" in again.context["form"].errors
    assert analysis_of(permit).steps == steps
    same = {**page.context["form"].initial, "step": "另一步骤", "participants": ["某负责人"]}
    for _time in range(2):
        into_analysis(actor=crew.safety, permit=permit, now=NOW, client_id=permit.pk, **same)
    assert len(analysis_of(permit).steps) == len(steps) + 1
    full = [{"step": f"步骤{n}", "hazard": "火花", "measure": "监护"} for n in range(60)]
    analyse(actor=crew.safety, permit=permit, steps=full, participants=["某负责人"], now=NOW + timedelta(minutes=1))
    many = client.post(url, {**page.context["form"].initial})
    assert (many.status_code, "step" in many.context["form"].errors) == (422, True)
    assert client_of(district.director).get(url).status_code == 403
    assert client.get(reverse("permits:case_into_analysis", args=[permit.pk, "CASE-99"])).status_code == 404


def test_the_office_adds_writes_anew_and_withdraws_with_its_basis(district, at):
    at[0] = NOW
    client, url = client_of(district.director), reverse("permits:case_new")
    bare = client.post(url, {**TYPED, "source": "", "code": "Q-01", "year": "3000"})
    assert bare.status_code == 422
    assert {"source"} <= set(bare.context["form"].errors)
    assert {"code", "year"} <= set(client.post(url, {**TYPED, "code": "Q-01", "year": "3000"}).context["form"].errors)
    assert client.post(url, TYPED).status_code == 303
    assert "标识不清误拆盲板" in client_of(district.enterprise).get(reverse("permits:cases")).content.decode()
    change = reverse("permits:case", args=["D-01"])
    shown = client.get(change)
    assert "本区事故" in shown.content.decode()
    anew = {**shown.context["form"].initial, "reason": "补充", "title": "盲板无编号误拆"}
    assert client.post(change, {name: value for name, value in anew.items() if value is not None}).status_code == 303
    assert "盲板无编号误拆" in client.get(reverse("permits:cases"), {"kind": "BL", "q": "误拆"}).content.decode()
    off = {**TYPED, "reason": "已撤销"}
    off.pop("is_on")
    assert client.post(change, off).status_code == 303
    assert "D-01" not in codes(list_cases(actor=district.enterprise))
    assert CaseChange.objects.count() == 3
    with pytest.raises(Invalid):
        set_case(actor=district.director, told=case(code="D-77", is_on=False), now=NOW)
    assert client.get(reverse("permits:cases"), {"kind": "XX"}).status_code == 422


def test_a_shipped_case_is_withdrawn_by_the_office(district):
    shipped = case(code="CASE-10", is_on=False, reason="待核实")
    set_case(actor=district.director, told=shipped, now=NOW)
    assert "CASE-10" not in codes(list_cases(actor=district.enterprise))


def test_an_enterprises_own_case_is_read_by_it_and_its_office_alone(district, at):
    crew = crew_of(district, "BL")
    with pytest.raises(Invalid):
        set_case(actor=crew.safety, told=case(), file=own_file(district), now=NOW)
    set_case(actor=crew.safety, told=case(code="Q-01"), file=own_file(district), now=NOW)
    stranger = district.other_enterprise
    at[0] = NOW
    assert "Q-01" in codes(list_cases(actor=crew.safety))
    assert "Q-01" in codes(list_cases(actor=district.director))
    assert "Q-01" not in codes(list_cases(actor=stranger))
    told = client_of(stranger).get("/api/v1/permits/accident-cases", {"kind": "BL"}).json()
    assert {one["code"] for one in told} == {"CASE-01"}
    mine = client_of(crew.safety).get("/api/v1/permits/accident-cases", {"kind": "BL"}).json()
    assert {one["code"]: one["own"] for one in mine} == {"CASE-01": False, "Q-01": True}
    assert client_of(crew.safety).get(reverse("permits:case", args=["CASE-01"])).status_code == 403
    assert client_of(crew.safety).get(reverse("permits:own_case", args=["CASE-01"])).status_code == 404
    assert client_of(crew.safety).get(reverse("permits:own_case", args=["Q-01"])).status_code == 200
    assert client_of(stranger).get(reverse("permits:own_case", args=["Q-01"])).status_code in (404, 409)
    typed = {**TYPED, "code": "Q-02"}
    assert client_of(crew.safety).post(reverse("permits:own_case_new"), typed).status_code == 303
    with pytest.raises(NotPermitted):
        set_case(actor=district.director, told=case(code="Q-01"), file=own_file(district), now=NOW)
    draft = make_draft(district, "BL", crew)
    assert next(iter(cases_for(actor=crew.safety, permit=draft))).code == "Q-01"
