"""Pages of the register of isolation (隔离台账、盲板台账): the list, one point, a point planned for a permit."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from quancheng.domains.permits.forms import isolations as forms
from quancheng.domains.permits.forms.asking import words_of
from quancheng.domains.permits.forms.permits import ReasonForm
from quancheng.domains.permits.loops.isolation import ISOLATION, OPEN_STATES, STANDING
from quancheng.domains.permits.loops.permit import RUNNING
from quancheng.domains.permits.models import IsolationPoint, LinkRole, Permit
from quancheng.domains.permits.queries import isolations as queries
from quancheng.domains.permits.queries.drawings import drawings_of_point
from quancheng.domains.permits.queries.orders import ORDER
from quancheng.domains.permits.queries.permits import SIGN_UNIT, WORK
from quancheng.domains.permits.services import isolations as services
from quancheng.domains.permits.services import locks
from quancheng.domains.permits.services.checking import require_own, said
from quancheng.domains.permits.views import words
from quancheng.domains.permits.views.entering import OfPermit
from quancheng.domains.permits.views.sanctions import sanction_rows
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import list_facilities, list_units, required_file
from quancheng.domains.risk.views.words import link_to
from quancheng.domains.training.queries.persons import list_persons
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.loops.models import MoveRecord
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab
from quancheng.standards.gb30871 import isolation

_TONES = {"VERIFIED": "done", "LIFTED": "active", "APPLIED": "active", "TESTING": "active"}


def state_mark(row: IsolationPoint) -> Any:
    return marks.badge(row.status_label, _TONES.get(row.status, "quiet" if row.is_closed else "plain"))


def device_said(row: IsolationPoint) -> str:
    return said(isolation.DEVICES[row.device])


def energy_said(row: IsolationPoint) -> str:
    return said(isolation.ENERGIES[row.energy])


def where(row: IsolationPoint) -> str:
    return f"{row.facility or row.unit or ''} {row.place}".strip()


def _plan_link(row: IsolationPoint) -> Any:
    """To the plan of the site, on which the point stands at its facility or unit."""
    return format_html('<a href="{}">{}</a>', reverse("permits:site", args=[row.file_id]), _("查看"))


def _drawing_links(row: IsolationPoint, actor: Actor) -> Any:
    """To the drawings of pipes on which the point lies."""
    found = drawings_of_point(actor=actor, point=row)
    links = ((reverse("permits:drawing", args=[one.pk]), str(one)) for one in found)
    return format_html_join(_("、"), '<a href="{}">{}</a>', links)


def _plate_said(row: IsolationPoint) -> str:
    """Size, rating and material of a plate, as annex A.3 writes them."""
    if row.device != "BLIND":
        return ""
    size = f"DN{row.diameter_mm}" if row.diameter_mm else ""
    rated = f"{row.rated_mpa:f} MPa" if row.rated_mpa is not None else ""
    form = said(isolation.PLATE_FORMS[row.plate_form]) if row.plate_form else ""
    return _("，").join(one for one in (form, size, rated, row.material) if one)


def _medium_said(row: IsolationPoint) -> str:
    figures = (
        f"{row.medium_c:f} ℃" if row.medium_c is not None else "",
        f"{row.medium_mpa:f} MPa" if row.medium_mpa is not None else "",
    )
    return _("，").join(one for one in (row.medium, *figures) if one)


def _days(row: IsolationPoint) -> int | str:
    found = queries.stood_days(row, timezone.now()) if row.status != "PLANNED" else None
    return "" if found is None else found


def _note_of(record: MoveRecord) -> str:
    """What was said with a move; a trial by its name. Who acted at the place stands among the facts."""
    proof = isolation.PROOFS.get(str(record.given.get("proof", "")))
    told = [str(record.given[key]) for key in ("note", "result", "reason") if record.given.get(key)]
    return _("；").join([said(proof), *told] if proof is not None else told)


class IsolationList(ListPage):
    """The register of isolation; filtered by blind plates it is the register of those (盲板台账)."""

    code = "permits.isolations"
    title = gettext_lazy("隔离与盲板台账")
    columns = (
        Column("tag", gettext_lazy("隔离点（盲板）编号"), link=True, sort="tag", card="title"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, render=state_mark, sort="status",
               card="meta"),
        Column("device", gettext_lazy("隔离方式"), value=device_said, sort="device", card="meta"),
        Column("energy", gettext_lazy("能量类别"), value=energy_said),
        Column("place", gettext_lazy("隔离位置"), value=where, width="wide", card="meta"),
        Column("equipment", gettext_lazy("设备、管道名称"), width="wide"),
        Column("plate", gettext_lazy("盲板参数"), value=_plate_said),
        Column("medium", gettext_lazy("管道参数"), value=_medium_said, shown=False),
        Column("drawing", gettext_lazy("盲板位置图号"), shown=False),
        Column("lock_no", gettext_lazy("锁号"), card="meta"),
        Column("lock_count", gettext_lazy("在挂个人锁")),
        Column("owner", pgettext_lazy("isolation", "责任人")),
        Column("enterprise", gettext_lazy("企业"), value=words.enterprise_of, sort="enterprise__pinyin", width="wide"),
        Column("plan", gettext_lazy("厂区平面图"), value=lambda row: "", render=_plan_link),
        Column("days", gettext_lazy("在位天数"), value=_days, card="meta"),
        Column("applied_at", gettext_lazy("隔离时间"), sort="applied_at"),
        Column("verified_at", gettext_lazy("验证时间"), sort="verified_at", shown=False),
        Column("looked_at", gettext_lazy("最近复查时间"), sort="looked_at", shown=False),
        Column("removed_at", pgettext_lazy("isolation", "解除时间"), sort="removed_at", shown=False),
        Column("planned_at", gettext_lazy("登记时间"), sort="planned_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("编号、位置、管道、企业"), pinned=True,
               fields=("tag", "place", "equipment", "drawing", "enterprise__name")),
        Choice(name="status", label=gettext_lazy("状态"), choices=ISOLATION.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="device", label=gettext_lazy("隔离方式"), field="device", multiple=True, pinned=True,
               choices=[(code, words_of(text)) for code, text in isolation.DEVICES.items()]),
        Choice(name="energy", label=gettext_lazy("能量类别"), field="energy", multiple=True,
               choices=[(code, words_of(text)) for code, text in isolation.ENERGIES.items()]),
        Choice(name="unit", label=gettext_lazy("单元"),
               choices=lambda actor: queries.unit_choices(actor=actor), field="unit"),
        Flag(name="open", label=gettext_lazy("只看未解除的"), condition=lambda actor: Q(status__in=OPEN_STATES)),
        Flag(name="long", label=gettext_lazy("只看长期在位的"), pinned=True,
             condition=lambda actor: queries.is_long(timezone.now())),
        Flag(name="unchecked", label=gettext_lazy("只看超期未复查的"),
             condition=lambda actor: queries.is_unchecked(timezone.now())),
        Dates(name="applied", label=gettext_lazy("隔离时间"), field="applied_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有隔离点")
    empty_hint = gettext_lazy("盲板、上锁的阀门和开关在此登记：实施、验证、解除，以及依靠它的作业票。")

    def queryset(self, actor: Actor) -> QuerySet[IsolationPoint]:
        return queries.counted(queries.list_isolations(actor=actor))

    def url_of(self, row: IsolationPoint) -> str:
        return reverse("permits:isolation", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        own = actor.has(WORK) and not actor.supervises
        found: list[tuple[Text, str]] = [(gettext_lazy("管道仪表流程图"), reverse("permits:drawings"))]
        return [(gettext_lazy("登记隔离点"), reverse("permits:isolation_new")), *found] if own else found


class _PointPage(CreatePage):
    """A point typed."""

    form = forms.PointForm
    template = "permits/entry.html"
    button = gettext_lazy("登记")
    role = False
    file: Enterprise

    def served(self) -> Permit | None:
        """The permit for which the point is planned."""
        return None

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.PointForm(
            *args, units=list_units(actor=actor).filter(file=self.file), role=self.role,
            facilities=list_facilities(actor=actor).filter(unit__file=self.file), **kwargs,
        )  # fmt: skip

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        told = {name: value for name, value in given.items() if name not in ("position", "role", "seen")}
        row = services.plan_point(
            actor=actor, file=self.file, planned=services.Planned(**told), permit=self.served(), now=now,
            role=given.get("role") or LinkRole.RELIES, client_id=client_id,
        )  # fmt: skip
        return reverse("permits:isolation", args=[row.pk])


class NewIsolation(_PointPage):
    title = gettext_lazy("登记隔离点")
    lead = gettext_lazy("先登记计划；现场实施后由另一人验证零能量，验证后作业票方可开工。")
    duty = WORK
    back = "permits:isolations"

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = required_file(actor=actor)


class ChangeIsolation(_PointPage):
    """A planned point corrected."""

    title = gettext_lazy("修改隔离点计划")
    duty = None
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.point = queries.get_isolation(actor=actor, isolation_id=kwargs["pk"])
        require_own(actor, self.point.file, WORK)
        self.file = self.point.file
        self.lead = str(self.point)  # type: ignore[misc]

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        told = {one.name: getattr(self.point, one.name) for one in dataclass_fields(services.Planned)}
        told |= {"needs_blind": {True: "1", False: "0", None: ""}[self.point.needs_blind]}
        return told | {"seen": self.point.updated_at.isoformat()}

    def back_url(self) -> str:
        return reverse("permits:isolation", args=[self.point.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        told = {name: value for name, value in given.items() if name not in ("position", "seen")}
        services.change_point(
            actor=actor, point=self.point, planned=services.Planned(**told), now=now, seen=given["seen"],
            client_id=client_id,
        )  # fmt: skip
        return self.back_url()


class PermitIsolation(_PointPage, OfPermit):
    """A point planned for one permit, which relies on it from then on."""

    title = gettext_lazy("登记本票的隔离点")
    duty = None

    def open(self, actor: Actor, **kwargs: Any) -> None:
        OfPermit.open(self, actor, **kwargs)
        actor.require(WORK)
        self.role = self.kind == "BL"

    def served(self) -> Permit | None:
        return self.permit

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        permit = self.permit
        told: dict[str, Any] = {"unit": permit.unit, "facility": permit.facility, "energy": "PROCESS"}
        if permit.kind == "BL":
            told |= {
                "device": "BLIND", "equipment": permit.particulars.get("equipment", ""), "role": LinkRole.FITS,
                "drawing": permit.particulars.get("drawing", "")[:80],
            }  # fmt: skip
        return told

    def back_url(self) -> str:
        return OfPermit.back_url(self) + "?tab=isolations"


#: Beside the moves: name, label, duty. They are of personal locks.
_LOCKS = (
    ("hang", gettext_lazy("挂个人锁"), WORK), ("take", gettext_lazy("取个人锁"), WORK),
    ("force", gettext_lazy("授权拆锁"), SIGN_UNIT),
)  # fmt: skip
#: Acts that name somebody of the enterprise.
_OF_PEOPLE = ("apply", "verify", "remove", "take", "force")


class IsolationPage(ObjectPage[IsolationPoint]):
    """One point of isolation: its card, its permits, its locks."""

    template = "permits/object.html"
    back = (gettext_lazy("隔离与盲板台账"), lambda: reverse("permits:isolations"))
    own_acts: ClassVar = {name: label for name, label, _duty in _LOCKS}
    forms: ClassVar = {
        "fail": ReasonForm, "lift": ReasonForm, "cancel": ReasonForm, "check": forms.ResultForm
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> IsolationPoint:
        return queries.get_isolation(actor=actor, isolation_id=kwargs["pk"])

    def head(self, row: IsolationPoint, actor: Actor) -> ObjectHead:
        return ObjectHead(title=where(row), code=row.tag, subtitle=words.enterprise_of(row))

    def facts(self, row: IsolationPoint, actor: Actor) -> Sequence[Fact]:
        facts = [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("隔离方式"), value=device_said(row)), Fact(label=_("能量类别"), value=energy_said(row)),
            Fact(label=_("设备、管道名称"), value=row.equipment),
            Fact(label=_("厂区平面图"), value=_plan_link(row)),
            Fact(label=_("管道仪表流程图"), value=_drawing_links(row, actor)),
            Fact(label=_("经纬度"), value=f"{row.lon}, {row.lat}" if row.lon is not None else ""),
            Fact(label=pgettext("isolation", "责任人"), value=row.owner),
        ]  # fmt: skip
        if row.device in isolation.LOCKED:
            facts += [Fact(label=_("锁号"), value=row.lock_no), Fact(label=_("钥匙保管人"), value=row.key_holder)]
        if row.device in isolation.ON_LINES:
            needs = {True: _("是"), False: _("否"), None: _("未说明，按须加盲板对待")}[row.needs_blind]
            facts.append(Fact(label=_("须加盲板或拆短管"), value=needs))
        if row.device == "BLIND":
            facts += [
                Fact(label=_("盲板参数"), value=_plate_said(row)), Fact(label=_("管道参数"), value=_medium_said(row)),
                Fact(label=_("盲板位置图号"), value=row.drawing),
            ]  # fmt: skip
        if row.stood_since is not None:
            facts.append(Fact(label=_("建账前已装设，装设日期"), value=row.stood_since))
        facts += [
            Fact(label=_("隔离实施人"), value=row.applied_person and row.applied_person.name),
            Fact(label=_("隔离时间"), value=row.applied_at),
            Fact(label=_("验证人"), value=row.verified_person and row.verified_person.name),
            Fact(label=_("验证时间"), value=row.verified_at),
        ]  # fmt: skip
        if row.proof:
            facts.append(Fact(label=_("验证方法"), value=said(isolation.PROOFS[row.proof])))
            facts.append(Fact(label=_("验证情况"), value=row.proof_said, wide=True))
        if row.status in STANDING:
            facts += [Fact(label=_("在位天数"), value=_days(row)), Fact(label=_("最近复查时间"), value=row.looked_at),
                      Fact(label=_("下次复查时限"), value=row.review_at)]  # fmt: skip
        if row.status == "LIFTED":
            facts += [Fact(label=pgettext("isolation", "失效时间"), value=row.lifted_at),
                      Fact(label=_("失效情况"), value=row.lift_reason, wide=True)]  # fmt: skip
        if row.removed_at is not None:
            facts += [
                Fact(label=_("解除人"), value=row.removed_person and row.removed_person.name),
                Fact(label=pgettext("isolation", "解除时间"), value=row.removed_at),
                Fact(label=pgettext("isolation", "解除说明"), value=row.remove_reason, wide=True),
            ]  # fmt: skip
        return facts

    def tabs(self, row: IsolationPoint, actor: Actor) -> Sequence[Tab]:
        held = files_of(row)
        return [
            Tab("permits", _("作业票"), template="permits/_isolation_permits.html",
                context=lambda: {
                    "links": [(one, one.permit.status in RUNNING) for one in queries.links_of_point(row)]
                }),
            Tab("locks", _("个人锁"), template="permits/_isolation_locks.html",
                context=lambda: {"locks": queries.locks_of(row)}),
            Tab("files", _("照片、附件"), template="registry/_files.html", count=len(held),
                context=lambda: {"files": held}),
        ]  # fmt: skip

    def history(self, row: IsolationPoint, actor: Actor) -> Sequence[HistoryLine]:
        return loopview.history_of(row, note_of=_note_of)

    def actions(self, row: IsolationPoint, actor: Actor) -> Sequence[Action]:
        own = actor.organisation_id == row.file_id
        reports = own or (actor.supervises and actor.has(ORDER))
        found = []
        for one in loopview.actions_of(row, actor):
            # Lifted for a test it is under a sanction alone.
            if one.name == "release" or (one.name == "lift" and not reports):
                continue
            # Who told of the application does not verify it.
            if one.name == "verify" and row.applied_by_id == actor.user_id:
                continue
            found.append(Action(name=one.name, label=one.label, primary=one.primary, asks=True))
        if own and row.status == "PLANNED" and actor.has(WORK):
            url = reverse("permits:isolation_change", args=[row.pk])
            found.append(Action(name="change", label=_("修改"), url=url))
        if own:
            found += [
                Action(name=name, label=label, asks=True) for name, label, duty in _LOCKS
                if actor.has(duty) and (name != "hang" or row.status in STANDING) and row.status != "PLANNED"
            ]  # fmt: skip
        return found

    def form_for(
        self, action: Action, row: IsolationPoint, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "hang":
            return forms.HangForm(data, crew=queries.crew_at(row))
        if action.name not in _OF_PEOPLE:
            return super().form_for(action, row, actor, data, files)
        people = list_persons(actor=actor).filter(file=row.file_id).at_work()
        if action.name == "apply":
            return forms.ApplyForm(data, files, people=people)
        if action.name == "verify":
            return forms.VerifyForm(data, people=people, device=row.device)
        if action.name == "remove":
            return forms.RemoveForm(data, people=people)
        form = forms.TakeForm if action.name == "take" else forms.ForceForm
        return form(data, people=people, locks=queries.hanging(point=row))

    def perform(
        self, *, actor: Actor, row: IsolationPoint, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        same: dict[str, Any] = {"actor": actor, "point": row, "now": now}
        if name == "apply":
            photos = tuple(receive_uploads(actor=actor, uploads=given["photos"] or [], now=now))
            services.apply_point(
                **same, person=given["person"], words=given["words"], photos=photos, client_id=client_id
            )
        elif name == "hang":
            locks.hang_lock(**same, **given, client_id=client_id)
        elif name == "take":
            locks.take_lock(
                actor=actor, lock=given["lock"], person=given["person"], now=now, client_id=client_id
            )
        elif name == "force":
            locks.force_lock(
                actor=actor, lock=given["lock"], witness=given["person"], is_away=given["is_away"],
                reason=given["reason"], now=now, client_id=client_id,
            )  # fmt: skip
        else:
            _MOVES[name](**same, **given, client_id=client_id)


_MOVES: Mapping[str, Any] = {
    "verify": services.verify_point, "fail": services.fail_point, "check": services.check_point,
    "lift": services.lift_point, "remove": services.remove_point, "cancel": services.cancel_point,
}  # fmt: skip
#: What a permit's page offers of it.
LINK, UNLINK = "isolation", "no_isolation"
LABELS = {LINK: pgettext_lazy("isolation", "关联隔离点"), UNLINK: pgettext_lazy("isolation", "取消关联隔离点")}


def link_actions(row: Permit, actor: Actor) -> list[Action]:
    """What the enterprise may do on a permit about its points."""
    if row.status not in services.LINKED or not actor.has(WORK):
        return []
    found = [Action(name=LINK, label=LABELS[LINK], asks=True)]
    if row.status in services.UNLINKED:
        url = reverse("permits:permit_isolation", args=[row.pk])
        found.append(Action(name=UNLINK, label=LABELS[UNLINK], asks=True))
        found.append(Action(name="isolation_new", label=_("登记本票的隔离点"), url=url))
    return found


def link_form(name: str, row: Permit, actor: Actor, data: Any) -> django_forms.Form:
    if name == LINK:
        return forms.LinkForm(data, points=queries.open_points(actor=actor, permit=row), role=row.kind == "BL")
    points = queries.list_isolations(actor=actor).filter(uses__permit=row)
    return forms.UnlinkForm(data, points=points)


def perform_link(
    name: str, *, actor: Actor, row: Permit, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None
) -> None:
    if name == LINK:
        services.link_point(
            actor=actor, permit=row, point=given["point"], role=given.get("role") or LinkRole.RELIES, now=now,
            client_id=client_id,
        )  # fmt: skip
    else:
        services.unlink_point(actor=actor, permit=row, point=given["point"], now=now, client_id=client_id)


def link_rows(row: Permit) -> dict[str, Any]:
    """Points of a permit with their states, and locks that hang for it, for its page."""
    return {
        "points": [(one, device_said(one.point), state_mark(one.point)) for one in queries.links_of(row)],
        "locks": list(queries.hanging(permit=row)),
        "sanctions": sanction_rows(row),
    }  # fmt: skip
