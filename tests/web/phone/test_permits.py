"""A shift without signal at a permit: what was done at the place arrives once, judged by when it happened."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.domains.permits.factories import NOW, crew_of, make_draft, prepare
from tests.web.phone.conftest import MIN, Shift, photo, started, until
from tests.web.phone.test_cut_offs import RUN
from tests.web.phone.test_phone_look import SMALL, WIDE, picture
from tests.web.test_axe import AXE
from tests.web.test_axe import RUN as AXE_RUN

from quancheng.domains.permits.models import (
    FieldRecord,
    GasTest,
    GuardianCheck,
    PermitMeasure,
    PermitPerson,
    PermitSiteCheck,
    SpaceEntry,
)
from quancheng.domains.permits.services import clock, figures, orders, preparing, working
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.loops.models import MoveRecord
from quancheng.kernel.phone.parts import pack_for
from quancheng.standards.gb30871 import tickets, watching
from quancheng.standards.gb30871.gases import UNITS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: How often the line breaks or the program ends, see ``test_cut_offs``.
CUTS = 60


def gas(page: Page, value: str) -> None:
    page.fill("#g-value", value)


def good_look(page: Page) -> None:
    page.wait_for_selector("[data-slot=items] > li")
    for line in page.locator("[data-slot=items] > li").all():
        line.locator("input[value='1']").check()


def submit(page: Page) -> None:
    page.click("form .ph-button-main")


@pytest.mark.clause("S4-C3.3.1b")
def test_a_shift_in_a_confined_space_without_signal_arrives_once(shift: Shift, tmp_path: Path) -> None:
    permit = shift.make("CS", "WORKING")
    with shift.scene.phone(shift.crew.safety) as (context, page):
        shift.open(context, page)
        context.set_offline(True)
        page.reload()
        started(page)
        page.click(f"[data-permit='{permit.pk}'] a")
        expect(page.locator("[data-slot=state]").first).to_have_text("作业中")
        expect(page.locator("[data-slot=look]")).to_contain_text("下次检查 还剩")
        # What needs the net says so, and cannot be tapped.
        expect(page.locator("[data-act=net]")).to_be_disabled()
        expect(page.locator("[data-slot=net-why]")).to_contain_text("须联网")
        # The clocks run on by themselves: half an hour without a look, two hours without a record of gas.
        shift.later(page, 31)
        expect(page.locator("[data-slot=look][data-late=yes]")).to_contain_text("超期", timeout=20_000)
        clock.keep_time(now=shift.at[0])
        expect(page.locator("[data-slot=silence]")).to_contain_text("后会自动暂停作业")
        looked = shift.at[0]
        page.click("[data-slot=do-look]")
        submit(page)
        expect(page.locator("form .ph-wrong").first).to_be_visible()
        good_look(page)
        page.set_input_files("[data-from=camera]", photo(tmp_path, 7))
        expect(page.locator(".ph-thumb")).to_have_count(1)
        submit(page)
        expect(page.locator("[data-slot=look][data-late=no]")).to_contain_text("还剩")
        page.click("[data-slot=do-space]")
        person = page.locator(".ph-person", has_text="某作业人")
        person.locator("button").click()
        expect(person.locator(".ph-wrong")).to_contain_text("没有填0")
        person.locator("input").fill("3")
        person.locator("button").click()
        expect(person).to_have_attribute("data-inside", "yes")
        expect(page.locator("[data-slot=count]")).to_have_text("空间内 1 人")
        shift.to(page, "permit")
        shift.later(page, 100)
        clock.keep_time(now=shift.at[0])
        permit.refresh_from_db()
        assert permit.status == "SUSPENDED"
        expect(page.locator("[data-slot=silence]")).to_contain_text("可能已暂停作业", timeout=20_000)
        expect(page.locator("[data-slot=gas][data-late=yes]")).to_contain_text("须重新分析", timeout=20_000)
        sampled = shift.at[0]
        for quantity, value in (("OXYGEN", "20.6"), ("COMBUSTIBLE", "0.1"), ("TOXIC", "2")):
            page.click("[data-slot=do-gas]")
            page.select_option("#g-quantity", quantity)
            gas(page, value)
            expect(page.locator("[data-slot=verdict][data-verdict=PASS]")).to_contain_text("合格")
            submit(page)
            page.wait_for_selector("[data-slot=do-gas]")
        expect(page.locator("[data-slot=gas][data-late=no]")).to_contain_text("取样于")
        shift.later(page, 40)
        clock.keep_time(now=shift.at[0])
        page.click("[data-slot=do-look]")
        good_look(page)
        submit(page)
        page.click("[data-slot=do-space]")
        person = page.locator(".ph-person", has_text="某作业人")
        person.locator("input").fill("3")
        person.locator("button").click()
        expect(person).to_have_attribute("data-inside", "no")
        page.reload()
        started(page)
        assert FieldRecord.objects.count() == 0
        shift.later(page, 1)
        shift.back(context, page, 7)
        expect(page.locator(".ph-safe")).to_contain_text("可以安全关闭")
    check, last = GuardianCheck.objects.order_by("checked_at")
    assert abs(check.checked_at - looked) < MIN
    assert files_of(FieldRecord.objects.filter(kind="LOOK").earliest("happened_at")).count() == 1
    # The clock had stopped the work for want of records: what was done all the while counts, and it stays stopped.
    stop = MoveRecord.objects.get(subject_id=permit.pk, move="stop")
    assert last.checked_at > stop.at
    rows = GasTest.objects.filter(permit=permit, sampled_at__gt=looked)
    assert {one.quantity for one in rows} == {"OXYGEN", "COMBUSTIBLE", "TOXIC"}
    assert all(abs(one.sampled_at - sampled) < MIN and one.entered_at - one.sampled_at > 40 * MIN for one in rows)
    entry = SpaceEntry.objects.get()
    assert (entry.tools_in, entry.tools_out) == (3, 3)
    assert entry.left_at is not None
    assert entry.left_at - entry.entered_at > 100 * MIN
    assert set(FieldRecord.objects.values_list("outcome", flat=True)) == {"COUNTED"}
    assert permit.status == "SUSPENDED"


def test_a_failing_gas_value_shouts_on_the_spot_goes_first_and_stops_the_work_on_arrival(shift: Shift) -> None:
    permit = shift.make("HW", "WORKING")
    with shift.scene.phone(shift.crew.safety) as (context, page):
        shift.open(context, page)
        context.set_offline(True)
        shift.to(page, "permit-look")
        good_look(page)
        submit(page)
        page.click("[data-slot=do-gas]")
        expect(page.locator("[data-slot=limit]")).to_contain_text("≤ 0.5 %VOL（GB 30871-2022，5.3.2）")
        gas(page, "0.51")
        expect(page.locator("[data-slot=verdict][data-verdict=FAIL]")).to_be_visible()
        page.select_option("#g-unit", "%LEL")
        gas(page, "10")
        expect(page.locator("[data-slot=verdict][data-verdict=PASS]")).to_contain_text("0.5 %VOL")
        gas(page, "40")
        expect(page.locator("form [data-slot=shout]")).to_contain_text("立即停止现场作业")
        submit(page)
        expect(page.locator(".ph-shout").first).to_contain_text("立即停止现场作业")
        expect(page.locator("[data-slot=sent]")).to_contain_text("排在最前")
        shift.to(page, "permit")
        expect(page.locator("[data-slot=state][data-tone=stop]").first).to_contain_text("已在现场停止")
        assert permit.status == "WORKING"
        shift.later(page, 20)
        shift.back(context, page, 2)
    assert (permit.status, permit.stop_reason) == ("SUSPENDED", "GAS_ALARM")
    stop = MoveRecord.objects.get(subject_id=permit.pk, move="stop")
    assert stop.device_at is not None
    assert stop.at - stop.device_at >= 19 * MIN
    first, second = FieldRecord.objects.order_by("pk")
    assert (first.kind, second.kind) == ("GAS", "LOOK")
    # He looked before it stopped: that counts too.
    assert second.outcome == "COUNTED"


@pytest.mark.clause("S1-4b")
def test_a_stop_pressed_without_signal_shouts_and_is_the_first_to_arrive(shift: Shift) -> None:
    permit = shift.make("HW", "WORKING")
    with shift.scene.phone(shift.crew.safety) as (context, page):
        shift.open(context, page)
        context.set_offline(True)
        shift.to(page, "permit-look")
        good_look(page)
        submit(page)
        page.click("[data-slot=stop]")
        expect(page.locator(".ph-shout")).to_contain_text("现在就在现场停止作业")
        page.fill("#o-remark", "闻到气味")
        page.get_by_role("button", name="装置异常").click()
        expect(page.locator(".ph-shout").first).to_contain_text("不得恢复")
        expect(page.locator("[data-slot=sent]")).to_contain_text("首先上报")
        page.click("[data-slot=back]")
        expect(page.locator("[data-slot=shout]")).to_contain_text("立即停止现场作业")
        expect(page.locator("[data-slot=stop]")).to_be_hidden()
        pressed = shift.at[0]
        shift.later(page, 15)
        shift.back(context, page, 2)
    assert (permit.status, permit.stop_reason) == ("SUSPENDED", "UNIT_UPSET")
    assert permit.stopped_at is not None
    assert abs(permit.stopped_at - pressed) < MIN
    assert [one.kind for one in FieldRecord.objects.order_by("pk")] == ["STOP", "LOOK"]
    assert MoveRecord.objects.get(subject_id=permit.pk, move="suspend").given["note"] == "闻到气味"


def test_measures_and_the_place_are_told_and_what_came_too_late_says_what_to_do(shift: Shift) -> None:
    shift.crew = crew_of(shift.scene.district, "CS")
    shift.who = shift.crew.safety
    permit = shift.permit = make_draft(shift.scene.district, "CS", shift.crew)
    prepare(shift.crew, permit)
    PermitMeasure.objects.filter(permit=permit, code__in=("CS-01", "CS-02")).delete()
    shift.at[0] = NOW + 6 * MIN
    with shift.scene.phone(shift.crew.safety) as (context, page):
        shift.open(context, page)
        context.set_offline(True)
        shift.to(page, "permit-measures")
        submit(page)
        expect(page.locator("form .ph-wrong")).to_have_text("请至少选择一项措施。")
        row = next(one for one in tickets.measures("CS") if one.code == "CS-01")
        line = page.locator("[data-field='m-CS-01']")
        line.locator("input[value='1']").check()
        for name in row.parameters:
            line.locator(f"input[name='f-CS-01-{name}']").fill("2")
        submit(page)
        expect(page.locator("[data-slot=measures]")).to_contain_text("已确认")
        page.click("[data-slot=do-site]")
        page.select_option("select[name=identified]", "1")
        submit(page)
        page.wait_for_selector("[data-slot=do-site]")
        shift.later(page, 3)
        shift.back(context, page, 2)
        assert PermitMeasure.objects.get(permit=permit, code="CS-01").applies
        assert PermitSiteCheck.objects.filter(permit=permit).count() == 2
        # Out of reach again; at the desk the permit is presented meanwhile.
        context.set_offline(True)
        shift.to(page, "permit-measures")
        page.locator("[data-field='m-CS-02'] input[value='0']").check()
        submit(page)
        page.wait_for_selector("[data-slot=do-measures]")
        row = next(one for one in tickets.measures("CS") if one.code == "CS-02")
        shift.later(page, 2)
        preparing.confirm_measure(
            actor=shift.crew.head, permit=permit, code="CS-02", applies=True,
            filled=dict.fromkeys(row.parameters, "1"), now=shift.at[0],
        )  # fmt: skip
        preparing.present_permit(actor=shift.crew.head, permit=permit, now=shift.at[0])
        shift.later(page, 2)
        shift.back(context, page, 3)
        kept = page.locator(".ph-act[data-state=kept]")
        expect(kept).to_contain_text("已送达，未计入")
        expect(kept).to_contain_text("请退回准备")
        shift.to(page, "permit")
        expect(page.locator("[data-slot=told]")).to_contain_text("请退回准备")
        expect(page.locator("[data-slot=state]").first).to_have_text("会签审批中")
        shift.to(page, "permit-measures")
        expect(page.locator("[data-slot=closed]")).to_contain_text("不能再改")
    assert PermitMeasure.objects.get(permit=permit, code="CS-02").applies
    assert permit.status == "APPROVING"


def test_an_office_stopped_the_work_meanwhile_and_a_second_phone_tells_the_same(shift: Shift) -> None:
    permit = shift.make("CS", "WORKING")
    with (
        shift.scene.phone(shift.crew.safety) as (context, page),
        shift.scene.phone(shift.crew.head) as (other_context, other),
    ):
        shift.open(context, page)
        shift.open(other_context, other)
        for each, where in ((context, page), (other_context, other)):
            each.set_offline(True)
            shift.to(where, "permit-space")
            person = where.locator(".ph-person", has_text="某作业人")
            person.locator("input").fill("2")
            person.locator("button").click()
            expect(person).to_have_attribute("data-inside", "yes")
        shift.later(page, 5)
        orders.order_stop(
            actor=shift.scene.district.department, target=orders.Target(permit=permit), cause="INSPECTOR_ORDER",
            reason="检查发现", now=shift.at[0],
        )  # fmt: skip
        shift.later(page, 2)
        other.clock.set_system_time(shift.at[0])
        # He looks without knowing of the order.
        shift.to(page, "permit-look")
        good_look(page)
        submit(page)
        page.wait_for_selector("[data-slot=do-look]")
        shift.back(context, page, 2)
        expect(page.locator(".ph-act[data-state=kept]")).to_contain_text("记录时作业没有进行")
        shift.to(page, "permit")
        expect(page.locator("[data-slot=state]").first).to_contain_text("暂停")
        shift.who = shift.crew.head
        shift.back(other_context, other, 1)
        expect(other.locator(".ph-act[data-state=kept]")).to_contain_text("没有重复登记")
    assert SpaceEntry.objects.count() == 1
    assert not GuardianCheck.objects.exists()
    assert FieldRecord.objects.count() == 3


def test_cut_offs_on_the_way_home_lose_no_look_and_double_none(shift: Shift) -> None:
    permit = shift.make("HW", "WORKING")
    shift.later_at(25)
    guardian = PermitPerson.objects.get(permit=permit, part="GUARDIAN")
    items = {one.key: True for one in watching.guardian_items("HW")}
    told = json.dumps({"guardian_id": str(guardian.pk), "items": items})
    run = RUN.replace("body: { name: `隐患${number}`,", f"body: {{ ...{told}, remark: `第${{number}}次`, number,")
    assert run != RUN
    with shift.scene.phone(shift.crew.safety) as (_context, page):
        page.goto(f"{shift.scene.url}/alive")
        path = f"/permits/permits/{permit.pk}/field/looks"
        given = ["/static/phone/js/", str(shift.crew.safety.user_id), path, CUTS, 12, 20261201]
        found = page.evaluate(run, given)
    assert found["cuts"] >= CUTS, found
    assert (found["problems"], found["files"]) == ([], 0)
    rows = list(FieldRecord.objects.order_by("pk"))
    assert sorted(one.body["remark"] for one in rows) == sorted(f"第{number}次" for number in range(found["made"]))
    assert GuardianCheck.objects.count() == found["made"] >= 12
    assert [files_of(one).count() for one in rows] == [1] * found["made"]


@pytest.mark.parametrize(
    ("kind", "work"),
    [("CS", {}), ("CS", {"other_gases": ["propane", "unheard_of"]}), ("EX", {"depth_m": 2, "dangerous_lines": True}),
     ("WH", {"breathing_apparatus": False})],
)  # fmt: skip
def test_the_phone_judges_gas_as_the_standard_does(shift: Shift, kind: str, work: dict[str, Any]) -> None:
    permit = shift.make(kind, "PREPARING" if kind != "CS" else "WORKING")
    permit.work |= work
    permit.save(update_fields=["work"])
    if work:
        # An enterprise that asks more than the standard.
        figures.set_figure(
            actor=shift.crew.head, file=permit.file, name="comb_limit_lt4", value="0.15",
            from_date=timezone.localdate(shift.at[0]), reason="本单位从严", now=shift.at[0],
        )  # fmt: skip
    part = json.loads(pack_for(actor=shift.crew.safety, now=shift.at[0])[0])["permits"]
    asked = [
        {"quantity": quantity, "gas": gas, "value": value, "unit": unit, "calibrated_with": known, "correction": factor}
        for quantity, gases in (
            ("OXYGEN", ("oxygen",)), ("COMBUSTIBLE", ("", "methane", "propane", "benzene", "carbon_monoxide")),
            ("TOXIC", ("", "hydrogen_sulfide", "benzene", "methane")),
        )
        for gas in gases for unit in UNITS for known, factor in (("", ""), ("methane", ""), ("methane", "1.5"))
        for value in ("0", "0.199", "0.2", "0.21", "0.5", "0.51", "3", "4", "7", "9.5", "10", "10.1", "12.5", "19.4",
                      "19.5", "21", "21.1", "23.5", "23.6", "2000", "5000", "5001")
        if Decimal(value) <= {"%VOL": 100, "%LEL": 1000}.get(unit, 10_000)
    ]  # fmt: skip
    judged = """async ([base, gas, words, asked]) => {
      const { judge } = await import(`${base}permit_facts.js`);
      return asked.map((each) => judge(gas, words, each).verdict);
    }"""
    with shift.scene.phone(shift.crew.safety) as (_context, page):
        told = page.evaluate(judged, ["/static/phone/js/", part["permits"][0]["gas"], part["gas"], asked])
    same: dict[str, Any] = {"sampled_at": shift.at[0], "instrument": "1", "calibration_due": None, "analyst": "1"}
    assert len(told) > 800
    for one, verdict in zip(asked, told, strict=True):
        known = one | {"value": Decimal(one["value"]), "correction": Decimal(one["correction"] or 0) or None}
        assert verdict == preparing.verdict_of(permit, preparing.Sample(**known, **same)), one


def test_a_reading_counts_from_when_it_was_typed_and_an_old_draft_is_none(shift: Shift) -> None:
    permit = shift.make("HW", "WORKING")
    with shift.scene.phone(shift.crew.safety) as (context, page):
        shift.open(context, page)
        context.set_offline(True)
        shift.to(page, "permit-gas")
        page.locator("#g-value").press_sequentially("0.1")
        expect(page.locator("[data-slot=happened]")).to_contain_text("以开始填写的时间为准")
        page.wait_for_timeout(1500)
        shift.to(page, "permit-look")
        good_look(page)
        page.wait_for_timeout(1500)
        shift.later(page, 30)
        # What lay half written says nothing of the place as it is now.
        shift.to(page, "permit")
        shift.to(page, "permit-look")
        expect(page.locator("[data-slot=items] input:checked")).to_have_count(0)
        shift.to(page, "permit-gas")
        expect(page.locator("#g-value")).to_have_value("")
        page.locator("#g-value").press_sequentially("0.2")
        typed = shift.at[0]
        shift.later(page, 5)
        submit(page)
        page.wait_for_selector("[data-slot=do-gas]")
        shift.later(page, 1)
        shift.back(context, page, 1)
    row = GasTest.objects.filter(permit=permit).latest("sampled_at")
    assert row.value == Decimal("0.2")
    assert abs(row.sampled_at - typed) < MIN


#: From here on the device keeps nothing, as in ``test_phone_faults``.
FULL = """() => {
  IDBObjectStore.prototype.put = function () {
    Object.defineProperty(this.transaction, "error", { value: new DOMException("full", "QuotaExceededError") });
    this.transaction.abort();
    return {};
  };
}"""


@pytest.mark.parametrize("is_online", [True, False])
def test_a_full_phone_stops_the_work_as_it_is_or_says_loudly_that_it_did_not(shift: Shift, is_online: bool) -> None:
    permit = shift.make("HW", "WORKING")
    with shift.scene.phone(shift.crew.safety) as (context, page):
        shift.open(context, page)
        context.set_offline(not is_online)
        shift.to(page, "permit-stop")
        page.evaluate(FULL)
        page.get_by_role("button", name="装置异常").click()
        if is_online:
            expect(page.locator("[data-slot=sent][data-safe=yes]")).to_contain_text("已由服务器确认")
        else:
            expect(page.locator("[data-slot=lost]")).to_contain_text("没有记录下来，也没有上报")
            shift.to(page, "permit-stop")
            expect(page.get_by_role("button", name="装置异常")).to_be_enabled()
    permit.refresh_from_db()
    assert permit.status == ("SUSPENDED" if is_online else "WORKING")


def test_a_stop_that_the_server_refuses_is_said_loudly_and_stays_a_stop(shift: Shift) -> None:
    shift.make("HW", "WORKING")
    with shift.scene.phone(shift.crew.safety) as (context, page):
        shift.open(context, page)
        answer = json.dumps({"code": "invalid", "detail": "请检查", "fields": {}})
        context.route("**/field/stops", lambda route: route.fulfill(
            status=422, body=answer, content_type="application/problem+json"
        ))  # fmt: skip
        shift.to(page, "permit-stop")
        page.get_by_role("button", name="装置异常").click()
        expect(page.locator("[data-slot=lost]")).to_contain_text("停止没有上报成功")
        shift.to(page, "permit")
        expect(page.locator("[data-slot=shout]")).to_contain_text("通知控制室")
        expect(page.locator("[data-slot=state][data-tone=stop]").first).to_contain_text("已在现场停止")


def test_an_old_pack_still_stops_and_registers_who_goes_in(shift: Shift) -> None:
    permit = shift.make("CS", "APPROVING")
    shift.at[0] = max(shift.at[0], permit.window_start + MIN)
    with shift.scene.phone(shift.crew.safety) as (context, page):
        shift.open(context, page)
        context.set_offline(True)
        shift.to(page, "permit-space")
        expect(page.locator("[data-slot=stop]")).to_contain_text("未开始不得进入")
        person = page.locator(".ph-person", has_text="某作业人")
        person.locator("input").fill("1")
        person.locator("button").click()
        expect(person).to_have_attribute("data-inside", "yes")
        shift.to(page, "permit")
        expect(page.locator("[data-slot=do-look]")).to_be_visible()
        expect(page.locator("[data-slot=stop]")).to_be_visible()
        shift.later(page, 2)
        shift.back(context, page, 1)
    assert SpaceEntry.objects.get(permit=permit).left_at is None


#: What is urgent, its photo, and another act whose photo is long: what goes over the line, in its order.
ORDER = """async ([base]) => {
  const { Sync, inOrder } = await import(`${base}sync.js`);
  const { sha256 } = await import(`${base}secret.js`);
  const bytes = new Uint8Array(4000);
  const file = async (id, more) => ({ id, name: id, size: 4000, sha256: await sha256(bytes), file_id: null, ...more });
  const act = (id, files, more) => ({ id, files, state: "waiting", made_at: id, body: { photo_ids: files.map((each) => ({ $file: each.id })) }, ...more });
  const calm = act("calm", [await file("long")], { number: 2 });
  const stop = act("stop", [await file("lost", { sha256: "x" }), await file("good")], { urgent: 1, number: 3 });
  const acts = [act("late", [], { number: 1 })];
  const said = [];
  let sync = null;
  const store = {
    acts: async () => inOrder([calm, ...acts]), note: async () => true, settle: async (one) => said.push(`settle ${one.id}`),
    file: async () => bytes,
  };
  const offsets = {};
  const stands = (id) => ({ status: 200, body: (offsets[id] ?? 0) < 4000 ? { offset: offsets[id] ?? 0 } : { file_id: `f-${id}`, sha256: calm.files[0].sha256 } });
  const transport = {
    begin: async (one) => stands(one.id),
    part: async (id, offset, part) => {
      said.push(`part ${id} ${offset}`);
      offsets[id] = offset + part.length;
      if (id === "long" && offset === 0) { acts.push(stop); sync.hurry = true; }
      return stands(id);
    },
    act: async (one, body) => { said.push(`act ${one.id} ${body.photo_ids.join()}`); return { status: 201, body: { id: one.id, outcome: "COUNTED" } }; },
  };
  for (let run = 0; run < 3; run += 1) {
    sync = new Sync({ store, transport, partBytes: 2000 });
    await sync.run();
  }
  return said;
}"""  # noqa: E501


def test_what_is_urgent_waits_for_no_photo_of_its_own_or_of_another(shift: Shift) -> None:
    with shift.scene.phone(shift.scene.worker) as (_context, page):
        page.goto(f"{shift.scene.url}/alive")
        told = page.evaluate(ORDER, ["/static/phone/js/"])
    assert told == [
        "act late ", "settle late", "part long 0", "act stop ", "part good 0", "part good 2000", "act stop f-good",
        "settle stop", "part long 2000", "act calm f-long", "settle calm",
    ]  # fmt: skip


def test_a_permit_that_ended_leaves_the_phone(shift: Shift) -> None:
    permit = shift.make("HW", "WORKING")
    with shift.scene.phone(shift.crew.safety) as (context, page):
        shift.open(context, page)
        working.void_permit(
            actor=shift.crew.head, permit=permit, event="SERIOUS_VIOLATION", reason="违章", now=shift.at[0]
        )
        shift.later(page, 6)
        page.click("[data-act=refresh]")
        expect(page.locator(f"[data-permit='{permit.pk}']")).to_have_count(0)
        page.goto(f"{shift.scene.url}/phone/#/permit-gas/{permit.pk}")
        expect(page.locator("#main .ph-note")).to_contain_text("没有这张作业票")


@pytest.mark.parametrize(("width", "english", "outdoor"), [(390, False, False), (320, True, True)])
def test_the_screens_of_a_permit_fit_and_read_well(shift: Shift, width: int, english: bool, outdoor: bool) -> None:
    permit = shift.make("CS", "WORKING")
    with shift.scene.phone(shift.crew.safety) as (context, page):
        page.set_viewport_size({"width": width, "height": 844})
        shift.open(context, page)
        if outdoor:
            page.click("[data-act=outdoor]")
        if english:
            page.click("[data-act=language]")
            page.wait_for_selector("html[lang=en]")
            started(page)
            until(page, lambda: page.locator(f"[data-permit='{permit.pk}']").count() > 0)
        context.set_offline(True)
        page.wait_for_timeout(300)
        for name in ("", "permits", *(f"{one}/{permit.pk}" for one in (
            "permit", "permit-look", "permit-gas", "permit-measures", "permit-space", "permit-site", "permit-stop",
            "permit-stopped",
        ))):  # fmt: skip
            page.goto(f"{shift.scene.url}/phone/#/{name}")
            page.wait_for_selector("#main h1")
            page.wait_for_timeout(200)
            picture(page, f"{name.split('/')[0] or 'home'}-permits-{width}")
            assert page.evaluate(WIDE) <= 1, f"{name} scrolls sideways"
            assert page.evaluate(SMALL) == [], name
            page.evaluate(AXE.read_text())
            assert page.evaluate(AXE_RUN) == [], name
