"""One alarm (报警): what stands, the moves, its trend, what came with it, what was said."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.forms import alarms as forms
from quancheng.domains.monitoring.models import Action as Measure
from quancheng.domains.monitoring.models import Alarm, Tag
from quancheng.domains.monitoring.models.events import COMPARED
from quancheng.domains.monitoring.queries import alarms as queries
from quancheng.domains.monitoring.queries import readings
from quancheng.domains.monitoring.services import alarms as services
from quancheng.domains.monitoring.services.alarm_peaks import peak_of
from quancheng.domains.monitoring.services.dangers import DangerSpec, make_finding, may_find
from quancheng.domains.monitoring.services.holds import HOLD
from quancheng.domains.monitoring.views import alarm_words as words
from quancheng.domains.monitoring.views import charts
from quancheng.domains.monitoring.views.readings import MOST_ROWS
from quancheng.domains.risk.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import loopview
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab

#: What the trend shows of the time before the raising and after the end.
BEFORE, AFTER = timedelta(minutes=5), timedelta(minutes=5)
#: States in which an alarm may be shelved.
_SHELVABLE = ("UNACK", "ACKED", "RTNUN", "FEEDBACK")


class AlarmPage(ObjectPage[Alarm]):
    """One alarm, worked on from here."""

    template = "monitoring/object.html"
    back = (pgettext_lazy("several", "报警"), lambda: reverse("monitoring:alarms"))
    forms = {
        "ack": forms.AcknowledgeForm, "ack_returned": forms.AcknowledgeForm, "act_now": forms.ActForm,
        "state": forms.AnswerForm, "answer": forms.AnswerForm, "review": forms.ReviewForm, "find": forms.DangerForm,
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> Alarm:
        return queries.get_alarm(actor=actor, alarm_id=kwargs["pk"])

    def head(self, row: Alarm, actor: Actor) -> ObjectHead:
        marks = [words.priority(row)]
        name = row.tag.name_en if get_language() == "en" and row.tag.name_en else row.tag.name
        return ObjectHead(title=row.title, code=row.tag.code, marks=marks, subtitle=name)

    def facts(self, row: Alarm, actor: Actor) -> Sequence[Fact]:
        keeper = _("企业")
        told = [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("点位"), value=_link("tag", row.tag_id, row.tag.name)),
            Fact(label=_("所属设施"), value=str(row.tag.facility or "")),
            Fact(label=_("报警类型"), value=row.get_type_display()),
            Fact(label=_("报警值"), value=words.value(row, row.value)),
            Fact(label=_("限值"), value=words.value(row, row.limit_value)),
            *_partner(row),
            Fact(label=_("极值"), value=self._peak(row)),
            Fact(label=_("发生时间"), value=row.raised_at,
                 help=_("补传的数据，平台知道得晚。") if row.is_late else ""),
            Fact(label=_("恢复时间"), value=row.cleared_at),
            Fact(label=_("持续"), value=words.lasted(row)),
            Fact(label=_("安全关键"), value=row.is_critical),
            Fact(label=_("重大危险源级别"), value=row.hazard_grade),
            Fact(label=_("重复次数"), value=row.again_count or None),
            Fact(label=_("确认期限"), value=row.respond_by),
            Fact(label=_("确认"), value=_by(row.acknowledged_by, row.acknowledged_at), filled_by=keeper),
            Fact(label=_("确认措施"), value=row.get_action_display(), help=row.comment),
            Fact(label=_("反馈期限"), value=row.feedback_by),
            Fact(label=_("反馈"), value=_by(row.answered_by, row.answered_at), filled_by=keeper),
            Fact(label=_("报警原因"), value=words.reason(row.reason), filled_by=keeper),
            Fact(label=_("处置措施"), value=row.measures, wide=True, filled_by=keeper),
        ]  # fmt: skip
        return [one for one in told if not one.is_gap or one.filled_by] + self._ties(row)

    def _ties(self, row: Alarm) -> list[Fact]:
        """What the alarm hangs together with."""
        found = []
        if row.hold is not None:
            label = row.hold.get_kind_display()
            found.append(Fact(label=label, value=_link("hold", row.hold_id, row.hold.title), wide=True))
        if row.held_until is not None:
            found.append(Fact(label=_("搁置截止"), value=row.held_until))
        if row.consequence_of is not None:
            found.append(Fact(label=_("已发展为"), value=words.link(row.consequence_of), wide=True))
        if row.flood is not None:
            value = _link("flood", row.flood_id, _("%(count)s项报警") % {"count": row.flood.count})
            found.append(Fact(label=_("报警泛滥"), value=value))
        if row.finding is not None:
            finding = format_html(
                '<a href="{}">{}</a>', reverse("hazards:finding", args=[row.finding_id]), row.finding.name
            )
            found.append(Fact(label=_("转为隐患"), value=finding, wide=True))
        return found

    def _peak(self, row: Alarm) -> str:
        """The peak that was written down, or as far as the store knows it by now."""
        peak = row.peak_value
        if peak is None and row.closed_at is None:
            try:
                peak = peak_of(row, until=row.cleared_at or timezone.now())
            except readings.StoreAway:
                return ""
        return words.value(row, peak)

    def tabs(self, row: Alarm, actor: Actor) -> Sequence[Tab]:
        held, reviews = list(files_of(row)), queries.reviews_of(row)
        found = [
            Tab("trend", _("趋势"), template="monitoring/_alarm_trend.html", context=lambda: _trend(row)),
            Tab("files", _("照片、材料"), count=len(held), template="registry/_files.html",
                context=lambda: {"files": held}),
            Tab("others", _("该点位其他报警"), template="monitoring/_alarm_rows.html",
                context=lambda: {"alarms": queries.others_of(row, actor=actor)}),
        ]  # fmt: skip
        if row.first_out is not None:
            group = row.first_out
            found.append(
                Tab("first_out", _("首出顺序"), template="monitoring/_first_out.html",
                    context=lambda: {"group": group, "alarms": queries.members_of(group, actor=actor), "here": row.pk})
            )  # fmt: skip
        found.append(Tab("reviews", _("抽查核实"), count=len(reviews), template="monitoring/_alarm_reviews.html",
                         context=lambda: {"reviews": reviews}))  # fmt: skip
        return found

    def history(self, row: Alarm, actor: Actor) -> Sequence[HistoryLine]:
        return words.history(row)

    def actions(self, row: Alarm, actor: Actor) -> Sequence[Action]:
        found = [_offered(one, row) for one in loopview.actions_of(row, actor) if _is_offered(one, row)]
        is_own = actor.organisation_id == row.owner_org_id
        if is_own and actor.has(services.ANSWER) and row.action == Measure.NONE and row.status in services.ACTIVE:
            found.insert(0, Action(name="act_now", label=_("采取措施"), primary=not _has_primary(found), asks=True))
        if is_own and actor.has(HOLD) and row.status in _SHELVABLE:
            ask = reverse("monitoring:hold_new", args=[row.tag_id])
            found += [
                Action(name="shelve", label=_("申请搁置"), url=f"{ask}?kind=shelf&type={row.type}"),
                Action(name="take_out", label=_("申请停用"), url=f"{ask}?kind=oos&type={row.type}"),
            ]
        if actor.supervises and actor.has(services.REVIEW) and row.answered_at is not None:
            found.append(Action(name="review", label=_("抽查核实"), asks=True))
        if may_find(actor, row):
            found.append(Action(name="find", label=_("转为隐患"), asks=True))
        told, trend = reverse("monitoring:alarm_telling", args=[row.pk]), reverse("monitoring:trend", args=[row.tag_id])
        return [
            *found, Action(name="telling", label=_("告知记录"), url=told),
            Action(name="trend", label=_("点位趋势"), url=trend),
        ]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: Alarm, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now}

        def answer() -> Any:
            photos = receive_uploads(actor=actor, uploads=given["files"], now=now)
            told = {"reason": given["reason"], "measures": given["measures"]}
            return services.answer(**common, **told, files=photos, client_id=client_id)

        def find() -> Any:
            photos = receive_uploads(actor=actor, uploads=given["photos"], now=now)
            spec = DangerSpec(
                name=given["name"], description=given["description"], is_major=given["is_major"], photos=photos
            )
            return make_finding(**common, spec=spec, client_id=client_id)

        def acknowledge() -> Any:
            told = {"action": given["action"], "comment": given["comment"]}
            return services.acknowledge(**common, **told, client_id=client_id)

        acts: dict[str, Callable[[], Any]] = {
            "ack": acknowledge,
            "ack_returned": acknowledge,
            "act_now": lambda: services.act_now(**common, action=given["action"], comment=given["comment"]),
            "state": answer,
            "answer": answer,
            "confirm": lambda: services.confirm(**common, client_id=client_id),
            "refuse": lambda: services.refuse(**common, reason=given["reason"], client_id=client_id),
            "find": find,
            "reset": lambda: services.reset(**common, client_id=client_id),
            "review": lambda: services.review(
                **common, verdict=given["verdict"], note=given["note"], client_id=client_id
            ),
        }
        if name not in acts:
            # What the house does by itself, and what stands behind another act.
            raise NotPermitted
        acts[name]()

    def form_for(self, action: Action, row: Alarm, actor: Actor, data: Any = None, files: Any = None) -> Any:
        if action.name in ("state", "answer") and data is None:
            return forms.AnswerForm(initial={"reason": row.reason, "measures": row.measures})
        return super().form_for(action, row, actor, data, files)


def _is_offered(one: Action, row: Alarm) -> bool:
    """Whether a move of the loop is one of the page: to answer is one act, whatever comes of it; what is active is not
    reset."""
    return one.name != "submit" and (one.name != "reset" or (row.tag.is_latched and not row.is_active))


def _partner(row: Alarm) -> Sequence[Fact]:
    """With which tag the alarm's own was compared; nothing of other conditions."""
    partner = _partner_of(row)
    if partner is None:
        return ()
    return (Fact(label=_("对照点位"), value=_link("tag", partner.pk, str(partner))),)


