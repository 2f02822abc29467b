"""Units are analysed by method: rows with their colours, four eyes, taking over, recommendations, sheets, layers."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.domains.registry.factories import make_facility
from tests.domains.registry.factories import make_unit as make_place
from tests.domains.risk.factories import (
    HEADS,
    ROWS,
    in_force,
    make_analysis,
    make_lopa,
    make_object,
    make_row,
    make_unit,
)
from tests.factories import NOW, District, client_of, make_actor, make_district, make_file
from tests.kernel.exchange.importing import book, checked, exported, imported, reasons, undo

from quancheng.domains.registry.models import Unit
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.risk.models import (
    Analysis,
    AnalysisRow,
    LopaScenario,
    Measure,
    Recommendation,
    RiskEvent,
    RiskUnit,
)
from quancheng.domains.risk.services import analyses, lopa, recommendations, risks, taking_over
from quancheng.domains.risk.views.analyses import JhaRows
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


def a_unit(district: District) -> RiskUnit:
    file = open_own_file(actor=district.enterprise, kind="depot", known={}, now=NOW)
    return make_unit(district.enterprise, make_object(district.enterprise, file))


def second(district: District) -> Actor:
    """Another person of the enterprise."""
    return make_actor(district.enterprise_org, "enterprise.safety")


def sent(**values: Any) -> dict[str, Any]:
    return {**ROWS["JHA"], **values}


@pytest.mark.clause("S3-4.4d")
def test_an_activity_is_analysed_reviewed_by_another_and_taken_into_the_list_once() -> None:
    district = make_district()
    unit, other = a_unit(district), second(district)
    own, eyes = client_of(district.enterprise), client_of(other)
    begin = reverse("risk:analysis_new", args=[unit.pk, "jha"])
    head = {f"head_{code}": text for code, text in HEADS["JHA"].items()}
    typed = {"title": "槽车卸料", "rating": "LS", "occasion": "regular", "team": "甲、乙", "leader": "甲", **head}
    refused = own.post(begin, {**typed, "analysed_date": "2031-01-01"})
    assert refused.status_code == 422
    assert "槽车卸料" in refused.content.decode()
    own.post(begin, {**typed, "analysed_date": NOW.date().isoformat()})
    row = Analysis.objects.get()
    page, add = reverse("risk:analysis", args=[row.pk]), reverse("risk:analysis_row_new", args=[row.pk])
    # Without factors there is no colour; from yellow upwards somebody must say what is done until when.
    uncoloured = own.post(add, sent(f_likelihood=""))
    assert uncoloured.status_code == 422
    assert "没有评价就没有颜色" in uncoloured.content.decode()
    bare = own.post(add, sent(f_likelihood="4"))
    assert bare.status_code == 422
    assert "软管老化泄漏" in bare.content.decode()
    assert not AnalysisRow.objects.exists()
    for step in range(1, 4):
        assert own.post(add, sent(step_no=step, step_name=f"步骤{step}")).status_code in (302, 303)
    assert own.post(add, sent(step_name="另一名称", hazard="x")).status_code == 422
    assert own.post(add, sent(step_name="步骤1")).status_code == 409
    assert own.post(page, {"act": "submit"}).status_code in (302, 303)
    assert own.post(page, {"act": "approve", "text": ""}).status_code == 403
    assert own.get(reverse("risk:analysis_take", args=[row.pk])).status_code == 200
    assert eyes.post(page, {"act": "approve", "text": ""}).status_code in (302, 303)
    row.refresh_from_db()
    assert (row.status, row.approved_by) == ("IN_FORCE", other.name)
    assert row.review_date is not None
    # Nothing is registered of the enterprise yet, so the shorter interval holds.
    assert row.review_date.year == NOW.year + 3
    # Three steps are fewer than usual, which is doubted and does not hinder.
    assert "4" in eyes.get(page + "?tab=doubts").content.decode()
    take = reverse("risk:analysis_take", args=[row.pk])
    assert "软管每半年试压" in own.get(take).content.decode()
    chosen = [str(one.pk) for one in row.rows.all()]
    assert own.post(take, {"rows": chosen}).status_code in (302, 303)
    assert own.post(take, {"rows": chosen}).status_code == 422
    events = RiskEvent.objects.filter(unit=unit).order_by("name")
    assert [one.name for one in events] == [f"步骤{step}：软管老化泄漏" for step in (1, 2, 3)]
    assert {one.residual_level for one in events} == {4}
    assert Measure.objects.filter(event=events[0]).count() == 3
    assert taking_over.take_over(actor=district.enterprise, analysis=row, rows=[one.pk for one in row.rows.all()],
                                 now=NOW) == 0  # fmt: skip
    assert "步骤2" in own.get(page).content.decode()
    assert client_of(district.department).get(reverse("risk:analysis_print", args=[row.pk])).status_code == 200
    assert client_of(district.other_enterprise).get(page).status_code == 404
    assert client_of(district.department).post(add, sent()).status_code == 403


def test_the_next_edition_brings_changes_alone_and_what_people_changed_stays_theirs() -> None:
    district = make_district()
    unit, other = a_unit(district), second(district)
    first = make_analysis(district.enterprise, unit, "SCL")
    make_row(district.enterprise, first)
    make_row(district.enterprise, first, item_no=2, check_item="液位计", deviation="无远传")
    in_force(district.enterprise, other, first)
    rows = list(first.rows.all())
    assert taking_over.take_over(actor=district.enterprise, analysis=first, rows=[one.pk for one in rows], now=NOW) == 2
    event = RiskEvent.objects.get(name="安全阀：超期未校验")
    risks.change_event(actor=district.enterprise, row=event, version=event.version,
                       changes={"consequence": "超压爆炸"}, now=NOW)  # fmt: skip
    newer = analyses.renew_analysis(actor=district.enterprise, row=first, occasion="change", now=NOW)
    with pytest.raises(Conflict):
        analyses.renew_analysis(actor=district.enterprise, row=first, occasion="change", now=NOW)
    copied = newer.rows.get(key="1")
    with pytest.raises(Conflict):
        taking_over.take_over(actor=district.enterprise, analysis=newer, rows=[copied.pk], now=NOW)
    analyses.save_row(
        actor=district.enterprise, analysis=newer, row=copied, now=NOW,
        values={**copied.values, "measures_management": "系统自动提醒报检", "f_likelihood": "1"},
    )  # fmt: skip
    in_force(district.enterprise, other, newer)
    first.refresh_from_db()
    assert (first.status, newer.status, newer.edition) == ("SUPERSEDED", "IN_FORCE", 2)
    page = client_of(district.enterprise).get(reverse("risk:analysis_take", args=[newer.pk])).content.decode()
    assert "系统自动提醒报检" in page
    assert "撤销措施" in page
    assert "液位计" not in page
    assert "超压爆炸" not in page
    assert taking_over.take_over(actor=district.enterprise, analysis=newer, rows=[copied.pk], now=NOW) == 1
    event.refresh_from_db()
    assert event.consequence == "超压爆炸"
    assert [one.text for one in event.measures.filter(ended_date__isnull=True)] == ["系统自动提醒报检"]
    assert event.assessments.count() == 2
    assert RiskEvent.objects.filter(unit=unit).count() == 2


def test_hazop_refuses_what_does_not_fit_and_its_recommendations_are_closed_by_another() -> None:
    district = make_district()
    unit, other = a_unit(district), second(district)
    row = make_analysis(district.enterprise, unit, "HAZOP")
    for changes, field in (
        ({"parameter": "temperature", "guide_word": "EARLY"}, "guide_word"),
        ({"responsible": ""}, "responsible"),
        ({"r_likelihood": "5"}, "r_likelihood"),
        ({"f_severity": "6"}, "f_severity"),
        ({"cause": ""}, "cause"),
        ({"due_on": "soon"}, "due_on"),
    ):
        with pytest.raises(Invalid) as refused:
            make_row(district.enterprise, row, **changes)
        assert field in refused.value.fields
    made = make_row(district.enterprise, row)
    assert made.values["deviation"] == "液位：多"
    assert (made.level, made.residual_level) == (3, 4)
    with pytest.raises(StaleState):
        analyses.save_row(
            actor=district.enterprise, analysis=row, row=made, version=7, values=made.values, now=NOW
        )
    in_force(district.enterprise, other, row)
    wish = Recommendation.objects.get()
    assert (wish.status, wish.due_date.isoformat()) == ("OPEN", "2026-12-31")
    assert WorkItem.objects.filter(subject_id=wish.pk, owner_org=district.enterprise_org).exists()
    own, eyes = client_of(district.enterprise), client_of(other)
    page = reverse("risk:recommendation", args=[wish.pk])
    assert own.post(page, {"act": "finish", "evidence": ""}).status_code == 422
    assert own.post(page, {"act": "finish", "evidence": "已安装并试验"}).status_code in (302, 303)
    assert own.post(page, {"act": "close"}).status_code == 403
    assert eyes.post(page, {"act": "close"}).status_code in (302, 303)
    listed = client_of(district.department).get(reverse("risk:recommendations")).content.decode()
    assert "100%" in listed
    # The same words in the next edition are the same recommendation.
    newer = analyses.renew_analysis(actor=district.enterprise, row=row, occasion="regular", now=NOW)
    in_force(district.enterprise, other, newer)
    wish.refresh_from_db()
    assert (Recommendation.objects.count(), wish.analysis_id) == (1, newer.pk)


def test_a_row_of_a_hazop_leads_to_its_layers_of_protection() -> None:
    district = make_district()
    unit = a_unit(district)
    row = make_row(district.enterprise, make_analysis(district.enterprise, unit, "HAZOP"))
    page, new = reverse("risk:analysis", args=[row.analysis_id]), reverse("risk:row_lopa_new", args=[row.pk])
    own = client_of(district.enterprise)
    assert new in own.get(page).content.decode()
    reader = client_of(make_actor(district.enterprise_org, "enterprise.worker"))
    assert new not in reader.get(page).content.decode()
    assert "液位计失灵" in own.get(new).content.decode()
    made = make_lopa(district.enterprise, unit)
    LopaScenario.objects.update(row=row)
    assert reverse("risk:lopa", args=[made.pk]) in reader.get(page).content.decode()
    other = make_row(district.enterprise, make_analysis(district.enterprise, unit))
    jha = own.get(reverse("risk:analysis", args=[other.analysis_id])).content.decode()
    assert reverse("risk:row_lopa_new", args=[other.pk]) not in jha


def test_the_same_approval_sent_again_recommends_nothing_twice_and_many_cost_no_more_reads() -> None:
    district = make_district()
    row, eyes = make_analysis(district.enterprise, a_unit(district), "HAZOP"), second(district)
    for cause in ("液位计失灵", "阀门内漏", "误操作"):
        make_row(district.enterprise, row, cause=cause, suggestion=f"{cause}：增设独立高液位开关")
    analyses.submit_analysis(actor=district.enterprise, row=row, now=NOW)
    sent = uuid.uuid4()
    for minutes in (0, 1):
        asked = Analysis.objects.get(pk=row.pk)
        at = NOW + timedelta(minutes=minutes)
        analyses.approve_analysis(actor=eyes, row=asked, text="", now=at, client_id=sent)
    row.refresh_from_db()
    assert (row.status, row.in_force_at, Recommendation.objects.count()) == ("IN_FORCE", NOW, 3)
    # The next edition carries them on, and the old request still changes nothing.
    newer = analyses.renew_analysis(actor=district.enterprise, row=row, occasion="regular", now=NOW)
    analyses.submit_analysis(actor=district.enterprise, row=newer, now=NOW)
    with CaptureQueriesContext(connection) as asked_of:
        analyses.approve_analysis(actor=eyes, row=newer, text="", now=NOW)
    table = f'FROM "{Recommendation._meta.db_table}"'
    assert sum(one["sql"].startswith("SELECT") and table in one["sql"] for one in asked_of) == 1
    row.refresh_from_db()
    analyses.approve_analysis(actor=eyes, row=row, text="", now=NOW + timedelta(days=1), client_id=sent)
    assert set(Recommendation.objects.values_list("analysis", flat=True)) == {newer.pk}
    assert Recommendation.objects.count() == 3


def test_a_recommendation_is_not_rejected_without_a_reason_and_holds_the_files_of_a_request_once() -> None:
    district = make_district()
    row = make_analysis(district.enterprise, a_unit(district), "HAZOP")
    make_row(district.enterprise, row)
    in_force(district.enterprise, second(district), row)
    wish = Recommendation.objects.get()
    with pytest.raises(Invalid):
        recommendations.answer_recommendation(
            actor=district.enterprise, row=wish, name="reject", reason=" ", now=NOW
        )
    with pytest.raises(NotPermitted):
        recommendations.answer_recommendation(
            actor=district.department, row=wish, name="reject", reason="不需要", now=NOW
        )
    key = uuid.uuid4()
    for _time in range(2):
        recommendations.finish_recommendation(
            actor=district.enterprise, row=wish, text="已装", evidence=[make_file(district.enterprise)], now=NOW,
            client_id=key,
        )  # fmt: skip
    assert len(files_of_many(Recommendation, [wish.pk])[wish.pk]) == 1


def test_two_keys_one_major_is_due_after_three_years_and_at_once_after_a_change() -> None:
    district = make_district()
    file = open_own_file(actor=district.enterprise, kind="depot", known={}, now=NOW)
    place = make_place(district.enterprise, file)
    tank = make_facility(district.enterprise, place)
    Unit.objects.filter(pk=place.pk).update(legal_grade=2)
    place.refresh_from_db()
    parent = make_object(district.enterprise, file, kind="hazard", place=place)
    unit = make_unit(district.enterprise, parent, facility=tank)
    row = make_analysis(district.enterprise, unit, "HAZOP")
    make_row(district.enterprise, row)
    in_force(district.enterprise, second(district), row)
    assert row.review_date is not None
    assert row.review_date.year == NOW.year + 3
    assert analyses.look_at_analyses(now=NOW + timedelta(days=1090)) == 0
    assert analyses.look_at_analyses(now=NOW + timedelta(days=1096)) == 1
    row.refresh_from_db()
    assert row.status == "DUE"
    assert WorkItem.objects.filter(subject_id=row.pk, owner_org=district.enterprise_org).exists()
    newer = analyses.renew_analysis(actor=district.enterprise, row=row, occasion="regular", now=NOW)
    in_force(district.enterprise, second(district), newer)
    assert analyses.analyse_anew(file_id=file.pk, reason="扩建验收", now=NOW + timedelta(days=30)) == 1
    newer.refresh_from_db()
    assert newer.status == "DUE"
    page = client_of(district.enterprise).get(reverse("risk:unit", args=[unit.pk]) + "?tab=analyses").content.decode()
    assert "HAZOP" in page


def test_rows_come_from_a_sheet_and_go_out_as_they_came() -> None:
    district = make_district()
    row = make_analysis(district.enterprise, a_unit(district))
    own = client_of(district.enterprise)
    head = ["步骤序号", "作业步骤", "危险、有害因素", "因素分类", "主要后果", "工程技术措施", "可能性L（现有措施）",
            "严重性S（现有措施）", "管控层级"]  # fmt: skip
    good = [1, "连接软管", "泄漏", "21", "火灾", "试压", 2, 4, "班组、岗位级"]
    given = {"analysis": str(row.pk)}
    red, blue = ([2, "卸料", "超压", "21", "火灾", "", *factors, "班组、岗位级"] for factors in ((4, 5), (1, 4)))
    bad = checked(own, "risk.jha", book(head, good, red), **given)
    assert bad.state == "bad"
    assert {cell for cell, _code in reasons(bad)} >= {"I3"}
    run = imported(own, "risk.jha", book(head, good, blue), **given)
    assert sorted(row.rows.values_list("key", "level")) == [("1|泄漏", 4), ("2|超压", 4)]
    columns = ",".join(one.key for one in JhaRows.columns)
    sheet = exported(own, f"{reverse('risk:rows_jha')}?export=xlsx&cols={columns}")
    top = next(place for place, one in enumerate(sheet) if "作业步骤" in one)
    again = checked(own, "risk.jha", book(*sheet[top:]), **given)
    assert again.state == "checked", again.errors
    assert again.counts.get("unchanged") == 2
    undo(own, run)
    assert not row.rows.exists()


def test_layers_tell_what_is_missing_and_refuse_what_is_counted_twice() -> None:
    district = make_district()
    unit = a_unit(district)
    found = make_lopa(district.enterprise, unit)
    # 0.1 × 0.5 × 0.01 × 0.01 = 5e-6 of 1e-5 allowed.
    assert (found.result["mitigated"], found.result["rrf"], found.result["sil"]) == ("5e-06", "5e+03", 3)
    assert (found.level, found.sil_missing) == (3, 0)
    page = reverse("risk:lopa_new", args=[unit.pk])
    own = client_of(district.enterprise)
    typed = {
        "name": "溢料", "initiating": "BPCS_LOOP", "initiating_parts": "LT-101", "tolerable": "0.00001",
        "tolerable_basis": "企业标准", "day": NOW.date().isoformat(), "assessed_by": "甲",
    }  # fmt: skip
    for layers, said in (
        ("高液位报警；OPERATOR；；LT-101", "不独立"),
        ("联锁；SIL1；；XV-1\n切断；SIL2；；XV-1", "只能计一层"),
        ("联锁；SIL1；1.5", "不超过1"),
        ("联锁；SIL1；0", "不超过1"),
        ("联锁", "没有典型值"),
        ("联锁；SIL9；0.1", "第1行"),
    ):
        answer = own.post(page, {**typed, "layers": layers})
        assert answer.status_code == 422, layers
        assert said in answer.content.decode(), layers
    assert own.post(page, {**typed, "layers": "联锁；SIL1；；LT-102"}).status_code in (302, 303)
    weak = LopaScenario.objects.get(name="溢料")
    # 0.1 × 0.1 is a thousand times too often.
    assert (weak.level, weak.sil_missing) == (1, 2)
    shown = client_of(district.department).get(reverse("risk:lopa", args=[weak.pk])).content.decode()
    assert "SIL2" in shown
    lopa.set_typical(
        actor=district.department_head, kind="layer", code="SIL1", name="SIL1", low=Decimal("0.01"),
        high=Decimal("0.02"), source="本区数据", mark="D", from_date=NOW.date(), now=NOW,
    )  # fmt: skip
    assert make_lopa(district.enterprise, unit, name="新值", layers=[("联锁", "SIL1", None, ())]).layers[0]["pfd"] in (
        "0.02", "0.0200000000",
    )  # fmt: skip
    weak.refresh_from_db()
    assert weak.layers[0]["pfd"] == "0.1"


def test_a_new_row_sent_again_is_the_row_that_was_written_and_a_renewal_the_same_edition() -> None:
    district = make_district()
    who = district.enterprise
    analysis = make_analysis(who, a_unit(district))
    key = uuid.uuid4()
    made = [analyses.save_row(actor=who, analysis=analysis, values=sent(), now=NOW, client_id=key) for _time in "ab"]
    assert made[0].pk == made[1].pk
    assert analysis.rows.count() == 1
    in_force(who, second(district), analysis)
    renewed = uuid.uuid4()
    fresh = analyses.renew_analysis(actor=who, row=analysis, occasion="regular", now=NOW, client_id=renewed)
    in_force(who, second(district), fresh)
    analysis.refresh_from_db()
    assert analysis.status == "SUPERSEDED"
    again = analyses.renew_analysis(actor=who, row=analysis, occasion="regular", now=NOW, client_id=renewed)
    assert again.pk == fresh.pk
