"""Tags that are compared with another one: who may be whose partner, by page, program and sheet; the alarm."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.domains.monitoring.alarm_scene import raised, tell
from tests.domains.monitoring.tag_scene import LEVEL, Scene, make_scene, make_tag
from tests.factories import NOW, client_of
from tests.kernel.exchange.importing import book, checked, exported, imported, reasons, undo

from quancheng.domains.monitoring.models import LimitEvent, Tag
from quancheng.domains.monitoring.queries.tags import known_tags
from quancheng.domains.monitoring.services import processing
from quancheng.domains.monitoring.services import tags as services
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.kernel.errors import Conflict, Invalid
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db

TWO = "JYZ001.G1.LT102.PV"
VALVE: dict[str, Any] = {"name": "根部阀位置", "kind": "discrete"}


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def as_sensor(partner: Tag, **known: Any) -> dict[str, Any]:
    return {"partner": partner, "partner_as": "sensor", "apart_limit": 50.0, "apart_delay_s": 60.0, **known}


def wrong(scene: Scene, **known: Any) -> set[str]:
    with pytest.raises(Invalid) as refused:
        make_tag(scene, "X.1", **known)
    return set(refused.value.fields)


def test_an_enterprise_compares_two_gauges_and_sees_it_and_the_journal_says_so(scene: Scene) -> None:
    one, two = make_tag(scene), make_tag(scene, TWO)
    browser = client_of(scene.district.enterprise)
    address = reverse("monitoring:tag_change", args=[two.pk])
    given = {**LEVEL, "unit": "mm", "deadband": two.deadband, "version": 1}
    pair = {"partner": str(one.pk), "partner_as": "sensor", "apart_limit": 50, "apart_delay_s": 60}
    assert browser.post(address, {**given, **pair, "partner": str(two.pk)}).status_code == 422
    assert browser.post(address, {**given, **pair, "apart_limit": ""}).status_code == 422
    assert browser.post(address, {**given, **pair, "partner": ""}).status_code == 422
    assert browser.post(address, {**given, **pair}).status_code == 303
    two.refresh_from_db()
    assert (two.partner_id, two.partner_as, two.apart_limit, two.apart_delay_s) == (one.pk, "sensor", 50.0, 60.0)
    facts = JournalEntry.objects.get(act="monitoring.tag.change").facts
    assert (facts["before"]["partner"], facts["after"]["partner"]) == (None, str(one))
    page = browser.get(reverse("monitoring:tag", args=[two.pk])).content.decode()
    assert f'href="{reverse("monitoring:tag", args=[one.pk])}"' in page
    assert "冗余仪表" in page
    assert "对照点位：— → JYZ001.G1.LT101.PV" in page
    # Taken back whole.
    assert browser.post(address, {**given, "version": 2}).status_code == 303
    two.refresh_from_db()
    assert (two.partner_id, two.partner_as, two.apart_limit, two.apart_delay_s) == (None, "", None, 0.0)


def test_only_a_tag_of_the_same_enterprise_kind_and_unit_is_a_partner(scene: Scene) -> None:
    one = make_tag(scene)
    hot = make_tag(scene, "X.T", name="温度", kind="temperature")
    share = make_tag(scene, "X.P", name="液位", kind="level", unit="%", range_lo=0.0, range_hi=100.0)
    found = services.find_tag(actor=scene.district.enterprise, source=scene.source, key="LT9", now=NOW)
    other = open_own_file(actor=scene.district.other_enterprise, kind="depot", known={}, now=NOW)
    theirs = services.enter_tag(actor=scene.district.other_enterprise, file=other, code="Y.1", known=LEVEL, now=NOW)
    for partner in (hot, share, found, theirs):
        assert wrong(scene, **as_sensor(partner)) == {"partner"}
    assert wrong(scene, **as_sensor(one, partner_as="command", apart_limit=None, travel_s=20.0)) == {
        "partner_as", "apart_delay_s"
    }  # fmt: skip
    assert wrong(scene, **as_sensor(one, apart_limit=0.0)) == {"apart_limit"}
    assert wrong(scene, **as_sensor(one, apart_limit=float("nan"))) == {"apart_limit"}
    assert wrong(scene, **as_sensor(one, partner_as="")) == {"partner_as"}
    assert wrong(scene, **as_sensor(one, travel_s=20.0)) == {"travel_s"}
    assert wrong(scene, apart_limit=50.0) == {"partner"}
    assert not Tag.objects.filter(code="X.1").exists()


def test_a_limit_in_another_unit_is_kept_in_the_base_unit(scene: Scene) -> None:
    row = make_tag(scene, TWO, **as_sensor(make_tag(scene), unit="cm", apart_limit=5.0, range_hi=252.0, range_lo=0.0,
                                           ll=15.0, l=25.0, h=212.6, hh=227.5))  # fmt: skip
    assert (row.unit, row.apart_limit, row.hh) == ("mm", 50.0, 2275.0)


def test_partners_never_lead_back_and_stay_what_they_are_while_somebody_looks_at_them(scene: Scene) -> None:
    who = scene.district.enterprise
    one = make_tag(scene)
    two = make_tag(scene, TWO, **as_sensor(one))
    three = make_tag(scene, "X.3", **as_sensor(two))

    def change(row: Tag, **known: Any) -> None:
        row.refresh_from_db()
        services.change_tag(actor=who, row=row, version=row.version, known=known, now=NOW)

    for partner in (one, two, three):
        with pytest.raises(Invalid) as refused:
            change(one, **as_sensor(partner))
        assert set(refused.value.fields) == {"partner"}
    with pytest.raises(Invalid) as refused:
        change(two, kind="position", parameter="")
    assert "kind" in refused.value.fields
    with pytest.raises(Conflict):
        services.end_tag(actor=who, row=one, reason="拆除", now=NOW)
    with pytest.raises(Conflict):
        services.withdraw_tag(actor=who, row=one, now=NOW)
    change(two, partner=None)
    services.end_tag(actor=who, row=one, reason="拆除", now=NOW)
    services.end_tag(actor=who, row=three, reason="拆除", now=NOW)
    services.end_tag(actor=who, row=two, reason="拆除", now=NOW)


def test_a_partner_that_ends_while_it_is_named_is_no_partner(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, who = make_tag(scene), make_tag(scene, TWO), scene.district.enterprise
    checks = services.checked

    def ends_meanwhile(*args: Any, **known: Any) -> Any:
        result = checks(*args, **known)
        services.end_tag(actor=who, row=Tag.objects.get(pk=two.pk), reason="拆除", now=NOW)
        return result

    monkeypatch.setattr(services, "checked", ends_meanwhile)
    with pytest.raises(Conflict) as late:
        services.change_tag(actor=who, row=one, version=one.version, known=as_sensor(two), now=NOW)
    assert set(late.value.fields) == {"partner"}
    one.refresh_from_db()
    assert one.partner_id is None


def test_who_ends_a_tag_holds_it_before_looking_whether_it_is_named(scene: Scene) -> None:
    two = make_tag(scene, TWO)
    with CaptureQueriesContext(connection) as asked:
        services.end_tag(actor=scene.district.enterprise, row=two, reason="拆除", now=NOW)
    said = [one["sql"] for one in asked.captured_queries]
    held = next(place for place, sql in enumerate(said) if "FOR NO KEY UPDATE" in sql)
    assert held < next(place for place, sql in enumerate(said) if '"partner_id" =' in sql)


def send(scene: Scene, method: str, url: str, body: dict[str, Any]) -> Any:
    program = client_of(scene.district.enterprise)
    return getattr(program, method)(f"/api/v1/monitoring{url}", body, content_type="application/json")


def test_programs_name_the_command_of_a_valve_and_processors_know_it(scene: Scene) -> None:
    command = make_tag(scene, "X.CMD", name="开阀指令", kind="discrete", source=scene.source)
    url = f"/enterprises/{scene.file.pk}/tags"
    body = {
        "code": "X.ZS", **VALVE, "parameter": "valve_position", "partner_id": str(command.pk), "partner_as": "command",
        "travel_s": 20, "source_id": str(scene.source.pk),
    }  # fmt: skip
    assert send(scene, "post", url, {**body, "partner_as": "friend"}).status_code == 422
    assert set(send(scene, "post", url, {**body, "partner_as": "sensor"}).json()["fields"]) >= {"partner_as"}
    assert send(scene, "post", url, {**body, "partner_id": str(scene.file.pk)}).json()["fields"].keys() == {
        "partner_id"
    }
    made = send(scene, "post", url, body)
    assert made.status_code == 201, made.content
    assert (made.json()["partner_id"], made.json()["travel_s"]) == (str(command.pk), 20.0)
    one = f"/tags/{made.json()['id']}"
    set_on = send(scene, "post", f"{one}/limits", {"version": 1, "travel_s": 30})
    assert (set_on.json()["travel_s"], set_on.json()["partner_id"]) == (30.0, str(command.pk))
    known = {tag.code: tag for tag in known_tags(today=NOW.date())}
    assert (known["X.ZS"].partner, known["X.ZS"].travel_s) == (command.number, 30.0)
    cleared = send(scene, "post", f"{one}/limits", {"version": 2, "partner_id": None})
    assert (cleared.json()["partner_id"], cleared.json()["partner_as"], cleared.json()["travel_s"]) == (None, "", None)


def test_a_sheet_names_partners_by_their_code_and_what_is_exported_comes_in_unchanged(scene: Scene) -> None:
    browser = client_of(scene.district.enterprise)
    make_tag(scene)
    heads = ("点位编码", "点位名称", "监测类型", "计量单位", "对照点位", "对照方式", "偏差限值", "偏差延时（秒）")
    line = (TWO, "第二套液位", "液位", "cm", "JYZ001.G1.LT101.PV", "冗余仪表", 5, 60)
    bad = checked(browser, "monitoring.own_tags", book(
        heads, (TWO, "第二套液位", "液位", "mm", "NO.SUCH", "冗余仪表", 5, 60),
        ("X.2", "温度", "温度", "", "JYZ001.G1.LT101.PV", "冗余仪表", 5, 60),
    ))  # fmt: skip
    assert {cell for cell, _code in reasons(bad)} == {"E2", "E3"}
    run = imported(browser, "monitoring.own_tags", book(heads, line))
    row = Tag.objects.get(code=TWO)
    assert (row.partner and row.partner.code, row.partner_as, row.apart_limit) == ("JYZ001.G1.LT101.PV", "sensor", 50.0)
    columns = "code,name,kind,unit,partner,partner_as,apart_limit,apart_delay_s,travel_s"
    rows = exported(browser, f"{reverse('monitoring:tags')}?export=xlsx&cols={columns}")
    start = next(place for place, row in enumerate(rows) if "点位编码" in row)
    again = checked(browser, "monitoring.own_tags", book(*rows[start:]))
    assert (again.errors, again.counts.get("unchanged")) == ([], 2)
    assert undo(browser, run).status_code in (200, 303)
    assert not Tag.objects.filter(code=TWO).exists()


def test_a_template_makes_the_valve_with_its_command_and_two_gauges(scene: Scene) -> None:
    browser = client_of(scene.district.enterprise)
    second = f"{reverse('monitoring:tag_picks', args=[scene.file.pk])}?facility={scene.tank.pk}&template=tank_farm"
    given = {"prefix": "A.B", "picks": ["XV.n", "XV.n.CMD", "FR.LT2", "FR.LT"]}
    assert browser.post(second, given).status_code == 303
    rows = {row.code: row for row in Tag.objects.select_related("partner")}
    valve, gauge = rows["A.B.XV.1"], rows["A.B.FR.LT2"]
    assert (valve.partner, valve.partner_as, valve.travel_s) == (rows["A.B.XV.1.CMD"], "command", 20.0)
    assert (gauge.partner, gauge.partner_as, gauge.apart_limit) == (rows["A.B.FR.LT"], "sensor", 50.0)
    # Alone it is compared with nothing.
    assert browser.post(second, {"prefix": "A.C", "picks": ["FR.LT2"]}).status_code == 303
    assert Tag.objects.get(code="A.C.FR.LT2").partner is None


def test_both_conditions_become_alarms_that_pages_and_lists_tell_in_words(scene: Scene) -> None:
    one = make_tag(scene)
    two = make_tag(scene, TWO, **as_sensor(one))
    command = make_tag(scene, "X.CMD", name="开阀指令", kind="discrete")
    valve = make_tag(scene, "X.ZS", **VALVE, partner=command, partner_as="command", travel_s=20.0)
    apart = raised(two, "DEV", at=NOW, value=73.5)
    follows = raised(valve, "DISC", at=NOW, value=1.0)
    assert apart.title == "1号罐液位 偏差报警 73.5 mm"
    assert follows.title == "根部阀位置 指令反馈不符"
    browser = client_of(scene.district.enterprise)
    page = browser.get(reverse("monitoring:alarm", args=[apart.pk])).content.decode()
    assert f'href="{reverse("monitoring:tag", args=[one.pk])}"' in page
    assert "73.5 mm" in page
    assert "指令反馈不符" in browser.get(reverse("monitoring:alarm", args=[follows.pk])).content.decode()
    listed = browser.get(f"{reverse('monitoring:alarms')}?view=all&type=DEV").content.decode()
    assert apart.title in listed
    assert follows.title not in listed
    events = browser.get(reverse("monitoring:events")).content.decode()
    assert "偏差报警" in events
    told = browser.get("/api/v1/monitoring/alarms?type=DISC").json()["items"]
    assert [item["id"] for item in told] == [str(follows.pk)]
    tell(valve, "DISC", is_raised=False, at=NOW, value=0.0)
    follows.refresh_from_db()
    assert follows.cleared_at is not None
    assert LimitEvent.objects.filter(limit="DISC").count() == 2
    # What no partner is named for is not offered to be kept silent.
    ask = browser.get(f"{reverse('monitoring:hold_new', args=[one.pk])}?kind=shelf").content.decode()
    assert "偏差报警" not in ask
    assert "偏差报警" in browser.get(f"{reverse('monitoring:hold_new', args=[two.pk])}?kind=shelf").content.decode()


def test_a_pair_that_cannot_be_compared_says_so_and_since_when_until_it_can(scene: Scene) -> None:
    """On its page, in the list, by a filter and to programs; of another partner it says nothing."""
    one = make_tag(scene, source=scene.source)
    two = make_tag(scene, TWO, source=scene.source, **as_sensor(one))
    third = make_tag(scene, "X.LT3", source=scene.source)
    browser = client_of(scene.district.town)

    def noted(since: datetime | None) -> None:
        done = processing.take_over(0)
        split = processing.Split(two.number, one.number, since, 95_000)
        assert processing.write_down(0, done, splits=[split], now=NOW)

    def shown() -> str:
        return browser.get(reverse("monitoring:tag", args=[two.pk])).content.decode()

    assert "不能对照" not in shown()
    noted(NOW)
    noted(NOW)
    assert "与对照点位的数据时间相差95秒" in shown()
    listed = browser.get(reverse("monitoring:tags"), {"split": "1"}).content.decode()
    assert TWO in listed
    assert "X.LT3" not in listed
    answer = browser.get(f"/api/v1/monitoring/tags/{two.pk}").json()
    assert datetime.fromisoformat(answer["not_comparable_since"]) == NOW
    Tag.objects.filter(pk=two.pk).update(partner=third)
    assert "不能对照" not in shown()
    Tag.objects.filter(pk=two.pk).update(partner=one)
    # Nobody compares what is under repair, or what no source tells.
    assert "不能对照" in shown()
    for changed, known, back in (
        (one, {"status": "ended"}, {"status": "live"}),
        (two, {"status": "service", "service_until": NOW}, {"status": "live", "service_until": None}),
        (one, {"source": None}, {"source": scene.source}),
    ):
        Tag.objects.filter(pk=changed.pk).update(**known)
        assert "不能对照" not in shown()
        assert TWO not in browser.get(reverse("monitoring:tags"), {"split": "1"}).content.decode()
        assert browser.get(f"/api/v1/monitoring/tags/{two.pk}").json()["not_comparable_since"] is None
        Tag.objects.filter(pk=changed.pk).update(**back)
    assert "不能对照" in shown()
    noted(None)
    assert "不能对照" not in shown()
    assert browser.get(f"/api/v1/monitoring/tags/{two.pk}").json()["not_comparable_since"] is None


HEADS = ("点位编码", "点位名称", "监测类型", "计量单位", "对照点位", "对照方式", "偏差限值", "偏差延时（秒）")


def test_one_sheet_brings_a_tag_and_the_partner_that_it_names_in_any_order(scene: Scene) -> None:
    browser = client_of(scene.district.enterprise)
    chain = (
        ("N.1", "第一套", "液位", "cm", "N.2", "冗余仪表", 5, 60),
        ("N.2", "第二套", "液位", "mm", "N.3", "冗余仪表", 50, 60),
        ("N.3", "第三套", "液位", "mm", "", "", "", ""),
    )
    run = imported(browser, "monitoring.own_tags", book(HEADS, *chain))
    rows = {one.code: one for one in Tag.objects.select_related("partner")}
    assert (rows["N.1"].partner, rows["N.2"].partner, rows["N.3"].partner) == (rows["N.2"], rows["N.3"], None)
    assert rows["N.1"].apart_limit == 50.0
    assert undo(browser, run).status_code in (200, 303)
    assert not Tag.objects.exists()


def test_one_sheet_turns_who_is_compared_with_whom_also_over_a_tag_that_it_does_not_name(scene: Scene) -> None:
    browser = client_of(scene.district.enterprise)
    one = make_tag(scene, "S.1")
    two = make_tag(scene, "S.2", **as_sensor(one))
    three = make_tag(scene, "S.3", **as_sensor(two))
    to = ("冗余仪表", 50, 60)
    imported(browser, "monitoring.own_tags", book(
        HEADS, ("S.1", "甲", "液位", "mm", "S.2", *to), ("S.2", "乙", "液位", "mm", "", "", "", ""),
    ))  # fmt: skip
    for row in (one, two, three):
        row.refresh_from_db()
    assert (one.partner, two.partner, three.partner) == (two, None, two)
    # And back.
    imported(browser, "monitoring.own_tags", book(
        HEADS, ("S.2", "乙", "液位", "mm", "S.1", *to), ("S.1", "甲", "液位", "mm", "", "", "", ""),
    ))  # fmt: skip
    for row in (one, two, three):
        row.refresh_from_db()
    assert (one.partner, two.partner, three.partner) == (None, one, two)
    # Over S.2, of which this sheet says nothing.
    imported(browser, "monitoring.own_tags", book(
        HEADS, ("S.1", "甲", "液位", "mm", "S.3", *to), ("S.3", "丙", "液位", "mm", "", "", "", ""),
    ))  # fmt: skip
    for row in (one, two, three):
        row.refresh_from_db()
    assert (one.partner, two.partner, three.partner) == (three, one, None)


def test_a_sheet_whose_tags_name_each_other_or_do_not_fit_is_refused_at_the_cell(scene: Scene) -> None:
    """Each of a circle is told, also where it goes over a tag that stands."""
    browser = client_of(scene.district.enterprise)
    bad = checked(browser, "monitoring.own_tags", book(
        HEADS,
        ("N.1", "第一套", "液位", "mm", "N.2", "冗余仪表", 5, 60),
        ("N.2", "第二套", "液位", "mm", "N.1", "冗余仪表", 5, 60),
        ("N.3", "第三套", "液位", "mm", "N.4", "冗余仪表", 5, 60),
        ("N.4", "温度", "温度", "", "", "", "", ""),
    ))  # fmt: skip
    assert {cell for cell, _code in reasons(bad)} == {"E2", "E3", "E4"}
    one = make_tag(scene, "S.1")
    make_tag(scene, "S.2", **as_sensor(one))
    bad = checked(browser, "monitoring.own_tags", book(HEADS, ("S.1", "甲", "液位", "mm", "S.2", "冗余仪表", 5, 60)))
    assert {cell for cell, _code in reasons(bad)} == {"E2"}
