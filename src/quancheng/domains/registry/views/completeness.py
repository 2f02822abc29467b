"""How complete a file is, on its page and across the district, and the rules by which it is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.forms.completeness import RuleForm
from quancheng.domains.registry.kinds import ContactRole, Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries import completeness as queries
from quancheng.domains.registry.queries import licences, posts
from quancheng.domains.registry.queries.completeness import Kept, Share
from quancheng.domains.registry.services import completeness as services
from quancheng.domains.registry.services.enterprises import may_keep
from quancheng.domains.registry.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.objects import Tab
from quancheng.kernel.pages.words import listed, told
from quancheng.kernel.people.actors import actor_of
from quancheng.standards import completeness as standard
from quancheng.standards.enterprise_classes import FACTS
from quancheng.standards.wording import Text

#: Which tab of the file's page shows a part of it.
_TAB_OF = {
    "people": "people", "places": "units", "stock": "stock", "licences": "licences", "posts": "posts",
    "expense": "expenses", "products": "products", "hazards": "hazards",
}  # fmt: skip
#: Data given on a form of the file's page.
_ACT_OF = {"FACTS": "facts", "LEASES": "lease", "EXPOSED": "population", "POSTS": "holder", "HEAD": "contact"}
#: Bands of the score by which lists are narrowed: code, words, from, to.
BANDS = (
    ("full", gettext_lazy("完整（100%）"), 100, 100),
    ("high", gettext_lazy("80%至99%"), 80, 99),
    ("middle", gettext_lazy("60%至79%"), 60, 79),
    ("low", gettext_lazy("低于60%"), 0, 59),
)
BAND_CHOICES = [(code, label) for code, label, _low, _high in BANDS]


def band(code: str) -> Q:
    """Files whose score lies in a band."""
    low, high = next((low, high) for name, _label, low, high in BANDS if name == code)
    return Q(completeness__score__gte=low, completeness__score__lte=high)


def percent(score: int | None) -> str:
    return "" if score is None else f"{score}%"


@dataclass(frozen=True, slots=True)
class LineShown:
    """A line of the score as the page shows it.

    :ivar lacks: names of some that lack it, each perhaps with what asks for it. :ivar more: how many others.
    """

    name: str
    block: str
    have: int
    of: int
    weight: int
    points: str
    lacks: Sequence[str]
    more: int
    giver: str
    basis: str
    mark: str
    note: str
    url: str
    is_gap: bool


def shown_lines(file: Enterprise, actor: Actor) -> list[LineShown]:
    """The lines of a file, gaps first."""
    language = translation.get_language() or "zh"
    keeps = may_keep(actor, file)
    return [_shown(one, file, language, keeps) for one in queries.kept_lines(file)]


def _shown(kept: Kept, file: Enterprise, language: str, keeps: bool) -> LineShown:
    rule, line = kept.rule, kept.line
    lacks = [_lacking(rule.code, name, language) for name in line.missing]
    counted = len(line.missing) if rule.code != "POSTS" else line.of - line.have
    path = reverse("registry:enterprise", args=[file.pk])
    act = _ACT_OF.get(rule.code) or ("change" if rule.block == "base" else "")
    tab = f"?tab={_TAB_OF[rule.block]}" if rule.block in _TAB_OF else ""
    return LineShown(
        name=rule.name.in_language(language), block=standard.BLOCKS[rule.block].in_language(language),
        have=line.have, of=line.of, weight=line.weight, points=f"{float(line.points):.1f}".removesuffix(".0"),
        lacks=lacks, more=max(0, line.of - line.have - counted) if line.missing else 0,
        giver=standard.GIVERS[kept.giver].in_language(language), basis=rule.basis, mark=rule.mark,
        note=rule.note.in_language(language), is_gap=line.is_gap,
        url=f"{path}?act={act}" if act and keeps and kept.giver == "enterprise" else path + tab,
    )  # fmt: skip


def _lacking(code: str, name: str, language: str) -> str:
    """One piece that lacks a datum, in words; a licence and a post with what asks for them."""
    if code == "LICENCES":
        kind = licences.kinds().get(name)
        return name if kind is None else _("%(name)s（%(basis)s）") % {
            "name": kind.name.in_language(language), "basis": kind.basis
        }  # fmt: skip
    if code in ("LICENCES_VERIFIED", "SCOPE"):
        return words.licence_kind(name)
    if code == "POSTS":
        post = posts.posts().get(name)
        return name if post is None else _("%(name)s（%(basis)s）") % {
            "name": post.name.in_language(language), "basis": post.basis
        }  # fmt: skip
    if code == "FACTS":
        return FACTS[name].in_language(language) if name in FACTS else name
    if code == "PHONES":
        return str(ContactRole(name).label) if name in ContactRole.values else name
    return name


def tab(file: Enterprise, actor: Actor) -> Tab:
    """Every line of the score, explained."""
    return Tab(
        name="completeness", label=_("完整度"), template="registry/_completeness.html",
        context=lambda: {"lines": shown_lines(file, actor)},
    )  # fmt: skip


def context(file: Enterprise, actor: Actor) -> dict[str, Any]:
    """What the page says first: the score, and the gaps with who must fill them."""
    return {
        "score": getattr(file, "score", None),
        "file_gaps": [one for one in shown_lines(file, actor) if one.is_gap],
    }


# The district ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShareShown:
    """A row of the coverage tables, its figures leading to the lists behind them."""

    name: str
    share: Share
    url: str
    complete_url: str
    low_url: str


class CoveragePage(View):
    """How many files are complete, by class and by town, and what is missing most often (S5-T21)."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name not in ("kind", "town"):
                raise unknown_parameter(name)
        kind, town = request.GET.get("kind", ""), request.GET.get("town", "")
        if kind and kind not in Kind.values:
            raise unknown_parameter("kind")
        towns = queries.town_names()
        if town and town not in towns:
            raise unknown_parameter("town")
        found = queries.coverage(actor=actor, kind=kind, area=town)
        language = translation.get_language() or "zh"
        kinds = dict(Kind.choices)
        chosen = {name: value for name, value in (("kind", kind), ("town", town)) if value}
        given = {
            "whole": _linked(found.whole, _("合计"), chosen),
            "by_kind": [_linked(one, str(kinds[Kind(one.key)]), {**chosen, "kind": one.key}) for one in found.by_kind],
            "by_town": [
                _linked(one, found.towns.get(one.key, ""), {**chosen, "town": one.key}) for one in found.by_town
            ],
            "gaps": [
                (rule.name.in_language(language), standard.GIVERS[rule.giver].in_language(language), rule.basis,
                 rule.mark, number, _list_url({**chosen, "gap": rule.code}))
                for rule, number in found.gaps
            ],
            "kinds": [(code, label, code == kind) for code, label in Kind.choices],
            "towns": [(path, name, path == town) for path, name in towns.items()],
            "low": queries.LOW,
            "may_set": actor.has(services.RULES),
        }  # fmt: skip
        return render(request, "registry/coverage.html", given)


