"""Pages of certificates: the list, one certificate, the catalogue of kinds."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.training.forms import certificates as forms
from quancheng.domains.training.models import (
    CertificateGroup,
    CertificateKind,
    PersonQualification,
    QualificationState,
)
from quancheng.domains.training.queries import certificates as queries
from quancheng.domains.training.queries.certificates import RULES, VERIFY
from quancheng.domains.training.queries.history import acts_on, acts_on_qualification
from quancheng.domains.training.queries.persons import VIEW
from quancheng.domains.training.services import catalogue
from quancheng.domains.training.services import qualifications as services
from quancheng.domains.training.services.keeping import may_keep
from quancheng.domains.training.services.qualifications import FIELDS
from quancheng.domains.training.views import words
from quancheng.domains.training.views.of_person import OfPerson
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab


class QualificationList(ListPage):
    """Certificates of people (人员证书)."""

    code = "training.qualifications"
    title = gettext_lazy("人员证书")
    duty = VIEW
    imports = ("training.own_certificates",)
    columns = (
        Column("person", gettext_lazy("姓名"), value=lambda row: row.person.name, link=True, sort="person__pinyin",
               card="title"),
        Column("kind", gettext_lazy("证书种类"), value=lambda row: row.kind.shown, sort="kind__position", card="meta",
               width="wide"),
        Column("enterprise", gettext_lazy("企业"), value=words.enterprise_of, sort="enterprise__pinyin", card="meta",
               width="wide"),
        Column("state", gettext_lazy("状态"), value=lambda row: words.qualification_state(row.state), sort="state",
               card="meta", render=lambda row: words.qualification_mark(row.state)),
        Column("ends_date", gettext_lazy("到期或应复审日期"), sort="ends_date", card="meta"),
        Column("valid_to", gettext_lazy("有效期止"), sort="valid_to"),
        Column("recheck_due", gettext_lazy("应复审日期"), sort="recheck_due"),
        Column("group", gettext_lazy("证书类别"), value=lambda row: row.kind.get_group_display(), shown=False),
        Column("number", gettext_lazy("证书编号"), value=queries.masked_number, shown=False),
        Column("issuer", gettext_lazy("发证机关"), sort="issuer", shown=False),
        Column("issued_date", gettext_lazy("发证日期"), sort="issued_date", shown=False),
        Column("employer_name", gettext_lazy("用人单位"), value=lambda row: row.person.employer_name, shown=False),
        Column("verified_at", gettext_lazy("核验时间"), sort="verified_at", shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("姓名、企业名称"), pinned=True,
               fields=("person__name", "enterprise__name"), pinyin=("person__pinyin", "person__initials")),
        Choice(name="state", label=gettext_lazy("状态"), choices=QualificationState.choices, field="state",
               multiple=True, pinned=True),
        Choice(name="kind", label=gettext_lazy("证书种类"), field="kind__code", pinned=True,
               choices=lambda actor: [(one.code, one.shown) for one in queries.list_kinds()]),
        Choice(name="group", label=gettext_lazy("证书类别"), choices=CertificateGroup.choices, field="kind__group"),
        Dates(name="ends", label=gettext_lazy("到期或应复审日期"), field="ends_date"),
        Flag(name="standing", label=gettext_lazy("不看已换证的"),
             condition=lambda actor: Q(replaced_by__isnull=True)),
        Flag(name="working", label=gettext_lazy("只看在岗"), condition=lambda actor: Q(person__left_date__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有人员证书")
    empty_hint = gettext_lazy("在人员档案上登记证书，由另一人核验后生效。")

    def queryset(self, actor: Actor) -> QuerySet[PersonQualification]:
        return queries.list_qualifications(actor=actor, on=timezone.localdate())

    def url_of(self, row: PersonQualification) -> str:
        return reverse("training:qualification", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("证书目录"), reverse("training:kinds"))]


def printed(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in FIELDS}


class NewQualification(OfPerson):
    title = gettext_lazy("登记证书")
    form = forms.QualificationForm
    tab = "certificates"
    button = gettext_lazy("登记")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = super()._form(actor, *args, **kwargs)
        form.fields["kind"].queryset = queries.list_kinds()  # type: ignore[attr-defined]
        return form

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
        row = services.enter_qualification(
            actor=actor, person=self.person, kind=given["kind"], known=printed(given), evidence=evidence, now=now,
            client_id=client_id,
        )  # fmt: skip
        return reverse("training:qualification", args=[row.pk])


class QualificationPage(ObjectPage[PersonQualification]):
    """One certificate with its scan and how it was verified."""

    back = (gettext_lazy("人员证书"), lambda: reverse("training:qualifications"))
    forms: ClassVar = {"revoke": forms.RevokeForm}
    own_acts: ClassVar = {
        "verify": gettext_lazy("核验"), "change": gettext_lazy("更正证书"), "revoke": gettext_lazy("登记吊销、注销"),
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> PersonQualification:
        return queries.get_qualification(actor=actor, qualification_id=kwargs["pk"], on=timezone.localdate())

    def head(self, row: PersonQualification, actor: Actor) -> ObjectHead:
        state = row.state_on(timezone.localdate())
        return ObjectHead(
            title=row.kind.shown, code=queries.masked_number(row), subtitle=words.enterprise_of(row),
            marks=[words.qualification_mark(state)],
        )  # fmt: skip

    def facts(self, row: PersonQualification, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        person = format_html(
            '<a href="{}">{}</a>', reverse("training:person", args=[row.person_id]), row.person.name
        )
        facts = [
            Fact(label=_("姓名"), value=person),
            Fact(label=_("证书类别"), value=row.kind.get_group_display()),
            Fact(label=_("发证机关"), value=row.issuer, filled_by=own),
            Fact(label=_("发证日期"), value=row.issued_date),
            Fact(label=_("有效期起"), value=row.valid_from),
            Fact(label=_("有效期止"), value=row.valid_to or _("长期")),
            Fact(label=_("应复审日期"), value=row.recheck_due),
            Fact(label=_("证面限定"), value=row.limited_to),
            Fact(label=_("依据"), value=row.kind.basis),
            Fact(label=_("核验情况"), value=words.verified(row)),
        ]
        if row.snapshot:
            facts.append(Fact(label=_("查询结果"), value=queries.without_numbers(row.snapshot), wide=True))
        if row.revoked_date is not None:
            facts.insert(1, Fact(label=_("吊销、注销"), value=f"{row.revoked_date} {row.revoked_reason}", wide=True))
        if row.replaced_by_id is not None:
            url = reverse("training:qualification", args=[row.replaced_by_id])
            facts.insert(1, Fact(label=_("已换新证"), value=format_html('<a href="{}">{}</a>', url, _("查看新证"))))
        return facts

    def tabs(self, row: PersonQualification, actor: Actor) -> Sequence[Tab]:
        held = [one for one in files_of(row) if queries.may_see_files(actor, row, one.role)]
        hides = not queries.may_see_scans(actor, row)
        return [
            Tab(name="files", label=_("扫描件和查询结果"), count=len(held), template="training/_files.html",
                context=lambda: {"files": held, "hides": hides}),
        ]  # fmt: skip

    def history(self, row: PersonQualification, actor: Actor) -> Sequence[HistoryLine]:
        return words.history(acts_on_qualification(row))

    def actions(self, row: PersonQualification, actor: Actor) -> Sequence[Action]:
        found: list[Action] = []
        if services.has_ended(row):
            return found
        if actor.has(VERIFY) and row.verified_at is None and actor.user_id != row.entered_by_id:
            found.append(Action(name="verify", label=_("核验"), asks=True, primary=True))
        keeps = may_keep(actor, row.person.file)
        if keeps:
            found.append(Action(name="change", label=_("更正证书"), asks=True))
        if keeps or (actor.has(VERIFY) and actor.organisation_id != row.person.file_id):
            found.append(Action(name="revoke", label=_("登记吊销、注销"), asks=True))
        return found

    def form_for(
        self, action: Action, row: PersonQualification, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "change":
            return forms.QualificationChangeForm(data, files, initial=forms.known_of(row))
        if action.name == "verify":
            return forms.VerifyForm(data, files, initial={"version": row.version})
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: PersonQualification, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "revoke":
            services.revoke_qualification(actor=actor, row=row, now=now, **given)
            return
        if name not in ("change", "verify"):
            raise NotFound
        evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
        if name == "change":
            services.change_qualification(
                actor=actor, row=row, version=given["version"], known=printed(given), evidence=evidence, now=now
            )
        else:
            services.verify_qualification(
                actor=actor, row=row, version=given["version"], source=given["source"], snapshot=given["snapshot"],
                evidence=evidence, now=now,
            )  # fmt: skip


# The catalogue ------------------------------------------------------------------------------------------------------


class KindList(ListPage):
    """The catalogue of certificates (证书目录)."""

    code = "training.kinds"
    title = gettext_lazy("证书目录")
    duty = VIEW
    columns = (
        Column("shown", gettext_lazy("名称"), link=True, sort="position", card="title", width="wide"),
        Column("group", gettext_lazy("证书类别"), value=lambda row: row.get_group_display(), sort="group",
               card="meta", width="wide"),
        Column("valid_years", gettext_lazy("有效年限"), numeric=True, sort="valid_years"),
        Column("recheck_years", gettext_lazy("复审年限"), numeric=True, sort="recheck_years"),
        Column("min_age", gettext_lazy("最低年龄"), numeric=True),
        Column("min_education", gettext_lazy("最低学历"), value=lambda row: row.get_min_education_display()),
        Column("warn_days", gettext_lazy("提前提醒天数"), value=lambda row: " ".join(map(str, row.warn_days))),
        Column("mark", gettext_lazy("确信程度"), value=lambda row: row.get_mark_display()),
        Column("years_mark", gettext_lazy("年限确信程度"), value=lambda row: row.get_years_mark_display()),
        Column("basis", gettext_lazy("依据"), width="wide", shown=False),
        Column("code", gettext_lazy("代码"), sort="code", shown=False),
        Column("valid_from", gettext_lazy("启用日期"), sort="valid_from", shown=False),
        Column("valid_to", gettext_lazy("停用日期"), sort="valid_to", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、代号"), pinned=True,
               fields=("name", "name_en", "card_code", "code")),
        Choice(name="group", label=gettext_lazy("证书类别"), choices=CertificateGroup.choices, field="group",
               multiple=True, pinned=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有证书种类")

    def queryset(self, actor: Actor) -> QuerySet[CertificateKind]:
        return queries.list_kinds()

    def url_of(self, row: CertificateKind) -> str:
        return reverse("training:kind", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("增加证书种类"), reverse("training:kind_new"))] if actor.has(RULES) else []


class NewKind(CreatePage):
    title = gettext_lazy("增加证书种类")
    duty = RULES
    form = forms.NewKindForm
    back = "training:kinds"
    button = gettext_lazy("增加")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"warn_days": "90 60 30 7", "mark": "D", "years_mark": "D"}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        known = {name: value for name, value in given.items() if name not in ("code", "reason")}
        row = catalogue.add_kind(actor=actor, code=given["code"], known=known, reason=given["reason"], now=now)
        return reverse("training:kind", args=[row.pk])


class KindPage(ObjectPage[CertificateKind]):
    """One kind of the catalogue, and codes of former cards that mean it."""

    duty = VIEW
    back = (gettext_lazy("证书目录"), lambda: reverse("training:kinds"))
    forms: ClassVar = {"alias": forms.AliasForm}
    own_acts: ClassVar = {"change": gettext_lazy("修改"), "alias": gettext_lazy("登记旧证代号")}

    def get_row(self, actor: Actor, **kwargs: Any) -> CertificateKind:
        return queries.get_kind(kind_id=kwargs["pk"])

    def head(self, row: CertificateKind, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.shown, code=row.code, subtitle=row.get_group_display())

    def facts(self, row: CertificateKind, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("作业类别"), value=row.category),
            Fact(label=_("有效年限"), value=row.valid_years or _("长期")),
            Fact(label=_("复审年限"), value=row.recheck_years or _("不需复审")),
            Fact(label=_("最低年龄"), value=row.min_age),
            Fact(label=_("最低学历"), value=row.get_min_education_display()),
            Fact(label=_("提前提醒天数"), value=" ".join(map(str, row.warn_days))),
            Fact(label=_("依据"), value=row.basis),
            Fact(label=_("确信程度"), value=row.get_mark_display()),
            Fact(label=_("年限确信程度"), value=row.get_years_mark_display()),
            Fact(label=_("启用日期"), value=row.valid_from),
            Fact(label=_("停用日期"), value=row.valid_to),
        ]

    def tabs(self, row: CertificateKind, actor: Actor) -> Sequence[Tab]:
        aliases = list(queries.list_aliases(row))
        return [
            Tab(name="aliases", label=_("旧证代号"), count=len(aliases), template="training/_aliases.html",
                context=lambda: {"aliases": aliases}),
        ]  # fmt: skip

    def history(self, row: CertificateKind, actor: Actor) -> Sequence[HistoryLine]:
        return words.history(acts_on(row))

    def actions(self, row: CertificateKind, actor: Actor) -> Sequence[Action]:
        if not actor.has(RULES):
            return []
        return [
            Action(name="change", label=_("修改"), asks=True, primary=True),
            Action(name="alias", label=_("登记旧证代号"), asks=True),
        ]

    def form_for(
        self, action: Action, row: CertificateKind, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "change":
            return forms.KindChangeForm(data, files, initial=forms.kind_as_form(row))
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: CertificateKind, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "change":
            known = {key: value for key, value in given.items() if key not in ("version", "reason")}
            catalogue.change_kind(
                actor=actor, kind=row, version=given["version"], known=known, reason=given["reason"], now=now
            )
        elif name == "alias":
            catalogue.set_alias(actor=actor, kind=row, now=now, **given)
        else:
            raise NotFound
