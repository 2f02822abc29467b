"""What people type about grid patrols: places, routes, walks, clues, terms, dangers looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.hazards.forms.findings import codes
from quancheng.domains.hazards.models import ClueKind, Finding, PatrolCycle, PatrolStop, Seen, VisitResult
from quancheng.domains.hazards.models.patrols import PatrolTermRule
from quancheng.domains.hazards.queries import patrols as queries
from quancheng.domains.hazards.services.patrols import MOST_TERM
from quancheng.domains.registry.queries.enterprises import find_by_code
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField, OrganisationField
from quancheng.kernel.pages.words import listed


def _owner(actor: Actor) -> OrganisationField:
    """Whose it is; who keeps one village or town alone finds it chosen."""
    field = OrganisationField(
        label=_("所属村（社区）或镇街"), queryset=queries.owners_for(actor),
        error_messages={"required": _("请选择单位。")},
    )  # fmt: skip
    field.initial = actor.organisation_id
    return field


class ChangePlaceForm(forms.Form):
    """A place: what it is, where, who answers for it there, and the enterprise that works there."""

    field_order = ["owner"]

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["name"] = fields.words(_("名称"), limit=120)
        self.fields["type"] = fields.choice(_("巡查点类型"), queries.type_choices())
        self.fields["address"] = fields.words(_("地址"))
        for name, label in (("lon", _("经度")), ("lat", _("纬度"))):
            self.fields[name] = forms.DecimalField(label=label, required=False, max_digits=9, decimal_places=6)
        self.fields["lon"].help_text = _("CGCS2000 坐标，十进制度，例如 117.123456。")
        self.fields["person"] = fields.words(_("现场负责人"), required=False, limit=60)
        self.fields["code"] = fields.words(
            _("关联企业"), required=False, limit=18,
            help_text=_("填写已建档企业的统一社会信用代码；关联后，发现的隐患由该企业整改。"),
        )  # fmt: skip
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = dict(super().clean() or {})
        code = given.pop("code", "")
        # Left as it was shown it is not spoken of: who changes another field unlinks nothing.
        if code.upper() != (self.initial.get("code") or "").upper():
            given["file"] = find_by_code(actor=self.actor, code=code)
            if code and given["file"] is None:
                self.add_error("code", _("没有这家企业的档案。"))
        return given


class PlaceForm(ChangePlaceForm):
    """A new place, and whose it is."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        del self.fields["version"]
        self.fields["owner"] = _owner(actor)
        self.order_fields(self.field_order)


class ChangeRouteForm(forms.Form):
    """A route: its places in their order, who walks it, how often, from when on."""

    field_order = ["owner"]

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = fields.words(_("路线名称"), limit=120)
        self.fields["places"] = fields.text(
            _("巡查点"), rows=8, help_text=_("按巡查的先后，一行一个巡查点的名称；巡查点须先登记。")
        )
        people = [
            (str(one.user_id), f"{one.user.name} · {one.organisation.label}") for one in queries.officers_for(actor)
        ]
        self.fields["officers"] = forms.MultipleChoiceField(
            label=_("网格员"), choices=people, widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("请选择网格员。")},
        )  # fmt: skip
        self.fields["cycle"] = fields.choice(_("巡查周期"), PatrolCycle.choices)
        self.fields["starts_date"] = fields.day(_("起始日期"))
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, required=False)

    #: Whose places the lines name.
    owner_id: Any = None

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = dict(super().clean() or {})
        owner = given["owner"].pk if given.get("owner") else self.owner_id
        known = {one.name: one for one in queries.own_places(owner)} if owner else {}
        names = fields.lines(given.get("places", ""))
        if owner and (unknown := [name for name in names if name not in known]):
            self.add_error("places", _("没有这些在用的巡查点：%(names)s。") % {"names": listed(unknown[:5])})
        given["places"] = [known[name] for name in names if name in known]
        return given