def _partner_of(row: Alarm) -> Tag | None:
    """The tag with which that of an alarm is compared, where the alarm is of the comparison."""
    return row.tag.partner if row.type in COMPARED else None


def _offered(one: Action, row: Alarm) -> Action:
    if one.name == "answer":
        label = _("反馈并提交核实") if queries.needs_review(row) else _("反馈原因和处置")
        return replace(one, label=label, primary=True)
    return replace(one, primary=True) if one.name == "reset" else one


def _has_primary(found: Sequence[Action]) -> bool:
    return any(one.primary for one in found)


def _link(name: str, pk: Any, label: Any) -> Any:
    return format_html('<a href="{}">{}</a>', reverse(f"monitoring:{name}", args=[pk]), label)


def _by(who: Any, at: datetime | None) -> str:
    if at is None:
        return ""
    name = who.name if who is not None else _("系统")
    return f"{name} {timezone.localtime(at):%Y-%m-%d %H:%M}"


def _trend(row: Alarm) -> dict[str, Any]:
    """The signal from before the raising to now, or to a while after the end, with the limit that was passed."""
    now = timezone.now()
    begin = row.raised_at - BEFORE
    end = now if row.closed_at is None else min(now, max(row.cleared_at or row.closed_at, row.raised_at) + AFTER)
    context: dict[str, Any] = {"alarm": row, "begin": begin, "end": end}
    partner = _partner_of(row)
    tags = [row.tag] if partner is None else [row.tag, partner]
    try:
        step_s, trends = readings.trends_of(tags, begin=begin, end=end)
    except readings.StoreAway:
        return {**context, "is_away": True}
    told = trends[row.tag.number]
    option = charts.option(tags, trends, step_s, begin, end)
    line = next(one for one in option["series"] if one["mon"]["line"] == "mean")
    # The limit as it stood then, not as it may be set now.
    # How far two may be apart is no level of either.
    has_level = row.limit_value is not None and row.type not in COMPARED
    marks = [_level(row)] if has_level else []
    for one in option["series"]:
        if one["mon"]["line"] == "limits" and has_level:
            one["data"] = [[round(end.timestamp() * 1000), row.limit_value]]
    marks.append(_moment(row.raised_at, _("发生")))
    if row.cleared_at is not None:
        marks.append(_moment(row.cleared_at, _("恢复")))
    line["markLine"] = {"symbol": "none", "silent": True, "data": marks}
    zone = timezone.get_current_timezone()
    rows = list(zip(told.at, told.low, told.high, told.mean, told.last, strict=True))
    shown = [(datetime.fromtimestamp(at / 1000, zone), *values) for at, *values in rows[-MOST_ROWS:]]
    return {**context, "option": option, "rows": shown[::-1], "count": len(rows)}


def _level(row: Alarm) -> dict[str, Any]:
    label = f"{row.get_type_display()} {row.limit_value:g}"
    return {"yAxis": row.limit_value, "name": label, "label": {"formatter": label}}


def _moment(at: datetime, label: str) -> dict[str, Any]:
    return {"xAxis": int(at.timestamp() * 1000), "name": label, "label": {"formatter": label}}
