"""What must be read at a permit is read aloud, has a picture beside it, and is shown in large letters."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.domains.permits.factories import make_draft
from tests.web.phone.conftest import Shift, started
from tests.web.phone.test_phone_look import SMALL, WIDE, picture
from tests.web.test_axe import AXE, RUN

from quancheng.domains.permits.models import PermitMeasure
from quancheng.domains.permits.services import figures
from quancheng.standards.gb30871 import tickets

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: A phone with a voice: it keeps what it was given to say, and has said it as soon as the test lets it.
VOICE = """(lang) => {
  const said = [];
  window.said = said;
  Object.defineProperty(window, "speechSynthesis", { value: {
    getVoices: () => lang ? [{ lang, localService: true }] : [],
    speak: (each) => said.push(each), cancel: () => said.push(null),
  } });
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
}"""


def voice(page: Page, lang: str) -> None:
    page.add_init_script(f"({VOICE})({lang!r})")


def said(page: Page) -> list[Any]:
    return list(page.evaluate("said.filter(Boolean).map((each) => each.text)"))


def done(page: Page) -> None:
    """The last line was spoken to its end."""
    page.evaluate("said.filter(Boolean).at(-1).onend()")


def test_measures_are_read_aloud_one_by_one_without_signal(shift: Shift) -> None:
    shift.make("HW", "PREPARING")
    texts = [row.text.zh for row in tickets.measures("HW")]
    with shift.scene.phone(shift.crew.safety) as (context, page):
        voice(page, "zh-CN")
        shift.open(context, page)
        context.set_offline(True)
        shift.to(page, "permit-measures")
        first = page.locator("[data-slot=measures] > li").first
        button = first.locator("[data-act=aloud]")
        button.click()
        (line,) = said(page)
        assert texts[0] in line
        expect(button).to_have_attribute("aria-pressed", "true")
        done(page)
        expect(button).to_have_attribute("aria-pressed", "false")
        every = page.locator("[data-act=aloud-all]")
        every.click()
        for text in texts[:2]:
            assert text in said(page)[-1]
            expect(page.locator("[data-reading]")).to_contain_text(text)
            done(page)
        # Pressed again it falls silent: what is still on its way starts nothing more.
        every.click()
        count = len(said(page))
        done(page)
        assert len(said(page)) == count
        expect(page.locator("[data-reading]")).to_have_count(0)


def test_a_guardians_list_is_read_aloud_and_leaving_ends_it(shift: Shift) -> None:
    shift.make("CS", "WORKING")
    with shift.scene.phone(shift.crew.safety) as (context, page):
        voice(page, "zh-CN")
        shift.open(context, page)
        shift.to(page, "permit-look")
        page.click("[data-act=aloud-all]")
        asked = page.locator("[data-slot=items] > li legend").first.inner_text()
        assert said(page) == [asked]
        shift.to(page, "permit")
        page.wait_for_selector("[data-slot=do-look]")
        done(page)
        assert len(said(page)) == 1


def test_a_phone_without_a_voice_of_the_language_says_so(shift: Shift) -> None:
    shift.make("HW", "PREPARING")
    with shift.scene.phone(shift.crew.safety) as (context, page):
        voice(page, "fr-FR")
        shift.open(context, page)
        shift.to(page, "permit-measures")
        page.locator("[data-act=aloud]").first.click()
        expect(page.locator("#said")).to_contain_text("没有可用的朗读语音")
        assert said(page) == []


@pytest.mark.parametrize(("width", "english"), [(320, False), (430, True)])
def test_each_measure_has_its_picture_and_large_letters_fit(shift: Shift, width: int, english: bool) -> None:
    permit = shift.make("CS", "PREPARING")
    last = tickets.measures("CS")[-1].code
    for former in (make_draft(shift.scene.district, "CS", shift.crew) for _count in range(2)):
        PermitMeasure.objects.create(
            permit=former, code=last, applies=True, confirmed_name="某负责人", confirmed_at=shift.at[0]
        )
    PermitMeasure.objects.filter(permit=permit, code=last).delete()
    figures.set_figure(
        actor=shift.crew.head, file=permit.file, name="advice", value="1", from_date=shift.at[0].date(), reason="试用",
        now=shift.at[0],
    )
    with shift.scene.phone(shift.crew.safety) as (context, page):
        voice(page, "en-GB" if english else "zh-CN")
        page.set_viewport_size({"width": width, "height": 844})
        shift.open(context, page)
        if english:
            page.click("[data-act=language]")
            page.wait_for_selector("html[lang=en]")
            started(page)
        page.click("[data-act=letters]")
        shift.to(page, "permit-measures")
        pictures = page.locator("[data-slot=measures] .ph-pictogram")
        expect(pictures).to_have_count(len(tickets.measures("CS")))
        for row, shown in zip(tickets.measures("CS"), pictures.all(), strict=True):
            expect(shown).to_have_text(tickets.SIGNS[row.sign].en if english else tickets.SIGNS[row.sign].zh)
            assert shown.locator("use").get_attribute("href").endswith(f"#sign-{row.sign.lower()}")  # type: ignore[union-attr]
        hint = "Advice: of the last 2 like permits 2 needed" if english else "近2张同类作业票中有2张涉及本措施"
        expect(page.locator("[data-slot=hint]:visible")).to_have_count(1)
        expect(page.locator("[data-slot=hint]:visible")).to_contain_text(hint)
        assert page.evaluate("document.querySelector('.ph-pictogram use').getBBox().width") > 0
        assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('legend')).fontSize)") >= 24
        picture(page, f"aloud-{width}")
        assert page.evaluate(WIDE) <= 1
        assert page.evaluate(SMALL) == []
        page.evaluate(AXE.read_text())
        assert page.evaluate(RUN) == []
        page.reload()
        started(page)
        expect(page.locator("[data-act=letters]")).to_have_attribute("aria-pressed", "true")
