"""Forms of their own addresses: a draft, people on it, one measure of the form."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.urls import reverse
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms import permits as forms
from quancheng.domains.permits.forms.asking import WORK, absent_of, asks_of, facts_told, typed_from
from quancheng.domains.permits.models import Kind, WorkLesson
from quancheng.domains.permits.queries import permits as queries
from quancheng.domains.permits.queries.advice import hint_said
from quancheng.domains.permits.queries.lessons import lessons_for
from quancheng.domains.permits.queries.permits import REQUEST
from quancheng.domains.permits.queries.permits import WORK as DO_WORK
from quancheng.domains.permits.queries.places import default_point
from quancheng.domains.permits.services import drafting, preparing
from quancheng.domains.permits.services.checking import require_own, said
from quancheng.domains.permits.services.positions import TIES, Place, place_permit
from quancheng.domains.permits.views.advice import measure_hints
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import list_facilities, list_units, required_file
from quancheng.domains.training.queries.persons import list_persons
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages.create import CreatePage
from quancheng.standards.gb30871 import tickets


class NewPermit(CreatePage):
    """First the kind: what is asked next depends on it."""

    title = gettext_lazy("申请特殊作业")
    lead = gettext_lazy("先选择作业类别。一项作业涉及几类特殊作业的，每类分别申请并相互关联。")
    duty = REQUEST
    form = forms.KindForm
    back = "permits:permits"
    button = gettext_lazy("下一步")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        return reverse(f"permits:new_{given['kind'].lower()}")


class _DraftPage(CreatePage):
    """A draft of one kind, typed."""

    duty: ClassVar[str | None] = REQUEST
    form = forms.DraftForm
    button = gettext_lazy("保存")
    kind = ""
    file: Enterprise

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.DraftForm(
            *args, kind=self.kind, units=list_units(actor=actor).filter(file=self.file),
            facilities=list_facilities(actor=actor).filter(unit__file=self.file), **kwargs,
        )  # fmt: skip

    def draft(self, given: Mapping[str, Any]) -> drafting.Draft:
        names = (
            "content", "place", "unit", "facility", "apply_unit", "work_unit", "window_start", "window_end", "slots",
            "is_emergency", "emergency_reason",
        )  # fmt: skip
        work = facts_told((*asks_of(WORK, self.kind), absent_of(self.kind)), given)
        work.setdefault("questions", {})
        return drafting.Draft(
            kind=self.kind, level=given.get("level", ""), is_upgraded=given.get("is_upgraded", False), work=work,
            **{name: given[name] for name in names},
        )  # fmt: skip


class NewDraft(_DraftPage):
    title = gettext_lazy("申请特殊作业")
    lead = gettext_lazy("不清楚的留空：系统按未知处理，提交时会说明还缺什么。")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = required_file(actor=actor)
        self.title = str(Kind(self.kind).label)  # type: ignore[misc,assignment]

    def back_url(self) -> str:
        return reverse("permits:permits")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = drafting.draft_permit(
            actor=actor, file=self.file, draft=self.draft(given), now=now, client_id=client_id
        )
        return reverse("permits:permit", args=[row.pk])


class OfPermit(CreatePage):
    """Something entered on a permit; the address names it."""

    kind = ""
    file: Enterprise

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.permit = queries.get_permit(actor=actor, permit_id=kwargs["pk"])
        require_own(actor, self.permit.file, REQUEST)
        self.kind, self.file = self.permit.kind, self.permit.file
        self.lead = str(self.permit)  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("permits:permit", args=[self.permit.pk])


class ChangeDraft(OfPermit, _DraftPage):
    title = gettext_lazy("修改作业申请")
    duty = None
    template = "permits/change.html"

    @property
    def like(self) -> Sequence[WorkLesson]:
        """What was noted of like jobs."""
        return lessons_for(self.permit)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        row = self.permit
        names = ("content", "place", "unit", "facility", "apply_unit", "work_unit", "level", "is_upgraded")
        own = ("window_start", "window_end", "version", "is_emergency", "emergency_reason")
        told = {name: getattr(row, name) for name in (*names, *own)}
        told["slots"] = forms.typed_slots(row.slots)
        return told | typed_from((*asks_of(WORK, row.kind), absent_of(row.kind)), row.work)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        drafting.change_draft(
            actor=actor, permit=self.permit, version=given["version"] or 0, draft=self.draft(given), now=now
        )
        return self.back_url()


class Renew(ChangeDraft):
    """A new permit in place of one that ended (重新办票): all that was told is there to be corrected."""

    title = gettext_lazy("重新办票")
    lead = gettext_lazy("原作业票不能延期或更改。核对并修改后保存，人员一并带入，须重新申请、分析、交底和签批。")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        told = super().initial(actor, now)
        anew = ("window_start", "window_end", "slots", "is_emergency", "emergency_reason")
        return {name: value for name, value in told.items() if name not in anew}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = drafting.renew_permit(
            actor=actor, former=self.permit, draft=self.draft(given), now=now, client_id=client_id
        )
        return reverse("permits:permit", args=[made.pk])


class PlacePermit(OfPermit):
    """Where the work is, told at a desk or taken by a phone at the place."""

    title = gettext_lazy("作业位置")
    duty = None
    form = forms.PlaceForm
    template = "permits/entry.html"
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        row = self.permit
        names = ("lon", "lat", "radius_m", "z_min_m", "z_max_m")
        told = {name: getattr(row, name) for name in names} | row.ties
        return told if row.lon is not None else told | default_point(row)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        ties = {name: given[name] for name in TIES}
        own = {name: given[name] for name in ("lon", "lat", "radius_m", "z_min_m", "z_max_m")}
        place_permit(actor=actor, permit=self.permit, place=Place(**own, ties=ties), now=now)
        return self.back_url()


class NewPerson(OfPermit):
    title = gettext_lazy("登记作业票人员")
    duty = None
    form = forms.AddPersonForm
    button = gettext_lazy("登记")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        people = list_persons(actor=actor).filter(file=self.file).at_work()
        return forms.AddPersonForm(*args, kind=self.kind, people=people, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        drafting.add_person(actor=actor, permit=self.permit, now=now, **given)
        return self.back_url() + "?tab=people"


class RemovePerson(OfPermit):
    title = gettext_lazy("移除作业票人员")
    duty = None
    form = django_forms.Form
    button = gettext_lazy("移除")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        self.row = queries.get_permit_person(permit=self.permit, row_id=kwargs["row_id"])
        self.lead = f"{self.row.person.name} {self.row.get_part_display()}"  # type: ignore[misc]

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        drafting.remove_person(actor=actor, permit=self.permit, row=self.row, now=now)
        return self.back_url() + "?tab=people"


class Measure(OfPermit):
    """One measure of the form, confirmed on the spot."""

    title = gettext_lazy("确认安全措施")
    duty = None
    form = forms.MeasureForm
    button = gettext_lazy("确认")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.permit = queries.get_permit(actor=actor, permit_id=kwargs["pk"])
        require_own(actor, self.permit.file, DO_WORK)
        found = next((one for one in tickets.measures(self.permit.kind) if one.code == kwargs["code"]), None)
        if found is None:
            raise NotFound
        self.row, self.lead = found, said(found.text)  # type: ignore[misc]

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = forms.MeasureForm(*args, row=self.row, **kwargs)
        form.fields["applies"].help_text = hint_said(measure_hints(self.permit, actor).get(self.row.code))
        return form

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        filled = {name: given[name] for name in self.row.parameters}
        preparing.confirm_measure(
            actor=actor, permit=self.permit, code=self.row.code, applies=given["applies"] == "1", filled=filled, now=now
        )
        return self.back_url() + "?tab=measures"
