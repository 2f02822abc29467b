"""From a printed name to organisations: exact, by alias, by group, or a marked guess with its reason.

Documents speak of the same organisation in many ways (区应急局, 区应急管理局, 示例区应急管理局). What is not sure is
said so, and never taken in silence.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import Organisation, OrganisationAlias, OrganisationGroup
from quancheng.kernel.people.queries import members_of

#: Below this likeness two names have nothing to do with each other; both are shares of common characters.
_LIKE = 0.72
_PREFIX = re.compile(r"^(?:本|我|全)?(?:区|县|市|镇|乡)(?:级|直|属)?")
_VAGUE = re.compile(r"^(?:相关|有关|各相关|各有关|其他相关|其他有关|属地|所在|涉及的?|等)")
#: A speaker of these kinds means, by a collective name, those of these kinds in its own area.
_LOCAL_SPEAKERS = ("town", "village")
_LOCAL_KINDS = ("village", "enterprise", "agency")
_FOLD = str.maketrans({"(": "（", ")": "）", "〈": "（", "〉": "）", "<": "（", ">": "）", " ": None, "\u3000": None})
_SHORT = (("管理委员会", "管委会"), ("监督管理局", "监管局"), ("管理局", "局"), ("委员会", "委"), ("办公室", "办"))


@dataclass(frozen=True, slots=True)
class UnitMatch:
    """What a printed name stands for.

    :ivar reason: in words, why: for the reviewer.
    :ivar sure: nothing to look at; a guess, or nothing found at all, is not sure.
    """

    name: str
    organisations: tuple[uuid.UUID, ...] = ()
    group: uuid.UUID | None = None
    reason: str = ""
    sure: bool = False


@dataclass
class Matcher:
    """Matches names against the register as it stands when it is made; a few queries for any number of names."""

    _exact: dict[str, list[Organisation]] = field(default_factory=dict)
    _alias: dict[str, list[Organisation]] = field(default_factory=dict)
    _groups: dict[str, OrganisationGroup] = field(default_factory=dict)
    _members: dict[uuid.UUID, tuple[uuid.UUID, ...]] = field(default_factory=dict)
    _bare: dict[str, list[Organisation]] = field(default_factory=dict)
    _within: str = ""
    _standing: frozenset[uuid.UUID] = frozenset()

    @classmethod
    def load(cls, *, speaker: Organisation | None = None, actor: Actor | None = None) -> Matcher:
        """Read organisations, aliases and groups once.

        :param speaker: who uses the names; where a town says 各村（社区） or 各企业, it means its own.
        :param actor: match only what this actor may know, so that a proposal tells nobody of an organisation that he
            does not see; None for the house itself.
        """
        matcher = cls()
        if speaker is not None and speaker.kind in _LOCAL_SPEAKERS and speaker.area is not None:
            matcher._within = speaker.area.path
        known = Organisation.objects.standing() if actor is None else Organisation.objects.visible_to(actor).standing()
        standing = {org.pk: org for org in known.by_name()}
        matcher._standing = frozenset(standing)
        for org in standing.values():
            matcher._exact.setdefault(fold(org.name), []).append(org)
            if org.short_name:
                matcher._alias.setdefault(fold(org.short_name), []).append(org)
            for name in {org.name, org.short_name} - {""}:
                matcher._bare.setdefault(bare(name), []).append(org)
        for alias in OrganisationAlias.objects.filter(organisation_id__in=standing).order_by("pk"):
            org = standing[alias.organisation_id]
            matcher._alias.setdefault(fold(alias.name), []).append(org)
            matcher._bare.setdefault(bare(alias.name), []).append(org)
        for group in OrganisationGroup.objects.order_by("name"):
            for name in (group.name, *group.aliases):
                matcher._groups.setdefault(fold(name), group)
        return matcher

    def match(self, printed: str) -> UnitMatch:
        """The organisations behind one printed name, with the reason."""
        name = fold(printed)
        for table, reason in ((self._exact, _("名称一致")), (self._alias, _("与登记的简称或别名一致"))):
            if found := table.get(name):
                return self._found(printed, found, reason)
        if group := self._groups.get(name):
            return self._of_group(printed, group, _("集合称谓：%(name)s") % {"name": group.name}, sure=True)
        if found := self._bare.get(bare(name)):
            return self._found(printed, found, _("去掉区县前缀和机构全称差异后一致"))
        return self._guess(printed, name)

    def match_all(self, names: Iterable[str]) -> list[UnitMatch]:
        return [self.match(name) for name in names]

    def _found(self, printed: str, found: list[Organisation], reason: str) -> UnitMatch:
        unique = {org.pk: org for org in found}
        if len(unique) == 1:
            return UnitMatch(printed, tuple(unique), None, reason, sure=True)
        names = "、".join(org.name for org in unique.values())
        return UnitMatch(printed, (), None, _("有多个单位符合：%(names)s，请选择") % {"names": names})

    def _of_group(self, printed: str, group: OrganisationGroup, reason: str, *, sure: bool) -> UnitMatch:
        if group.pk not in self._members:
            self._members[group.pk] = tuple(
                org.pk for org in members_of(group=group) if org.pk in self._standing and self._is_meant(org)
            )
        members = self._members[group.pk]
        if not members:
            return UnitMatch(printed, (), group.pk, _("集合称谓“%(name)s”下没有单位") % {"name": group.name})
        return UnitMatch(printed, members, group.pk, reason, sure=sure)

    def _is_meant(self, org: Organisation) -> bool:
        if not self._within or org.kind not in _LOCAL_KINDS:
            return True
        return org.area is not None and org.area.path.startswith(self._within)

    def _guess(self, printed: str, name: str) -> UnitMatch:
        plain = _VAGUE.sub("", name)
        if plain != name:
            for candidate in (plain, f"各{plain}"):
                if group := self._groups.get(candidate):
                    words = {"name": group.name}
                    return self._of_group(
                        printed, group, _("“相关”所指不明，暂列“%(name)s”全部，请核对") % words, sure=False
                    )
        wanted = bare(name)
        best, likeness = None, 0.0
        for candidate, orgs in self._bare.items():
            score = SequenceMatcher(None, wanted, candidate).ratio()
            if score > likeness:
                best, likeness = orgs[0], score
        if best is not None and likeness >= _LIKE:
            return UnitMatch(printed, (best.pk,), None, _("与“%(name)s”相近，请核对") % {"name": best.name})
        return UnitMatch(printed, (), None, _("没有找到该单位，请选择或登记"))


def fold(name: str) -> str:
    """A name without spaces and with brackets of one kind."""
    return name.strip().translate(_FOLD)


def bare(name: str) -> str:
    """A name without the district's prefix and with the usual short endings: 示例区应急管理局 and 区应急局 meet."""
    text = fold(name)
    head, mark, rest = text.partition("区")
    if mark and 1 < len(head) <= 8 and len(rest) >= 2:
        text = rest
    text = _PREFIX.sub("", text)
    for long, short in _SHORT:
        if text.endswith(long):
            return text[: -len(long)] + short
    return text
