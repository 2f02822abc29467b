"""What goes wrong in the field: killed, signed out, another person, a wrong clock, a full device, a faster desk."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.factories import client_of
from tests.web.phone.conftest import Scene, photo, report, started, state, until

from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.services import findings as services
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.phone.models import DeviceKey

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Everything that lies on the device, as text in two readings; and whose keys.
RAW = """async () => {
  const found = {text: "", keys: []};
  const read = (value) => {
    if (value instanceof CryptoKey) return "[key]";
    if (value instanceof Uint8Array) {
      found.text += new TextDecoder().decode(value) + "\\n" + new TextDecoder("utf-16le").decode(value) + "\\n";
    } else if (value && typeof value === "object") Object.values(value).forEach(read);
    else found.text += String(value) + "\\n";
  };
  for (const {name} of await indexedDB.databases()) {
    const base = await new Promise((good) => {
      indexedDB.open(name).onsuccess = (event) => good(event.target.result);
    });
    for (const store of base.objectStoreNames) {
      const rows = await new Promise((good) => {
        base.transaction(store).objectStore(store).getAll().onsuccess = (event) => good(event.target.result);
      });
      rows.forEach((row) => { if (row.key instanceof CryptoKey) found.keys.push(row.user); });
      rows.forEach(read);
    }
    base.close();
  }
  for (const name of await caches.keys()) {
    for (const request of await (await caches.open(name)).keys()) {
      found.text += await (await (await caches.open(name)).match(request)).text();
    }
  }
  for (const storage of [localStorage, sessionStorage]) found.text += JSON.stringify(storage);
  return found;
}"""


#: A device without room, as browsers tell it: the step that writes is given up. makeRoom() ends it.
FULL = """() => {
  const put = IDBObjectStore.prototype.put;
  window.makeRoom = () => { IDBObjectStore.prototype.put = put; };
  IDBObjectStore.prototype.put = function () {
    Object.defineProperty(this.transaction, "error", { value: new DOMException("full", "QuotaExceededError") });
    this.transaction.abort();
    return {};
  };
}"""


def tap(page: Page) -> None:
    """Send now."""
    page.goto(page.url.split("#")[0] + "#/queue")
    page.click("[data-act=sync-now]")


def test_the_next_person_on_the_phone_reads_nothing_and_the_first_sends_later(scene: Scene, tmp_path: Path) -> None:
    secret = "装车台静电夹锈蚀严重"
    with scene.phone(scene.worker) as (context, page):
        context.set_offline(True)
        report(page, secret, photo(tmp_path, 1))
        context.set_offline(False)
        scene.sign_out(context)
        page.goto(f"{scene.url}/login")
        page.wait_for_load_state("networkidle")
        scene.sign_in(context, scene.district.town)
        page = scene.open(context, "#/queue")
        expect(page.locator("#notes")).to_contain_text("其他人的 1 项")
        expect(page.locator(".ph-act")).to_have_count(0)
        expect(page.locator(".ph-sign")).to_have_text("还有 1 项未完成")
        raw = page.evaluate(RAW)
        assert raw["keys"] == [str(scene.district.town.user_id)]
        for said in (secret, "静电夹", "防火堤", scene.district.enterprise_org.name, str(scene.file.pk)):
            assert said not in raw["text"], said
        assert Finding.objects.count() == 0
        page.goto(f"{scene.url}/login")
        scene.sign_in(context, scene.worker)
        page = scene.open(context, "#/queue")
        state(page, secret, "done", wait=60_000)
        assert page.evaluate("indexedDB.databases()"), "the device keeps its number"
    assert Finding.objects.get().finder_id == scene.worker.user_id
    assert DeviceKey.objects.filter(user=scene.worker.user_id).count() == 1


def test_a_kill_in_mid_sync_and_a_session_that_ended_lose_nothing_and_double_nothing(
    scene: Scene, tmp_path: Path
) -> None:
    with scene.phone(scene.worker) as (context, page):
        context.set_offline(True)
        report(page, "法兰渗漏", photo(tmp_path, 1), photo(tmp_path, 2))
        scene.sign_out(context)
        context.set_offline(False)
        tap(page)
        expect(page.locator("[data-slot=signed-out]")).to_contain_text("内容都还在本机")
        expect(page.locator("[data-slot=sign-in]")).to_be_visible()
        expect(page.locator(".ph-act[data-state=waiting]")).to_have_count(1)
        scene.sign_in(context, scene.worker)
        # The server acts, and the phone is killed before it hears so.
        context.route("**/findings", lambda route: route.fetch() and None)
        tap(page)
        until(page, lambda: Finding.objects.count() == 1)
        page.close()
        context.unroute_all(behavior="ignoreErrors")
        page = scene.open(context, "#/queue")
        state(page, "法兰渗漏", "done", wait=60_000)
        expect(page.locator(".ph-sign")).to_have_text("可以安全关闭")
    assert Finding.objects.count() == 1
    assert FileLink.objects.filter(subject_id=Finding.objects.get().pk).count() == 2


def test_a_clock_wrong_by_a_day_is_told_corrected_and_kept(scene: Scene, tmp_path: Path) -> None:
    with scene.phone() as (context, page):
        page.close()
        scene.sign_in(context, scene.worker)
        context.add_init_script(
            "const Real = Date; const ahead = 86400000;"
            "window.Date = class extends Real { constructor(...given) {"
            " if (given.length) super(...given); else super(Real.now() + ahead); }"
            " static now() { return Real.now() + ahead; } };"
        )
        page = scene.open(context)
        expect(page.locator("[data-slot=clock]")).to_contain_text("快了24 小时")
        report(page, "阀门渗漏", photo(tmp_path, 1))
        state(page, "阀门渗漏", "done", wait=60_000)
    row = Finding.objects.get()
    assert abs(row.found_at - timezone.now()) < timedelta(minutes=5)
    assert "设备时钟快24小时" in row.doubts[0]["zh"]


def test_where_the_desk_was_faster_both_stand_side_by_side_and_the_person_decides(scene: Scene, tmp_path: Path) -> None:
    row, now = scene.fixing(), timezone.now()
    with scene.phone(scene.worker) as (context, page):
        context.set_offline(True)
        page.goto(f"{scene.url}/phone/#/fix/{row.pk}")
        page.set_input_files("[data-from=camera]", photo(tmp_path, 1))
        expect(page.locator(".ph-thumb")).to_have_count(1)
        page.fill("#x-result", "已封堵")
        page.click("form .ph-button-main")
        until_day = timezone.localdate() + timedelta(days=5)
        services.ask_extension(actor=scene.worker, row=row, until=until_day, reason="材料未到", now=now)
        services.judge_extension(
            actor=scene.district.enterprise, row=row, granted=True, until=until_day, reason="同意", now=now
        )
        context.set_offline(False)
        tap(page)
        act = page.locator(".ph-act[data-state=conflict]")
        expect(act).to_contain_text("离线期间已被修改", timeout=60_000)
        row.refresh_from_db()
        assert (row.status, row.result) == ("FIXING", ""), "nothing is written over"
        act.locator("a").click()
        expect(page.locator("[data-slot=differences]")).to_contain_text(until_day.isoformat())
        expect(page.locator("[data-slot=mine]")).to_have_text("已封堵")
        page.click("[data-act=still]")
        state(page, row.name, "done", wait=60_000)
    row.refresh_from_db()
    assert (row.status, row.result, row.deadline) == ("ACCEPTING", "已封堵", until_day)


def test_what_the_server_refuses_says_why_and_is_mended_on_the_phone(scene: Scene, tmp_path: Path) -> None:
    with scene.phone(scene.worker) as (_context, page):
        report(page, "先登记一条", photo(tmp_path, 1))
        state(page, "先登记一条", "done", wait=60_000)
        row = scene.fixing()
        page.reload()
        started(page)
        page.goto(f"{scene.url}/phone/#/fix/{row.pk}")
        page.set_input_files("[data-from=album]", photo(tmp_path, 1))
        expect(page.locator(".ph-thumb")).to_have_count(1)
        page.fill("#x-result", "已封堵")
        page.click("form .ph-button-main")
        act = page.locator(".ph-act[data-state=refused]")
        expect(act).to_contain_text("已用于另一条隐患", timeout=60_000)
        act.locator("a").click()
        page.click("[data-act=edit]")
        # What was typed is kept.
        expect(page.locator("#x-result")).to_have_value("已封堵")
        page.click(".ph-thumb [data-act=remove]")
        page.set_input_files("[data-from=album]", photo(tmp_path, 2))
        expect(page.locator(".ph-thumb")).to_have_count(1)
        page.click("form .ph-button-main")
        state(page, row.name, "done", wait=60_000)


def test_photos_that_are_not_taken_say_why(scene: Scene, tmp_path: Path) -> None:
    row = scene.fixing()
    heic = tmp_path / "IMG_0001.HEIC"
    heic.write_bytes(b"\x00\x00\x00\x18ftypheic" + b"\x00" * 30_000_000)
    large = tmp_path / "大图.jpg"
    large.write_bytes(photo(tmp_path, 9).read_bytes() + b"\x00" * 32 * 1024 * 1024)
    broken = tmp_path / "坏.jpg"
    broken.write_bytes(b"no picture")
    with scene.phone(scene.worker) as (context, page):
        page.goto(f"{scene.url}/phone/#/report")
        page.set_input_files("[data-from=album]", [heic, large, broken])
        refused = page.locator("[data-slot=refused]")
        for said in ("HEIC", "超过 30 MB", "不是能打开的照片"):
            expect(refused).to_contain_text(said)
        expect(page.locator(".ph-thumb")).to_have_count(0)
        old = f"{timezone.localdate().year - 1}-05-01"
        page.set_input_files("[data-from=album]", photo(tmp_path, 3, taken=old.replace("-", ":") + " 10:00:00"))
        expect(page.locator(".ph-thumb")).to_contain_text(f"拍摄于 {old}")
        page.fill("#r-name", "旧照片")
        page.click("form .ph-button-main")
        state(page, "旧照片", "done", wait=60_000)
        page.goto(f"{scene.url}/phone/#/fix/{row.pk}")
        page.set_input_files("[data-from=album]", photo(tmp_path, 4, taken=old.replace("-", ":") + " 10:00:00"))
        expect(page.locator(".ph-thumb")).to_contain_text("不能作为整改后的证明")
        page.fill("#x-result", "已封堵")
        page.click("form .ph-button-main")
        expect(page.locator("[data-field=photos]")).to_contain_text("请移除早于发现隐患的照片")
        page.set_input_files("[data-from=album]", photo(tmp_path, 5, size=(3000, 1000)))
        expect(page.locator(".ph-thumb")).to_have_count(2)
        fill_up(page, scene, 500)
        page.set_input_files("[data-from=album]", photo(tmp_path, 6))
        expect(page.locator("[data-slot=refused]")).to_contain_text("最多保存 500 张")
        # The device is full.
        fill_up(page, scene, 0)
        page.evaluate("navigator.storage.estimate = async () => ({quota: 1000, usage: 990})")
        page.set_input_files("[data-from=album]", photo(tmp_path, 7))
        expect(page.locator("[data-slot=refused]")).to_contain_text("存储空间不足")
        page.evaluate(FULL)
        page.fill("#x-result", "已封堵，又写")
        expect(page.locator("#said")).to_contain_text("这一项没有保存")
        expect(page.locator("#x-result")).to_have_value("已封堵，又写")
        context.set_offline(True)
    made = Finding.objects.get(name="旧照片")
    assert any("天前" in one["zh"] for one in made.doubts)
    link = FileLink.objects.select_related("file").get(subject_id=made.pk)
    assert (link.file.taken_source, str(link.file.latitude)) == ("device", "29.500000")


def test_a_full_device_sends_when_there_is_room_again(scene: Scene) -> None:
    with scene.phone(scene.worker) as (context, page):
        page.goto(f"{scene.url}/phone/#/report")
        started(page)
        context.set_offline(True)
        report(page, "满了也在")
        page.evaluate(FULL)
        context.set_offline(False)
        # Coming online already sends; the person's own tap says what holds it up.
        until(page, lambda: bool(tap(page) or "没有记下" in (page.text_content("#said") or "")))
        assert not Finding.objects.exists()
        page.evaluate("makeRoom()")
        tap(page)
        state(page, "满了也在", "done")
    assert Finding.objects.get().name == "满了也在"


def fill_up(page: Page, scene: Scene, count: int) -> None:
    """So many files of this person on the device."""
    page.evaluate(
        """async ([user, count]) => {
          const base = await new Promise((good) => { indexedDB.open("qc-phone").onsuccess = (event) => good(event.target.result); });
          const change = base.transaction("files", "readwrite");
          for (let number = 0; number < 500; number += 1) {
            if (number < count) change.objectStore("files").put({id: `f${number}`, act: "none", user, size: 1, sealed: new Uint8Array(1)});
            else change.objectStore("files").delete(`f${number}`);
          }
          await new Promise((good) => { change.oncomplete = good; });
          base.close();
        }""",  # noqa: E501
        [str(scene.worker.user_id), count],
    )


def test_before_going_out_the_browser_says_what_it_cannot_do(scene: Scene) -> None:
    with scene.phone(scene.worker) as (context, page):
        page.goto(f"{scene.url}/phone/#/ready")
        expect(page.locator(".ph-check")).to_have_count(10)
        expect(check(page, "加密保存")).to_have_attribute("data-good", "yes")
        expect(check(page, "安装到桌面")).to_have_attribute("data-good", "no")
        expect(check(page, "时钟")).to_contain_text("与服务器一致")
        page.close()
        # No service worker: the queue still lives while the page is open, and the page says so.
        context.add_init_script("delete Navigator.prototype.serviceWorker")
        page = scene.open(context, "#/ready")
        expect(check(page, "无网络时打开本页")).to_contain_text("请不要关闭本页")
        context.set_offline(True)
        report(page, "没有离线页面也能记")
        page.close()
        context.set_offline(False)
        # No secure context: nothing can be sealed, so nothing is kept.
        context.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', {get: () => undefined})")
        page = scene.open(context)
        expect(page.locator("[data-slot=cannot]")).to_contain_text("https")
        expect(check(page, "加密保存")).to_have_attribute("data-good", "no")


def check(page: Page, label: str) -> Any:
    return page.locator(".ph-check", has=page.locator(f"strong:text-is('{label}')"))


def test_the_pack_is_only_sent_when_it_changed_and_holds_what_the_person_may_see(scene: Scene) -> None:
    row = scene.fixing()
    worker = client_of(scene.worker)
    first = worker.get("/api/v1/phone/pack")
    assert [one["id"] for one in first.json()["parts"]["hazards"]["findings"]] == [str(row.pk)]
    assert worker.get("/api/v1/phone/pack", headers={"If-None-Match": first["ETag"]}).status_code == 304
    other = client_of(scene.district.other_enterprise).get("/api/v1/phone/pack").json()["parts"]["hazards"]
    assert (other["findings"], other["files"], other["units"]) == ([], [], [])
    town = client_of(scene.district.town).get("/api/v1/phone/pack")
    assert [one["id"] for one in town.json()["parts"]["hazards"]["files"]] == [str(scene.file.pk)]
    assert str(scene.file.pk) not in json.dumps(
        client_of(scene.district.other_town).get("/api/v1/phone/pack").json()
    )