def _linked(share: Share, name: str, given: Mapping[str, str]) -> ShareShown:
    """An enterprise outside every town is found by no filter of the list: then nothing is linked."""
    if given.get("town") == "":
        return ShareShown(name or _("未填镇街"), share, "", "", "")
    return ShareShown(
        name, share, _list_url(given), _list_url({**given, "score": "full"}), _list_url({**given, "score": "low"})
    )


def _list_url(given: Mapping[str, str]) -> str:
    return f"{reverse('registry:enterprises')}?{urlencode({**given, 'standing': '1'})}"


# Rules -----------------------------------------------------------------------------------------------------------


class CompletenessRules(View):
    """What a complete file holds, what asks for it, and how much it weighs here."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            raise unknown_parameter(name)
        language = translation.get_language() or "zh"

        def said(text: Text) -> str:
            return text.in_language(language)

        rows = [
            (one, said(one.rule.name), said(standard.BLOCKS[one.rule.block]), said(standard.GIVERS[one.rule.giver]),
             _asked_of(one.rule), said(one.rule.note))
            for one in queries.set_rules().values()
        ]  # fmt: skip
        given = {"rows": rows, "may_set": actor.has(services.RULES)}
        return render(request, "registry/completeness_rules.html", given)


def _asked_of(rule: standard.Rule) -> str:
    """Which classes are asked, over all rows of the code."""
    same = [one for one in standard.completeness_rules() if one.code == rule.code]
    if rule.classes == ("*",):
        asked = _("全部类别")
        if rule.excepted:
            asked = _("除%(classes)s外") % {"classes": words.classes(rule.excepted)}
    elif rule.classes == ("stores",):
        asked = _("有储存、使用设施的类别")
    else:
        asked = words.classes([code for one in same for code in one.classes])
    language = translation.get_language() or "zh"
    facts = {one.needs for one in same if one.needs}
    if facts:
        asked += _("（%(facts)s的）") % {"facts": listed(FACTS[one].in_language(language) for one in sorted(facts))}
    return asked


class CompletenessRulePage(CreatePage):
    title = gettext_lazy("修改完整度规则")
    duty = services.RULES
    form = RuleForm
    back = "registry:completeness_rules"
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        rule = standard.rules_by_code().get(kwargs["code"])
        if rule is None:
            raise NotFound
        self.code = rule.code
        name = told(rule.name)
        self.lead = _("%(name)s。保存后，各企业的完整度在次日早晨前重新计算。") % {"name": name}  # type: ignore[misc]

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        rule = queries.set_rules()[self.code]
        return {"weight": rule.weight, "is_asked": rule.is_asked}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: UUID | None) -> str:
        services.set_rule(actor=actor, code=self.code, now=now, **given)
        return reverse("registry:completeness_rules")
