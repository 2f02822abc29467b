"""Pages of persons: the list, one person's file (一人一档), what is entered in it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.cache import never_cache

from quancheng.domains.registry.queries.enterprises import required_file
from quancheng.domains.training.forms import persons as forms
from quancheng.domains.training.models import Employment, HealthLimit, Person, PersonQualification
from quancheng.domains.training.queries import persons as queries
from quancheng.domains.training.queries.certificates import masked_number, qualifications_of
from quancheng.domains.training.queries.history import acts_on_person
from quancheng.domains.training.queries.persons import KEEP, VIEW
from quancheng.domains.training.queries.roles import list_roles
from quancheng.domains.training.queries.staffing import verdicts_for
from quancheng.domains.training.services import persons as services
from quancheng.domains.training.services import posting
from quancheng.domains.training.services.keeping import may_keep
from quancheng.domains.training.services.persons import FIELDS
from quancheng.domains.training.views import words
from quancheng.domains.training.views.education_of_person import education_actions, education_tabs
from quancheng.domains.training.views.of_person import OfPerson
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, NotFound, NotPermitted, Text
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.vault import services as vault


class PersonList(ListPage):
    """People at work (从业人员)."""

    code = "training.persons"
    title = pgettext_lazy("several", "从业人员")
    duty = VIEW
    columns = (
        Column("name", gettext_lazy("姓名"), link=True, sort="pinyin", card="title"),
        Column("staff_no", gettext_lazy("工号（胸卡号）"), sort="staff_no", card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=words.enterprise_of, sort="enterprise__pinyin", card="meta",
               width="wide"),
        Column("employment", gettext_lazy("用工类型"), value=lambda row: row.get_employment_display(),
               sort="employment", card="meta"),
        Column("employer_name", gettext_lazy("用人单位"), sort="employer_name"),
        Column("posts", gettext_lazy("岗位名称"), value=words.held, card="meta", width="wide"),
        Column("state", gettext_lazy("状态"), value=words.state, render=words.state_mark, sort="left_date",
               card="meta"),
        Column("gap_count", gettext_lazy("不符合项"), numeric=True, sort="gap_count", card="meta"),
        Column("inducted_date", gettext_lazy("三级安全教育完成日期"), sort="inducted_date", shown=False),
        Column("workshop", gettext_lazy("车间（部门）"), sort="workshop"),
        Column("team", gettext_lazy("班组"), sort="team"),
        Column("resident_id", gettext_lazy("身份证号码"), shown=False,
               value=lambda row: vault.masked(vault.RESIDENT_ID, row.resident_id)),
        Column("phone", gettext_lazy("联系电话"), shown=False, value=lambda row: vault.masked(vault.PHONE, row.phone)),
        Column("sex", gettext_lazy("性别"), value=lambda row: row.get_sex_display(), shown=False),
        Column("age", gettext_lazy("年龄"), value=words.age, numeric=True, shown=False),
        Column("education", gettext_lazy("学历"), value=lambda row: row.get_education_display(), shown=False),
        Column("major", gettext_lazy("专业"), shown=False),
        Column("title_level", gettext_lazy("化工、安全类职称"), value=lambda row: row.get_title_level_display(),
               shown=False),
        Column("joined_date", gettext_lazy("到岗日期"), sort="joined_date", shown=False),
        Column("left_date", gettext_lazy("离岗日期"), sort="left_date", shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("姓名、工号、企业名称"), pinned=True,
               fields=("name", "staff_no", "enterprise__name", "employer_name"), pinyin=("pinyin", "initials")),
        Choice(name="employment", label=gettext_lazy("用工类型"), choices=Employment.choices, field="employment",
               multiple=True, pinned=True),
        Choice(name="role", label=gettext_lazy("岗位角色"), pinned=True,
               choices=lambda actor: [(one.code, one.shown) for one in list_roles() if not one.is_task_only],
               narrows=lambda code: Q(pk__in=queries.holders_of(code))),
        Dates(name="joined", label=gettext_lazy("到岗日期"), field="joined_date"),
        Flag(name="left", label=gettext_lazy("只看已离岗"), condition=lambda actor: Q(left_date__isnull=False)),
        Flag(name="working", label=gettext_lazy("只看在岗"), condition=lambda actor: Q(left_date__isnull=True)),
        Flag(name="gaps", label=gettext_lazy("只看有不符合项的"), condition=lambda actor: Q(gap_count__gt=0)),
        Flag(name="uneducated", label=gettext_lazy("只看未完成上岗前教育的"),
             condition=lambda actor: Q(entry_owed=True, left_date__isnull=True) & (
                 Q(inducted_date__isnull=True) | Q(inducted_until__lt=timezone.localdate()))),
        Flag(name="barred", label=gettext_lazy("只看不得任现职的"), condition=lambda actor: Q(barred_count__gt=0)),
        Flag(name="outside", label=gettext_lazy("只看外来人员"), condition=lambda actor: ~Q(employer_name="")),
    )  # fmt: skip
    imports = ("training.own_persons",)
    empty_title = gettext_lazy("没有人员档案")
    empty_hint = gettext_lazy("企业逐人登记，或用电子表格导入；外来人员也登记在这里。")

    def queryset(self, actor: Actor) -> QuerySet[Person]:
        return queries.list_persons(actor=actor)

    def url_of(self, row: Person) -> str:
        return reverse("training:person", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("登记人员"), reverse("training:person_new"))] if actor.has(KEEP) else []


def photo_from(actor: Actor, given: Mapping[str, Any], now: datetime) -> uuid.UUID | None:
    """The photo that a form carried, stored."""
    upload = given.get("photo")
    return receive_uploads(actor=actor, uploads=[upload], now=now)[0] if upload else None


def told(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in (*FIELDS, "resident_id", "phone")}


class NewPerson(CreatePage):
    title = gettext_lazy("登记人员")
    lead = gettext_lazy("一人一档：本单位职工和在本单位作业的外来人员都要登记。")
    duty = KEEP
    form = forms.PersonForm
    back = "training:persons"
    button = gettext_lazy("登记")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = required_file(actor=actor)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = services.enter_person(
            actor=actor, file=self.file, known=told(given), photo=photo_from(actor, given, now), now=now,
            client_id=client_id,
        )  # fmt: skip
        return reverse("training:person", args=[row.pk])


class PersonPage(ObjectPage[Person]):
    """One person's file."""

    back = (pgettext_lazy("several", "从业人员"), lambda: reverse("training:persons"))
    template = "training/person.html"
    part = "training/_person.html"
    forms: ClassVar = {"leave": forms.LeaveForm, "return": forms.ReturnForm, "limit": forms.LimitForm}

    own_acts: ClassVar = {
        "change": gettext_lazy("修改档案"), "leave": gettext_lazy("离岗"), "return": gettext_lazy("重新到岗"),
        "limit": gettext_lazy("登记职业禁忌"),
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> Person:
        return queries.get_person(actor=actor, person_id=kwargs["pk"])

    def head(self, row: Person, actor: Actor) -> ObjectHead:
        return ObjectHead(
            title=row.name, code=row.staff_no, subtitle=words.enterprise_of(row), marks=[words.state_mark(row)]
        )

    def facts(self, row: Person, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        facts = [
            Fact(label=_("企业"), value=words.link_to_file(row)),
            Fact(label=_("用工类型"), value=row.get_employment_display()),
            Fact(label=_("身份证号码"), value=vault.masked(vault.RESIDENT_ID, row.resident_id)),
            Fact(label=_("性别"), value=row.get_sex_display()),
            Fact(label=_("年龄"), value=words.age(row)),
            Fact(label=_("联系电话"), value=vault.masked(vault.PHONE, row.phone), filled_by=own),
            Fact(label=_("学历"), value=row.get_education_display(), filled_by=own),
            Fact(label=_("专业"), value=row.major, filled_by=own),
            Fact(label=_("专业类别"), value=row.get_major_field_display()),
            Fact(label=_("化工、安全类职称"), value=row.get_title_level_display()),
            Fact(label=_("车间（部门）"), value=row.workshop, filled_by=own),
            Fact(label=_("班组"), value=row.team),
            Fact(label=_("到岗日期"), value=row.joined_date, filled_by=own),
        ]
        if row.employer_name:
            facts.insert(2, Fact(label=_("用人单位"), value=f"{row.employer_name} {row.employer_code}".strip()))
        if row.left_date is not None:
            facts.append(Fact(label=_("离岗日期"), value=f"{row.left_date} {row.left_reason}".strip()))
        return facts

    def tabs(self, row: Person, actor: Actor) -> Sequence[Tab]:
        posts = queries.posts_of(row)
        held = qualifications_of(row)
        keeps = may_keep(actor, row.file)
        tabs = [
            Tab(name="posts", label=pgettext("several", "任职"), count=sum(1 for one in posts if one.to_date is None),
                template="training/_posts.html", context=lambda: {"posts": posts, "keeps": keeps}),
            Tab(name="gaps", label=_("任职条件"), count=row.gap_count, template="training/_gaps.html",
                context=lambda: {"held": verdicts_for(row, on=timezone.localdate())}),
            Tab(name="certificates", label=_("证书"), count=len(held), template="training/_certificates.html",
                context=lambda: {"certificates": _with_marks(held)}),
        ]  # fmt: skip
        tabs += education_tabs(row, actor)
        if queries.sees_health(actor, row):
            limits = queries.limits_of(row)
            tabs.append(
                Tab(name="health", label=_("职业禁忌"), count=len(limits), template="training/_limits.html",
                    context=lambda: {"limits": _named(limits), "keeps": keeps})
            )  # fmt: skip
        return tabs

    def history(self, row: Person, actor: Actor) -> Sequence[HistoryLine]:
        return words.history(acts_on_person(row, with_health=queries.sees_health(actor, row)))

    def actions(self, row: Person, actor: Actor) -> Sequence[Action]:
        found = []
        if may_keep(actor, row.file):
            if row.left_date is None:
                found += [
                    Action(name="post", label=pgettext("act", "任职"), primary=True,
                           url=reverse("training:post_new", args=[row.pk])),
                    Action(name="certificate", label=_("登记证书"),
                           url=reverse("training:qualification_new", args=[row.pk])),
                    Action(name="change", label=_("修改档案"), asks=True),
                    Action(name="limit", label=_("登记职业禁忌"), asks=True),
                    Action(name="leave", label=_("离岗"), asks=True),
                ]  # fmt: skip
            else:
                found.append(Action(name="return", label=_("重新到岗"), asks=True, primary=True))
        found += education_actions(row, actor)
        if services.may_see_numbers(actor, row):
            url = reverse("training:person_numbers", args=[row.pk])
            found.append(Action(name="numbers", label=_("查看完整号码"), url=url))
        return found

    def form_for(
        self, action: Action, row: Person, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "change":
            return forms.PersonChangeForm(data, files, initial=forms.known_of(row))
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Person, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "change":
            services.change_person(
                actor=actor, person=row, version=given["version"], known=told(given),
                photo=photo_from(actor, given, now), now=now,
            )  # fmt: skip
        elif name == "leave":
            services.leave_person(actor=actor, person=row, now=now, **given)
        elif name == "return":
            services.return_person(actor=actor, person=row, now=now, **given)
        elif name == "limit":
            services.enter_limit(actor=actor, person=row, now=now, **given)
        else:
            raise NotFound

    def more_context(self, row: Person, actor: Actor) -> dict[str, Any]:
        return {"photo": queries.photo_of(row)}


def _named(limits: Sequence[HealthLimit]) -> list[tuple[HealthLimit, str]]:
    names = queries.limit_names()
    return [(one, names.get(one.limit, one.limit)) for one in limits]


def _with_marks(held: Sequence[PersonQualification]) -> list[tuple[PersonQualification, str, Any]]:
    today = timezone.localdate()
    return [(one, masked_number(one), words.qualification_mark(one.state_on(today))) for one in held]


class NewPost(OfPerson):
    title = pgettext_lazy("act", "任职")
    form = forms.PostForm
    tab = "posts"

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = super()._form(actor, *args, **kwargs)
        form.fields["role"].queryset = list_roles().on(timezone.localdate()).filter(is_task_only=False)  # type: ignore[attr-defined]
        return form

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        posting.assign_post(actor=actor, person=self.person, now=now, **given)
        return self.back_url()


class EndPost(OfPerson):
    title = gettext_lazy("结束任职")
    form = forms.EndPostForm
    tab = "posts"

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        self.held = queries.get_post(person=self.person, post_id=kwargs["post_id"])
        self.lead = f"{self.person.name}：{self.held.title}"  # type: ignore[misc]

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        posting.end_post(actor=actor, person=self.person, post=self.held, now=now, **given)
        return self.back_url()


class EndLimit(OfPerson):
    title = gettext_lazy("结束职业禁忌")
    form = forms.EndLimitForm
    tab = "health"

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        self.limit = queries.get_limit(person=self.person, limit_id=kwargs["limit_id"])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.end_limit(actor=actor, person=self.person, limit=self.limit, now=now, **given)
        return self.back_url()


@method_decorator(never_cache, name="dispatch")
class Numbers(CreatePage):
    """A person's numbers in full, shown once for a reason that the journal keeps."""

    title = gettext_lazy("查看完整号码")
    duty = VIEW
    form = forms.ReasonForm
    button = gettext_lazy("查看")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.person = queries.get_person(actor=actor, person_id=kwargs["pk"])
        if not services.may_see_numbers(actor, self.person):
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("training:person", args=[self.person.pk])

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        actor = self._actor(request)
        self.open(actor, **kwargs)
        form = self._form(actor, request.POST)
        if not form.is_valid():
            return self._show(request, form, status=422)
        try:
            number, phone = services.show_numbers(
                actor=actor, person=self.person, reason=form.cleaned_data["reason"], now=timezone.now()
            )
        except DomainError as refused:
            return self._show(request, form, status=tell(form, refused))
        context = {"person": self.person, "number": number, "phone": phone}
        return render(request, "training/numbers.html", context)
