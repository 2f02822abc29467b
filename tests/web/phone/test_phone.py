"""The phone without signal: reported and put right offline, sent once, nothing lost, nothing read by another."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.domains.hazards.check_factories import make_plant, make_task
from tests.domains.hazards.test_department_checklists import colleague
from tests.domains.hazards.test_post_coverage import bureau
from tests.web.phone.conftest import Scene, kept_offline, photo, report, started, state, until

from quancheng.domains.hazards.models import CheckRecord, Finding
from quancheng.domains.hazards.services import department_checklists as services
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.law.services import ClauseSpec
from quancheng.kernel.loops.models import MoveRecord
from quancheng.web.phone import views

#: Counts as the bar does with each move, and how often something sealed was opened for it.
COUNT = """async ([base, user]) => {
  const { App } = await import(`${base}app.js`);
  const { Store, openDatabase } = await import(`${base}store.js`);
  const { kept } = await import(`${base}secret.js`);
  const app = new App();
  app.store = new Store(await openDatabase(), user, (await kept()).key);
  let opened = 0;
  const decrypt = SubtleCrypto.prototype.decrypt;
  SubtleCrypto.prototype.decrypt = function (...given) { opened += 1; return decrypt.apply(this, given); };
  try {
    return { counts: await app.counts(), opened };
  } finally {
    SubtleCrypto.prototype.decrypt = decrypt;
  }
}"""

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_danger_found_and_one_put_right_without_signal_arrive_once_with_their_photos(
    scene: Scene, tmp_path: Path
) -> None:
    row = scene.fixing()
    with scene.phone(scene.worker) as (context, page):
        expect(page.locator(".ph-row", has_text=row.name)).to_be_visible()
        expect(page.locator(".ph-safe")).to_contain_text("可以安全关闭")
        kept_offline(page)
        context.set_offline(True)
        page.reload()
        started(page)
        expect(page.locator(".ph-line")).to_have_text("无网络")
        page.goto(f"{scene.url}/phone/#/report")
        page.click("[data-act=scan]")
        page.fill("#r-code", "没有这个编码")
        page.click("[data-act=code]")
        expect(page.locator("#said")).to_contain_text("没有编码")
        page.fill("#r-code", f"https://example.invalid/u/{scene.unit.code}")
        page.click("[data-act=code]")
        expect(page.locator("#r-unit")).to_have_value(str(scene.unit.pk))
        page.fill("#r-place", "西侧")
        expect(page.locator("form [data-slot=draft]")).to_contain_text("草稿已保存")
        page.reload()
        started(page)
        report(page, "装车台静电夹锈蚀", photo(tmp_path, 1), photo(tmp_path, 2))
        page.goto(f"{scene.url}/phone/#/fix/{row.pk}")
        page.set_input_files("[data-from=camera]", photo(tmp_path, 3))
        page.fill("#x-result", "已封堵")
        page.click("form .ph-button-main")
        expect(page.locator(".ph-act")).to_have_count(2)
        expect(page.locator(".ph-sign")).to_have_text("还有 2 项未完成")
        # The phone goes off and on again: all is still there.
        page.close()
        page = scene.open(context, "#/queue")
        expect(page.locator(".ph-act[data-state=waiting]")).to_have_count(2)
        assert Finding.objects.count() == 1
        context.set_offline(False)
        page.evaluate("window.dispatchEvent(new Event('online'))")
        expect(page.locator(".ph-act[data-state=done]")).to_have_count(2, timeout=60_000)
        expect(page.locator(".ph-sign")).to_have_text("可以安全关闭")
        expect(page.locator(".ph-act").first).to_contain_text("已确认")
    made = Finding.objects.exclude(pk=row.pk).get()
    assert (made.name, made.status, made.finder_id) == ("装车台静电夹锈蚀", "REPORTED", scene.worker.user_id)
    assert (str(made.lat), made.unit_id, made.place) == ("29.500000", scene.unit.pk, "西侧")
    assert files_of(made, role="before").count() == 2
    row.refresh_from_db()
    assert (row.status, row.result) == ("ACCEPTING", "已封堵")
    assert files_of(row, role="after").count() == 1
    device_at = MoveRecord.objects.get(subject_id=made.pk, move="").device_at
    assert device_at is not None
    assert abs((made.found_at - device_at).total_seconds()) < 1


@pytest.mark.clause("S1-14b")
def test_a_check_that_is_due_is_recorded_without_signal_and_what_fails_becomes_a_danger(
    scene: Scene, tmp_path: Path
) -> None:
    now = timezone.now()
    plant = make_plant(scene.district, number=2)
    task = make_task(plant, now=now, starts_at=now - timedelta(hours=1))
    with scene.phone(plant.worker) as (context, page):
        page.click(f".ph-row >> text={task.content}")
        context.set_offline(True)
        page.click("form .ph-button-main")
        expect(page.locator(".ph-wrong")).to_have_text("请选择检查结果。")
        page.check("input[name=status][value='1']")
        page.set_input_files("[data-from=camera]", photo(tmp_path, 1))
        expect(page.locator(".ph-thumb")).to_have_count(1)
        page.fill("#c-note", "声光报警不响")
        _sign(page)
        # Left and opened again, the draft has its signature, and it is no photo.
        page.goto(f"{scene.url}/phone/#/")
        page.click(f".ph-row >> text={task.content}")
        expect(page.locator(".ph-sign-pad [role=status]")).to_have_text("签名已保存在本机。")
        expect(page.locator(".ph-thumb")).to_have_count(1)
        page.click("form .ph-button-main")
        expect(page.locator(".ph-act[data-state=waiting]")).to_have_count(1)
        context.set_offline(False)
        page.click("[data-act=sync-now]")
        state(page, task.content, "done", wait=60_000)
        page.goto(f"{scene.url}/phone/#/")
        expect(page.locator(".ph-row", has_text=task.content)).to_have_count(0)
    record = CheckRecord.objects.get()
    assert (record.note, record.person_id, record.due_id) == ("声光报警不响", plant.worker.user_id, record.due_id)
    assert record.due is not None
    assert record.due.done_at == record.at
    assert (str(record.lat), str(record.lon), len(record.photos)) == ("29.500000", "106.550000", 1)
    assert record.received_at - record.at < timedelta(minutes=10)
    assert Finding.objects.get().check_record_id == record.pk
    assert files_of(record, role="signature").get().file.media_type == "image/png"


def _sign(page: Page) -> None:
    """With one finger, as a name is written: a line that comes and goes."""
    page.locator(".ph-sign-pad canvas").scroll_into_view_if_needed()
    box = page.locator(".ph-sign-pad canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 40)
    page.mouse.down()
    for step in range(30):
        page.mouse.move(box["x"] + 20 + 6 * step, box["y"] + (20 if step % 2 else 70))
    page.mouse.up()
    expect(page.locator(".ph-sign-pad [role=status]")).to_have_text("签名已保存在本机。")


def test_a_checklist_is_gone_through_item_by_item_and_nothing_is_left_open(scene: Scene) -> None:
    with scene.phone(scene.worker) as (_context, page):
        page.goto(f"{scene.url}/phone/#/lists")
        page.locator(".ph-row a").first.click()
        page.click("[data-slot=record]")
        items = page.locator("[data-slot=items] > li")
        expect(items.first).to_be_visible()
        page.click("form .ph-button-main")
        expect(page.locator(".ph-wrong")).to_have_count(items.count())
        for number in range(items.count()):
            items.nth(number).locator("input[value='0']").check()
        page.click("form .ph-button-main")
        expect(page.locator(".ph-act[data-state=done]")).to_have_count(1, timeout=60_000)
    record = CheckRecord.objects.get()
    assert (record.status, record.answers.count()) == (0, record.answers.filter(answer=0).count())
    assert not Finding.objects.exists()


def test_a_department_list_says_what_each_item_asks_for_and_what_is_missing(scene: Scene, tmp_path: Path) -> None:
    now, officer = timezone.now(), bureau(scene.district)
    spec = services.ListSpec(name="罐车检查表", aspect="vehicles")
    row = services.draft_list(actor=officer, spec=spec, now=now)
    asked = (("花纹深度", "value"), ("切断装置有效", "photo"), ("证件有效", ""))
    items = [
        (number, ClauseSpec(place="", summary=text, grade="low", asks=asks))
        for number, (text, asks) in enumerate(asked, start=1)
    ]
    services.save_items(actor=officer, row=row, items=items, now=now)
    services.submit_list(actor=officer, row=row, now=now)
    services.publish_list(actor=colleague(officer), row=row, effective_date=timezone.localdate(), now=now)
    codes = [services.place_of(row, number) for number in (1, 2, 3)]
    with scene.phone(scene.worker) as (_context, page):
        page.goto(f"{scene.url}/phone/#/lists")
        page.locator(".ph-row a", has_text="罐车检查表").click()
        page.click("[data-slot=record]")
        lines = page.locator("[data-slot=items] > li")
        expect(lines).to_have_count(3)
        expect(lines.nth(0).locator("[data-slot=told]")).to_have_text("实测值或情况")
        expect(lines.nth(0).locator("[data-slot=told]")).to_be_visible()
        expect(lines.nth(1).locator("[data-slot=asked]")).to_have_text("检查表要求拍照。")
        expect(lines.nth(2).locator("[data-slot=asked]")).to_be_hidden()
        for number in range(3):
            lines.nth(number).locator("input[value='0']").check()
        page.click("form .ph-button-main")
        expect(lines.nth(0).locator(".ph-wrong")).to_have_text("请填写实测值或情况。")
        expect(page.get_by_text(f"检查表要求对第{codes[1]}项拍照，请至少拍一张照片。")).to_be_visible()
        page.fill(f"input[name='note-{codes[0]}']", "2.4毫米")
        page.set_input_files("[data-from=camera]", photo(tmp_path, 1))
        expect(page.locator(".ph-thumb")).to_have_count(1)
        page.click("form .ph-button-main")
        expect(page.locator(".ph-act[data-state=done]")).to_have_count(1, timeout=60_000)
    record = CheckRecord.objects.get()
    assert (record.status, record.answers.get(clause__place=codes[0]).note) == (0, "2.4毫米")


def test_what_was_begun_and_not_handed_in_is_found_written_on_or_given_up(scene: Scene, tmp_path: Path) -> None:
    row = scene.fixing()
    with scene.phone(scene.worker) as (context, page):
        expect(page.locator("[data-slot=drafts-box]")).to_be_hidden()
        page.goto(f"{scene.url}/phone/#/fix/{row.pk}")
        page.fill("#x-result", "正在封堵")
        expect(page.locator("form [data-slot=draft]")).to_contain_text("草稿已保存")
        page.goto(f"{scene.url}/phone/#/report")
        page.set_input_files("[data-from=album]", photo(tmp_path, 5))
        # The words are saved on their own; a photo lies on the device once it is shown.
        expect(page.locator(".ph-thumb")).to_have_count(1)
        page.fill("#r-name", "爬梯护栏松动")
        expect(page.locator("form [data-slot=draft]")).to_contain_text("草稿已保存")
        kept_offline(page)
        context.set_offline(True)
        page.goto(f"{scene.url}/phone/#/")
        page.reload()
        started(page)
        drafts = page.locator("[data-slot=drafts] > li")
        expect(drafts).to_have_count(2)
        expect(drafts.filter(has_text=row.name)).to_contain_text("整改完成")
        begun = drafts.filter(has_text="爬梯护栏松动")
        expect(begun).to_contain_text("1 份")
        begun.get_by_role("link", name="继续填写").click()
        expect(page.locator("#r-name")).to_have_value("爬梯护栏松动")
        expect(page.locator(".ph-thumb")).to_have_count(1)
        page.click(".ph-nav a[href='#/']")
        # Given up only when said twice; the other one stays.
        begun.get_by_role("button", name="放弃草稿").click()
        page.get_by_role("button", name="取消").click()
        expect(drafts).to_have_count(2)
        begun.get_by_role("button", name="放弃草稿").click()
        page.get_by_role("button", name="确定删除").click()
        expect(drafts).to_have_count(1)
        expect(drafts).to_contain_text(row.name)
        drafts.get_by_role("link", name="继续填写").click()
        expect(page.locator("#x-result")).to_have_value("正在封堵")
        page.click(".ph-nav a[href='#/']")
        drafts.get_by_role("button", name="放弃草稿").click()
        page.get_by_role("button", name="确定删除").click()
        expect(page.locator(".ph-safe")).to_contain_text("可以安全关闭")
    assert Finding.objects.count() == 1


def test_a_new_version_waits_until_it_is_tapped_and_never_while_somebody_types(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scene.phone(scene.worker) as (_context, page):
        kept_offline(page)
        version = page.evaluate("caches.keys().then((names) => names.find((name) => !name.includes('settings')))")

        newer = views._script() + "// another version\n"
        monkeypatch.setattr(views, "_script", lambda: newer)
        page.goto(f"{scene.url}/phone/#/report")
        page.fill("#r-name", "正在填写")
        page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update())")
        waits = "navigator.serviceWorker.getRegistration().then((found) => found.waiting !== null)"
        until(page, lambda: page.evaluate(waits))
        expect(page.locator("#update")).to_be_hidden()
        page.goto(f"{scene.url}/phone/#/")
        page.click("#update button")
        page.wait_for_selector("html:not([data-started])", state="attached")
        started(page)
        assert version not in page.evaluate("caches.keys()"), "the old version is gone"
        page.goto(f"{scene.url}/phone/#/report")
        expect(page.locator("#r-name")).to_have_value("正在填写")


def test_counting_what_waits_opens_no_note(scene: Scene, tmp_path: Path) -> None:
    with scene.phone(scene.worker) as (context, page):
        context.set_offline(True)
        report(page, "装车台静电夹锈蚀", photo(tmp_path, 1))
        found = page.evaluate(COUNT, [f"{scene.url}/static/phone/js/", str(scene.worker.user_id)])
        assert found == {"counts": {"open": 1, "done": 0, "waiting": 1, "drafts": 0, "stuck": 0, "files": 1,
                                    "isReadable": True}, "opened": 0}  # fmt: skip
        expect(page.locator(".ph-sign")).to_have_text("还有 1 项未完成")
