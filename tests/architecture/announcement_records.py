"""Records of daily announcements for the walk: all of the first enterprise."""

from __future__ import annotations

from datetime import timedelta

from tests.architecture.census_records import _file
from tests.architecture.records import Record
from tests.domains.risk.factories import make_post
from tests.factories import NOW, District

from quancheng.domains.risk.announcement_rules import Rule
from quancheng.domains.risk.models import Announcement, Doubt, GateScreen, SpotCheck, SpotDraw
from quancheng.domains.risk.services import announcing
from quancheng.domains.risk.services.doubting import raise_doubt
from quancheng.domains.risk.services.spot_checks import draw_spot_checks
from quancheng.standards.wording import Text


def _announcement(district: District) -> Announcement:
    """That of the first enterprise on the day of the walk, published, with a team that was asked."""
    file = _file(district)
    found = Announcement.objects.filter(file=file).first()
    if found is not None:
        return found
    make_post(district.enterprise, file, name="标记班长", department="标记研判班组", is_key=True)
    file.enterprise.name = "标记公告企业"  # type: ignore[union-attr]
    row = announcing.open_day(file=file, rule=Rule(), now=NOW)
    assert row is not None
    values: dict[str, int | None] = {"hot_1": 1}
    if "level" not in announcing.proposal_for(row, now=NOW):
        values["level"] = 4
    return announcing.publish_announcement(
        actor=district.enterprise, row=row, values=values, reasons={}, is_controlled=True, uncontrolled="",
        commitment_text="", authorisation="标记授权书", skip_reason="班组外出", now=NOW,
    )  # fmt: skip


def next_day(district: District) -> Announcement:
    """That of the day after the walk's, still to be published."""
    row = announcing.open_day(file=_announcement(district).file, rule=Rule(), now=NOW + timedelta(days=1))
    assert row is not None
    return row


def announcement(district: District) -> Record:
    return Record({"pk": _announcement(district).pk}, "标记公告企业")


def study(district: District) -> Record:
    return Record({"pk": _announcement(district).studies.get().pk}, "标记研判班组")


def _doubt(district: District) -> Doubt:
    row = _announcement(district)
    made = raise_doubt(row=row, reason="UNITS", said=[Text("标记疑点", "Marked doubt")], now=NOW)
    return made or Doubt.objects.get(announcement=row, reason="UNITS")


def doubt(district: District) -> Record:
    return Record({"pk": _doubt(district).pk}, "标记疑点")


def _draw(district: District) -> SpotDraw:
    row = _announcement(district)
    return SpotDraw.objects.first() or draw_spot_checks(
        actor=district.department, day=row.day, size=1, special_only=False, now=NOW, seed="标记种子"
    )


def spot_draw(district: District) -> Record:
    return Record({"pk": _draw(district).pk}, "标记种子")


def spot_check(district: District) -> Record:
    """One that was not done yet: the enterprise is not to know of it."""
    row = _draw(district).checks.get()
    SpotCheck.objects.filter(pk=row.pk).update(title="标记抽查企业")
    return Record({"pk": row.pk}, "标记抽查企业")


def gate_screen(district: District) -> Record:
    file = _file(district)
    row = GateScreen.objects.create(file=file, name="标记南门", token="标记" * 10, made_at=NOW)
    return Record({"pk": file.pk, "screen": row.pk}, "标记南门")
