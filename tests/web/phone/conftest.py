"""The phone's page in a real Chromium, with somebody signed in and dangers to put right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.domains.hazards.factories import own_file
from tests.domains.permits.factories import NOW, Crew, crew_of, make_permit
from tests.domains.risk.factories import make_object, make_unit
from tests.factories import District, client_of, make_actor, make_district
from tests.support.browser import PHONE

from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.services import findings as services
from quancheng.domains.permits.models import Permit
from quancheng.kernel.access.actor import Actor

MIN = timedelta(minutes=1)


@dataclass
class Scene:
    """A district, its enterprise's file and unit, a worker, and a browser of his."""

    district: District
    file: Any
    unit: Any
    worker: Actor
    url: str
    browser: Browser
    complaints: list[str] = field(default_factory=list)

    @contextmanager
    def phone(self, who: Actor | None = None, **more: Any) -> Iterator[tuple[BrowserContext, Page]]:
        """A phone of its own, with its own storage; the person is signed in."""
        context = self.browser.new_context(
            viewport={"width": PHONE[0], "height": PHONE[1]}, locale="zh-CN", timezone_id="Asia/Shanghai",
            has_touch=True, geolocation={"latitude": 29.5, "longitude": 106.55}, permissions=["geolocation"], **more,
        )  # fmt: skip
        # Patience for a machine that is busy with other things.
        context.set_default_timeout(90_000)
        try:
            if who is not None:
                self.sign_in(context, who)
            yield context, self.open(context)
        finally:
            context.close()

    def sign_in(self, context: BrowserContext, who: Actor) -> None:
        cookie = client_of(who).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": self.url}])

    def sign_out(self, context: BrowserContext) -> None:
        context.clear_cookies(name=settings.SESSION_COOKIE_NAME)

    def open(self, context: BrowserContext, where: str = "") -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(f"{self.url}/phone/{where}")
        started(page)
        return page

    def fixing(self, name: str = "防火堤有孔洞") -> Finding:
        """A danger that the enterprise is putting right."""
        now = timezone.now()
        spec = services.FindingSpec(name=name, place="罐区", found_at=now - timedelta(hours=3))
        row = services.report_finding(actor=self.district.enterprise, file=self.file, spec=spec, now=now)
        services.grade_finding(
            actor=self.district.enterprise, row=row, criterion="", grade="general", rectifier=self.worker.user_id,
            deadline=None, cause="", now=now,
        )  # fmt: skip
        plan = {"measures": "封堵", "person": "示例甲", "money": 100, "emergency_plan": "现场处置",
                "due_date": timezone.localdate()}  # fmt: skip
        return services.plan_finding(actor=self.worker, row=row, plan=plan, now=now)


def started(page: Page) -> None:
    page.wait_for_selector("html[data-started=yes]", timeout=90_000)


def kept_offline(page: Page) -> None:
    """The worker has the shell: the phone may go out."""
    until(page, lambda: page.evaluate("navigator.serviceWorker.controller !== null"))


def until(page: Page, holds: Callable[[], bool], *, tries: int = 600) -> None:
    """Ask again and again: the page's policy lets no script of the driver wait in it."""
    for _try in range(tries):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come to that")


def photo(folder: Path, shade: int, *, taken: str = "", size: tuple[int, int] = (80, 60), name: str = "") -> Path:
    """A photo of one shade, told apart by a browser that draws it anew; ``taken`` as cameras write it."""
    facts = Image.Exif()
    if taken:
        facts.get_ifd(0x8769)[0x9003] = taken
        facts.get_ifd(0x8825).update({1: "N", 2: (29.0, 30.0, 0.0), 3: "E", 4: (106.0, 33.0, 0.0)})
    out = BytesIO()
    Image.new("RGB", size, (shade * 37 % 256, shade * 11 % 256, 40)).save(out, format="JPEG", exif=facts)
    path = folder / (name or f"照片{shade}.jpg")
    path.write_bytes(out.getvalue())
    return path


def report(page: Page, name: str, *photos: Path) -> None:
    """Write a report of a danger and put it into the queue."""
    page.goto(page.url.split("#")[0] + "#/report")
    if photos:
        page.set_input_files("[data-from=album]", list(photos))
        expect(page.locator(".ph-thumb")).to_have_count(len(photos))
    page.fill("#r-name", name)
    page.click("form .ph-button-main")
    expect(page.locator(".ph-act", has_text=name)).to_be_visible()


def state(page: Page, name: str, wanted: str, *, wait: int = 90_000) -> None:
    page.goto(page.url.split("#")[0] + "#/queue")
    expect(page.locator(f".ph-act[data-state={wanted}]", has_text=name)).to_be_visible(timeout=wait)


@pytest.fixture
def scene(live_server: Any, browser: Browser) -> Iterator[Scene]:
    district = make_district()
    file = own_file(district)
    unit = make_unit(district.enterprise, make_object(district.enterprise, file))
    worker = make_actor(district.enterprise_org, "enterprise.worker", now=timezone.now())
    made = Scene(district, file, unit, worker, live_server.url, browser)
    yield made
    assert made.complaints == []


class Shift:
    """A permit, the clock of house and phone, and how one goes out of reach and comes back."""

    def __init__(self, scene: Scene, at: list[datetime]) -> None:
        self.scene, self.at = scene, at
        self.crew: Crew
        self.permit: Permit
        self.who: Actor

    def make(self, kind: str, to: str) -> Permit:
        self.crew = crew_of(self.scene.district, kind)
        self.who = self.crew.safety
        self.permit = make_permit(self.scene.district, kind, crew=self.crew, to=to)
        self.at[0] = self.permit.status_at + 5 * MIN
        return self.permit

    def later(self, page: Page, minutes: int) -> None:
        """Time goes on for everybody."""
        self.at[0] += minutes * MIN
        page.clock.set_system_time(self.at[0])

    def later_at(self, minutes: int) -> None:
        """Time goes on for the house alone."""
        self.at[0] += minutes * MIN

    def open(self, context: BrowserContext, page: Page) -> None:
        """The phone's clock is ours; the pack is there."""
        kept_offline(page)
        page.clock.set_system_time(self.at[0])
        page.reload()
        started(page)
        expect(page.locator(f"[data-permit='{self.permit.pk}']")).to_be_visible(timeout=30_000)

    def to(self, page: Page, name: str) -> None:
        page.goto(f"{self.scene.url}/phone/#/{name}/{self.permit.pk}")
        page.wait_for_selector("#main h1")

    def back(self, context: BrowserContext, page: Page, count: int) -> None:
        # Who was away so long signs in anew.
        self.scene.sign_in(context, self.who)
        context.set_offline(False)
        page.goto(f"{self.scene.url}/phone/#/queue")
        page.evaluate("window.dispatchEvent(new Event('online'))")
        done = page.locator(".ph-act[data-state=done], .ph-act[data-state=kept]")
        expect(done).to_have_count(count, timeout=60_000)
        self.permit.refresh_from_db()


@pytest.fixture
def shift(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Shift:
    at = [NOW]
    monkeypatch.setattr("django.utils.timezone.now", lambda: at[0])
    return Shift(scene, at)