class RouteForm(ChangeRouteForm):
    """A new route, and whose it is."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        del self.fields["version"]
        self.fields["owner"] = _owner(actor)
        self.order_fields(self.field_order)


class EndForm(forms.Form):
    """Why a place or a route is taken out of use."""

    reason = fields.words(_("停用原因"), limit=300)


class WalkForm(forms.Form):
    """Each place of a route with its result."""

    def __init__(self, *args: Any, stops: Sequence[PatrolStop], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stops = list(stops)
        looks = queries.looks_of([one.place.type for one in self.stops])
        for stop in self.stops:
            key, name = stop.place_id, stop.place.name
            self.fields[f"place_{key}"] = forms.ChoiceField(
                label=f"{stop.position}. {name}", choices=VisitResult.choices, widget=forms.RadioSelect,
                help_text="；".join(looks.get(stop.place.type, ([], ""))[0]),
                error_messages={"required": _("请选择巡查结果。")},
            )  # fmt: skip
            self.fields[f"kind_{key}"] = fields.choice(
                _("线索类别（%(place)s）") % {"place": name}, ClueKind.choices, required=False
            )
            self.fields[f"note_{key}"] = fields.words(
                _("说明（%(place)s）") % {"place": name}, required=False, limit=1000,
                help_text=_("发现线索的写明情况，未能进入的写明原因。"),
            )  # fmt: skip
            self.fields[f"photos_{key}"] = FilesField(label=_("照片（%(place)s）") % {"place": name}, required=False)
        self.fields["note"] = fields.text(_("巡查说明"), required=False, rows=3, limit=1000)

    def rows(self) -> list[tuple[Any, list[Any], bool]]:
        """Each place with what belongs to it, and whether that stands open since something was given or is wrong."""
        found = []
        for stop in self.stops:
            beside = [self[f"{name}_{stop.place_id}"] for name in ("kind", "note", "photos")]
            is_open = any(each.errors or each.value() for each in beside) or bool(self[f"place_{stop.place_id}"].errors)
            found.append((self[f"place_{stop.place_id}"], beside, is_open))
        return found

    def rest(self) -> list[Any]:
        """The fields besides."""
        return [self["note"]]


class ClueForm(forms.Form):
    """What was found at a place."""

    kind = fields.choice(_("线索类别"), ClueKind.choices)
    text = fields.text(_("情况"), limit=1000)
    photos = FilesField(label=_("照片"), required=False)


class TransferForm(forms.Form):
    """To whom a clue goes, and why."""

    def __init__(self, *args: Any, receivers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["receiver"] = OrganisationField(
            label=_("转办单位"), queryset=receivers, error_messages={"required": _("请选择单位。")}
        )
        self.fields["reason"] = fields.text(_("转办理由"), limit=500)


class DangerForm(forms.Form):
    """What kind of hidden danger a clue is."""

    name = fields.words(_("隐患名称"), limit=300)
    is_major = forms.BooleanField(label=_("可能是重大隐患"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"] = fields.choice(_("隐患类型"), codes("type"))


class AnswerForm(forms.Form):
    """What was done about a clue."""

    text = fields.text(_("办理结果"), limit=2000)


class AssignForm(forms.Form):
    """Who looks at a danger on the spot, by when, and what he should look at."""

    def __init__(self, *args: Any, finding: Finding, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [
            (str(one.user_id), f"{one.organisation.label} · {one.user.name}") for one in queries.lookers(finding)
        ]
        self.fields["officer"] = fields.choice(_("网格员"), [("", "—"), *people])
        self.fields["due_date"] = fields.day(_("查看期限"))
        self.fields["ask"] = fields.text(_("查看要求"), required=False, rows=3, limit=500)


class SeenForm(forms.Form):
    """What was seen of a danger on the spot."""

    seen = forms.ChoiceField(label=pgettext_lazy("recheck", "查看结果"), choices=Seen.choices, widget=forms.RadioSelect,
                             error_messages={"required": _("请选择查看结果。")})  # fmt: skip
    text = fields.text(_("查看情况"), required=False, limit=1000,
                       help_text=_("未整改的写明看到什么，未能进入的写明原因。"))  # fmt: skip
    photos = FilesField(label=_("现场照片"), required=False)


def term_labels() -> dict[str, Any]:
    """Words of the terms, in their order."""
    known = {each.name: each.verbose_name for each in PatrolTermRule._meta.concrete_fields}
    return {name: known[name] for name in queries.TERM_NAMES}


class TermsForm(forms.Form):
    """The terms, from when on, and why."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in term_labels().items():
            self.fields[name] = forms.IntegerField(label=label, min_value=1, max_value=MOST_TERM)
        self.fields["from_date"] = fields.day(_("起用日期"))
        self.fields["reason"] = fields.words(_("理由"), limit=300)
