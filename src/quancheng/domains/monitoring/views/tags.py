"""Tags (监测点位): the list, one tag, and how one is entered, changed, made from a template."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views import View

from quancheng.domains.monitoring.forms import tags as forms
from quancheng.domains.monitoring.models import PartnerRole, Tag, TagStatus
from quancheng.domains.monitoring.queries import sources as source_queries
from quancheng.domains.monitoring.queries import tags as queries
from quancheng.domains.monitoring.queries.limits import LEGAL_KINDS, LEGAL_LEVELS, allowed_of, legal_limits
from quancheng.domains.monitoring.services import exemptions, tag_templates
from quancheng.domains.monitoring.services import tags as services
from quancheng.domains.monitoring.services.holds import HOLD
from quancheng.domains.monitoring.services.sources import may_keep
from quancheng.domains.monitoring.services.tag_detectors import CARRIED, corrections_said
from quancheng.domains.monitoring.services.tag_values import FIELDS, LIMITS, code_hint
from quancheng.domains.monitoring.views import words
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.registry.views import keeping
from quancheng.domains.risk.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.given import known_key
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.pages.words import listed, told
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.gb30871.gases import gas_named
from quancheng.standards.signals import gb50493
from quancheng.standards.signals import tags as standard


def _yes(value: bool) -> str:
    return _("是") if value else _("否")


def _code(name: str) -> Any:
    """The code of what a tag hangs at."""
    return lambda row: getattr(getattr(row, name), "code", "")


def _flag(name: str) -> Any:
    return lambda row: _yes(getattr(row, name))


def _plain(key: str, label: Any, **more: Any) -> Column:
    """A column that is there for who chooses it, and for the sheet that comes in again."""
    return Column(key, label, shown=False, **more)


class TagList(ListPage):
    """Every tag, by enterprise; its headings are those of the import."""

    code = "monitoring.tags"
    title = gettext_lazy("监测点位")
    columns = (
        Column("code", gettext_lazy("点位编码"), link=True, sort="code", card="title"),
        Column("name", gettext_lazy("点位名称"), sort="name", card="meta", width="wide"),
        Column("file", gettext_lazy("企业名称"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               card="meta"),
        Column("unit_place", gettext_lazy("单元编号"), value=_code("unit_place"), sort="unit_place__code"),
        Column("facility", gettext_lazy("设施位号"), value=_code("facility"), sort="facility__code"),
        Column("kind", gettext_lazy("监测类型"), value=lambda row: words.kind(row.kind), sort="kind"),
        _plain("parameter", gettext_lazy("监测参数"), value=lambda row: words.parameter(row.parameter),
               sort="parameter"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.get_status_display(), render=words.status,
               sort="status", card="meta"),
        Column("unit", gettext_lazy("计量单位")),
        _plain("range_lo", gettext_lazy("量程下限"), numeric=True),
        _plain("range_hi", gettext_lazy("量程上限"), numeric=True),
        Column("ll", gettext_lazy("低低限"), numeric=True, sort="ll"),
        Column("l", gettext_lazy("低限"), numeric=True, sort="l"),
        Column("h", gettext_lazy("高限"), numeric=True, sort="h"),
        Column("hh", gettext_lazy("高高限"), numeric=True, sort="hh"),
        Column("source", gettext_lazy("接入编码"), value=_code("source"), sort="source__code"),
        _plain("key", gettext_lazy("源内名称")),
        _plain("name_en", gettext_lazy("英文名称")),
        _plain("place", gettext_lazy("安装位置")),
        _plain("quota_code", gettext_lazy("上级指标编码")),
        _plain("medium", gettext_lazy("介质CAS号")),
        _plain("scale", gettext_lazy("系数"), numeric=True),
        _plain("shift", gettext_lazy("偏移"), numeric=True),
        _plain("deadband", gettext_lazy("死区"), numeric=True),
        _plain("on_delay_s", gettext_lazy("报警延时（秒）"), numeric=True),
        _plain("off_delay_s", gettext_lazy("恢复延时（秒）"), numeric=True),
        _plain("roc_limit", gettext_lazy("变化率限值（每分钟）"), numeric=True),
        _plain("roc_window_s", gettext_lazy("变化率窗口（秒）"), numeric=True),
        _plain("partner", gettext_lazy("对照点位"), value=_code("partner")),
        _plain("partner_as", gettext_lazy("对照方式"), value=lambda row: row.get_partner_as_display()),
        _plain("split", gettext_lazy("对照时钟不一致"), value=lambda row: words.split(row)),
        _plain("apart_limit", gettext_lazy("偏差限值"), numeric=True),
        _plain("apart_delay_s", gettext_lazy("偏差延时（秒）"), numeric=True),
        _plain("travel_s", gettext_lazy("动作时间（秒）"), numeric=True),
        _plain("scan_s", gettext_lazy("采样周期（秒）"), numeric=True),
        _plain("is_by_exception", gettext_lazy("变化上报"), value=_flag("is_by_exception")),
        _plain("stale_after_s", gettext_lazy("无数据判定（秒）"), numeric=True),
        _plain("flat_after_s", gettext_lazy("恒值判定（秒）"), numeric=True),
        _plain("flat_within", gettext_lazy("恒值容差"), numeric=True),
        _plain("priority", gettext_lazy("优先级"), numeric=True, sort="priority"),
        _plain("is_critical", gettext_lazy("安全关键"), value=_flag("is_critical"), sort="is_critical"),
        _plain("is_latched", gettext_lazy("报警锁存"), value=_flag("is_latched"), sort="is_latched"),
        _plain("acks_itself", gettext_lazy("恢复即自动确认"), value=_flag("acks_itself"), sort="acks_itself"),
        _plain("first_out_group", gettext_lazy("首出组")),
        _plain("is_uploaded", gettext_lazy("上报上级平台"), value=_flag("is_uploaded")),
        Column("calibrated_until", gettext_lazy("检定有效期至"), sort="calibrated_until"),
        _plain("is_portable", gettext_lazy("便携式"), value=_flag("is_portable"), sort="is_portable"),
        _plain("calibration_gas", gettext_lazy("标定气体CAS号")),
        _plain("corrections", gettext_lazy("修正系数"), value=lambda row: corrections_said(row.corrections)),
        _plain("lon", gettext_lazy("经度"), numeric=True),
        _plain("lat", gettext_lazy("纬度"), numeric=True),
        _plain("exempted_until", gettext_lazy("豁免截止日期"), sort="exempted_until"),
        _plain("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("编码、名称、源内名称"), pinned=True, fields=("code", "name", "key")),
        Choice(name="kind", label=gettext_lazy("监测类型"), choices=lambda actor: forms.kind_choices(), field="kind",
               multiple=True, pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=TagStatus.choices, field="status", multiple=True,
               pinned=True),
        Search(name="enterprise", label=gettext_lazy("企业"), fields=("file__enterprise__name",)),
        Search(name="unit", label=gettext_lazy("单元编号、名称"), fields=("unit_place__code", "unit_place__name")),
        Search(name="facility", label=gettext_lazy("设施位号、名称"), fields=("facility__code", "facility__name")),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Flag(name="unlimited", label=gettext_lazy("只看没有限值的"),
             condition=lambda actor: queries.is_lacking_limits()),
        Flag(name="uncalibrated", label=gettext_lazy("只看检定过期的"), pinned=True,
             condition=lambda actor: Q(calibrated_until__lt=timezone.localdate())),
        Flag(name="portable", label=gettext_lazy("只看便携式的"), condition=lambda actor: Q(is_portable=True)),
        Flag(name="unbound", label=gettext_lazy("只看没有关联设施的"),
             condition=lambda actor: Q(facility__isnull=True)),
        Flag(name="silent", label=gettext_lazy("只看没有接入源的"), condition=lambda actor: Q(source__isnull=True)),
        Flag(name="unlawful", label=gettext_lazy("只看限值宽于法定且豁免失效的"),
             condition=lambda actor: queries.is_unlawful(today=timezone.localdate())),
        Flag(name="split", label=gettext_lazy("只看时钟不一致、不能对照的"),
             condition=lambda actor: queries.is_split()),
        Flag(name="overdue", label=gettext_lazy("只看检维修超过预计时间的"),
             condition=lambda actor: queries.is_beyond_service(now=timezone.now())),
    )  # fmt: skip
    imports = ("monitoring.tags", "monitoring.own_tags")
    empty_title = gettext_lazy("还没有监测点位")
    empty_hint = gettext_lazy("可以按模板一次建立一处设施的全部点位，或用表格导入。")

    def queryset(self, actor: Actor) -> QuerySet[Tag]:
        return queries.list_tags(actor=actor)

    def url_of(self, row: Tag) -> str:
        return reverse("monitoring:tag", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        file = own_file(actor=actor)
        if file is None or not may_keep(actor, file):
            return ()
        return [
            (gettext_lazy("登记点位"), reverse("monitoring:tag_new", args=[file.pk])),
            (gettext_lazy("按模板建立"), reverse("monitoring:tag_template", args=[file.pk])),
        ]


class TagPage(ObjectPage[Tag]):
    """One tag: what it measures, its limits beside the standard's, who changed them."""

    back = (gettext_lazy("监测点位"), lambda: reverse("monitoring:tags"))
    forms = {
        "service": forms.ServiceForm, "end": forms.EndTagForm, "exempt": forms.ExemptionForm,
        "exempt_end": forms.EndExemptionForm,
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> Tag:
        return queries.get_tag(actor=actor, tag_id=kwargs["pk"])

    def head(self, row: Tag, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, code=row.code, marks=[words.status(row)], subtitle=words.kind(row.kind))

    def facts(self, row: Tag, actor: Actor) -> Sequence[Fact]:
        keeper = _("企业")
        overdue = row.calibrated_until is not None and row.calibrated_until < timezone.localdate()
        facts = [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("点位编码"), value=row.code, help=code_hint(row.code, row.kind)),
            Fact(label=_("所属设施"), value=str(row.facility or ""), filled_by=keeper),
            Fact(label=_("所属单元"), value=str(row.unit_place or ""), filled_by=keeper),
            Fact(label=_("安装位置"), value=row.place),
            Fact(label=_("监测参数"), value=words.parameter(row.parameter)),
            Fact(label=_("介质CAS号"), value=row.medium),
            Fact(label=_("量程"), value=words.span(row)),
            Fact(label=_("接入源"), value=_source(row), filled_by=keeper),
            Fact(label=_("源内名称"), value=row.key),
            Fact(label=_("采样周期（秒）"), value=words.number(row.scan_s)),
            Fact(label=_("无数据判定（秒）"), value=row.stale_after_s),
            Fact(label=_("检定有效期至"), value=row.calibrated_until,
                 help=_("检定已过期，数据按可疑处理。") if overdue else ""),
            *_detector(row),
            Fact(label=_("安全关键"), value=_yes(row.is_critical)),
            Fact(label=_("报警锁存"), value=_yes(row.is_latched)),
            Fact(label=_("恢复即自动确认"), value=_yes(row.acks_itself)),
            Fact(label=_("上级指标编码"), value=row.quota_code),
        ]  # fmt: skip
        if row.status == TagStatus.SERVICE:
            late = row.service_until is not None and row.service_until < timezone.now()
            facts.append(Fact(label=_("检维修原因"), value=row.service_reason))
            facts.append(Fact(label=_("检维修预计结束"), value=row.service_until,
                              help=_("已超过预计时间。") if late else ""))  # fmt: skip
        if row.status == TagStatus.ENDED:
            facts.append(Fact(label=_("停用原因"), value=row.ended_reason))
        return facts

    def tabs(self, row: Tag, actor: Actor) -> Sequence[Tab]:
        return [
            Tab("limits", _("报警限值"), template="monitoring/_limits.html", context=lambda: _limits(row)),
            Tab("exemptions", _("限值豁免"), template="monitoring/_exemptions.html",
                context=lambda: _exemptions(row)),
        ]  # fmt: skip

    def history(self, row: Tag, actor: Actor) -> Sequence[HistoryLine]:
        return words.history(row)

    def actions(self, row: Tag, actor: Actor) -> Sequence[Action]:
        found = [Action(name="trend", label=_("趋势"), url=reverse("monitoring:trend", args=[row.pk]))]
        alarms = f"{reverse('monitoring:alarms')}?{urlencode({'view': 'all', 'q': row.code})}"
        found.append(Action(name="alarms", label=pgettext("several", "报警"), url=alarms))
        stands = row.status in (TagStatus.LIVE, TagStatus.SERVICE)
        if stands and actor.has(HOLD) and actor.organisation_id == row.owner_org_id:
            ask = reverse("monitoring:hold_new", args=[row.pk])
            found.append(Action(name="shelve", label=_("申请搁置报警"), url=f"{ask}?kind=shelf"))
            found.append(Action(name="take_out", label=_("申请停用报警"), url=f"{ask}?kind=oos"))
        if may_keep(actor, row.file) and row.status != TagStatus.ENDED:
            change = reverse("monitoring:tag_change", args=[row.pk])
            if row.status == TagStatus.FOUND:
                found.append(Action(name="confirm", label=_("确认点位"), primary=True, url=change))
            else:
                found.append(Action(name="change", label=_("修改"), url=change))
            if row.status == TagStatus.LIVE:
                found.append(Action(name="service", label=_("转入检维修"), asks=True))
            if row.status == TagStatus.SERVICE:
                found.append(Action(name="return", label=_("恢复使用"), primary=True))
            found.append(Action(name="end", label=_("停用"), asks=True))
        if stands and row.kind in LEGAL_KINDS and exemptions.may_exempt(actor, row):
            found.append(Action(name="exempt", label=_("批准限值豁免"), asks=True))
            if row.exempted_until is not None and row.exempted_until >= timezone.localdate():
                found.append(Action(name="exempt_end", label=_("撤销限值豁免"), asks=True))
        return found

    def perform(
        self, *, actor: Actor, row: Tag, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "service":
            services.put_into_service(actor=actor, row=row, reason=given["reason"], until=given["until"], now=now)
        elif name == "return":
            services.return_to_service(actor=actor, row=row, now=now)
        elif name == "end":
            services.end_tag(actor=actor, row=row, reason=given["reason"], now=now)
        elif name == "exempt":
            papers = receive_uploads(actor=actor, uploads=given["papers"], now=now)
            exemptions.grant_exemption(actor=actor, tag=row, known=given, evidence=papers, now=now)
        elif name == "exempt_end":
            exemptions.end_exemption(actor=actor, tag=row, reason=given["reason"], now=now)
        else:
            raise NotFound


def _detector(row: Tag) -> Sequence[Fact]:
    """What is told of a detector, and where it hangs."""
    found = []
    if row.kind in CARRIED:
        found.append(Fact(label=_("便携式"), value=_yes(row.is_portable)))
    if row.kind == "flammable":
        gas = gas_named(row.calibration_gas) if row.calibration_gas else None
        said = f"{row.calibration_gas} {told(gas.name)}" if gas is not None else row.calibration_gas
        found.append(Fact(label=_("标定气体"), value=said))
        found.append(Fact(label=_("修正系数"), value=corrections_said(row.corrections)))
    if row.lon is not None and row.lat is not None:
        found.append(Fact(label=_("经纬度"), value=f"{row.lon:.6f}, {row.lat:.6f}"))
    return found


def _source(row: Tag) -> Any:
    if row.source is None:
        return ""
    return format_html('<a href="{}">{}</a>', reverse("monitoring:source", args=[row.source_id]), row.source)


def _pair(row: Tag) -> Sequence[tuple[str, Any]]:
    """With which other tag it is compared, and when that is an alarm; nothing without one."""
    if row.partner is None:
        return ()
    url = reverse("monitoring:tag", args=[row.partner_id])
    link = format_html('<a href="{}">{}</a>（{}）', url, row.partner.code, row.get_partner_as_display())
    if row.split is not None:
        link = format_html("{} {}", link, marks.badge(words.split(row), "active"))
    if row.partner_as == PartnerRole.COMMAND:
        return ((_("对照点位"), link), (_("动作时间（秒）"), words.number(row.travel_s)))
    return (
        (_("对照点位"), link), (_("偏差限值"), words.number(row.apart_limit, row.unit)),
        (_("偏差延时（秒）"), words.number(row.apart_delay_s)),
    )  # fmt: skip


def _limits(row: Tag) -> dict[str, Any]:
    """Each limit beside the standard's and what an exemption allows."""
    today = timezone.localdate()
    allowed = allowed_of(row, today=today)
    labels = {"ll": _("低低限"), "l": _("低限"), "h": _("高限"), "hh": _("高高限")}
    lines = []
    for name in reversed(LIMITS):
        of_law = name in LEGAL_LEVELS and allowed is not None
        legal = getattr(allowed.legal, name) if of_law and allowed else None
        moved = getattr(allowed.moved, name) if of_law and allowed else None
        lines.append((labels[name], words.number(getattr(row, name), row.unit), words.number(legal, row.unit),
                      words.number(moved, row.unit) if moved != legal else ""))  # fmt: skip
    others = (
        (_("死区"), words.number(row.deadband, row.unit)), (_("报警延时（秒）"), words.number(row.on_delay_s)),
        (_("恢复延时（秒）"), words.number(row.off_delay_s)),
        (_("变化率限值（每分钟）"), words.number(row.roc_limit, row.unit)), (_("优先级"), row.priority),
        *_pair(row),
    )  # fmt: skip
    steps = [] if allowed is None else [(told(one.text), one.mark) for one in allowed.legal.steps]
    return {
        "lines": lines, "others": others, "steps": steps, "clause": gb50493.CLAUSE,
        "doubts": [] if allowed is None else [told(one) for one in allowed.legal.doubts],
        "exemption": allowed.exemption if allowed else None,
        "is_unlawful": row.is_loosened and (row.exempted_until is None or row.exempted_until < today),
        "is_unknown_gas": row.kind == "toxic" and allowed is None,
    }  # fmt: skip


def _exemptions(row: Tag) -> dict[str, Any]:
    decisions = queries.exemptions_of(row)
    files = files_of_many(decisions[0].__class__, [one.pk for one in decisions]) if decisions else {}
    return {
        "decisions": [
            (one, listed(f"{name.upper()} {words.number(value, row.unit)}" for name in LEGAL_LEVELS
                         if (value := getattr(one, name)) is not None), files.get(one.pk, []))
            for one in decisions
        ],
    }  # fmt: skip


# Entering and changing ------------------------------------------------------------------------------------------------


class _KeeperOfFile(keeping.FilePage):
    def allow(self, actor: Actor, file: Any) -> None:
        if not may_keep(actor, file):
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("monitoring:tags")


class NewTag(_KeeperOfFile):
    """First the kind, which brings the usual settings."""

    title = gettext_lazy("登记点位")
    lead = gettext_lazy("先选择监测类型，下一页按它填好常用值。")
    form = forms.KindForm
    button = gettext_lazy("下一步")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        carried = {name: self.request.GET[name] for name in ("source", "key") if name in self.request.GET}
        query = urlencode({"kind": given["kind"], **carried})
        return f"{reverse('monitoring:tag_fill', args=[self.file.pk])}?{query}"


class FillTag(_KeeperOfFile):
    """Then everything else."""

    title = gettext_lazy("登记点位")
    form = forms.NewTagForm
    button = gettext_lazy("保存")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Form:
        self.asked = forms.NewTagForm(*args, file=self.file, **kwargs)
        return self.asked

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        asked = self.request.GET
        source = known_key(asked.get("source", ""))
        return {**usual(asked.get("kind", "")), "source": source, "key": asked.get("key", "")[:200]}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_tag(
            actor=actor, file=self.file, code=given["code"], known=self.asked.known(), now=now, client_id=client_id
        )
        return reverse("monitoring:tag", args=[made.pk])


def usual(code: str) -> dict[str, Any]:
    """What a new tag of a kind usually is; nothing for an unknown kind."""
    kind = standard.kinds().get(code)
    if kind is None:
        return {}
    unit = standard.units_of(code)[0]
    found: dict[str, Any] = {
        "kind": code, "unit": unit, "on_delay_s": kind.on_delay_s, "off_delay_s": kind.off_delay_s,
        "scan_s": kind.scan_s, "priority": kind.priority, "stale_after_s": round(standard.stale_after_s(kind.scan_s)),
        "is_critical": code in ("flammable", "toxic"),
    }  # fmt: skip
    legal = legal_limits(kind=code, unit=unit, medium="", range_hi=None)
    if legal is not None:
        found |= {name: getattr(legal, name) for name in LEGAL_LEVELS}
        found |= dict(zip(("range_lo", "range_hi"), gb50493.usual_range(code) or (None, None), strict=True))
    return found


class ChangeTag(keeping.KeeperPage):
    """What a tag is, all but its code; a found one is confirmed by it."""

    title = gettext_lazy("修改点位")
    form = forms.TagForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_tag(actor=actor, tag_id=kwargs["pk"])
        if not may_keep(actor, self.row.file):
            raise NotPermitted

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Form:
        self.asked = forms.ChangeTagForm(*args, row=self.row, **kwargs)
        return self.asked

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        stands = {name: getattr(self.row, name) for name in (*FIELDS, "version")}
        return stands | {"corrections": corrections_said(self.row.corrections)}

    def back_url(self) -> str:
        return reverse("monitoring:tag", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        write = services.confirm_tag if self.row.status == TagStatus.FOUND else services.change_tag
        write(
            actor=actor, row=self.row, version=given["version"], known=self.asked.known(), now=now,
            client_id=client_id,
        )  # fmt: skip
        return self.back_url()


class TagTemplate(_KeeperOfFile):
    """First the facility and the template."""

    title = gettext_lazy("按模板建立点位")
    lead = gettext_lazy("选择设施和模板，下一页勾选要建立的点位。")
    button = gettext_lazy("下一步")
    form = forms.TemplateForm

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Form:
        return forms.TemplateForm(*args, file=self.file, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        query = urlencode({"facility": given["facility"].pk, "template": given["template"]})
        return f"{reverse('monitoring:tag_picks', args=[self.file.pk])}?{query}"


class TagPicks(_KeeperOfFile):
    """Then which of its tags, with what their limits are relative to; all are made at once."""

    title = gettext_lazy("按模板建立点位")
    lead = gettext_lazy("限值取模板的常用值，建立后可以逐个修改；勾选的点位带参数的须填写参数。")
    button = gettext_lazy("建立所选点位")
    form = forms.PicksForm

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        self.template_code = self.request.GET.get("template", "")
        key = known_key(self.request.GET.get("facility", ""))
        found = None if key is None else queries.facilities_of(self.file).filter(pk=key).first()
        if found is None:
            raise unknown_parameter("facility")
        if self.template_code not in standard.FACILITIES:
            raise unknown_parameter("template")
        self.facility = found

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Form:
        self.asked = forms.PicksForm(*args, file=self.file, template=self.template_code, **kwargs)
        return self.asked

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {
            "prefix": tag_templates.prefix_of(self.facility),
            "picks": [one.code for one in standard.templates(self.template_code) if not one.parameters()],
            "source": source_queries.sources_of(self.file).first(),
        }  # fmt: skip

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        tag_templates.enter_from_template(
            actor=actor, facility=self.facility, prefix=given["prefix"], source=given["source"],
            picks=self.asked.picks(), now=now, client_id=client_id,
        )  # fmt: skip
        return f"{reverse('monitoring:tags')}?{urlencode({'facility': self.facility.code})}"


class FindTag(View):
    """Keeps what a source tells under an unknown name, until somebody says what it is."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, key_id: int) -> HttpResponse:
        actor = actor_of(request)
        source = source_queries.get_source(actor=actor, source_id=pk)
        unknown = source_queries.get_unknown_key(source, key_id)
        made = services.find_tag(actor=actor, source=source, key=unknown.key, now=timezone.now())
        return redirect_to(request, reverse("monitoring:tag", args=[made.pk]))
