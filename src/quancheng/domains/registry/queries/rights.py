"""One file seen from its rights: read once a page, whatever asks for it: marks, licences, posts, contradictions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import ngettext

from quancheng.domains.registry.models import (
    Contact,
    Enterprise,
    EnvironmentRecord,
    Facility,
    Holding,
    Inspection,
    Lease,
    Licence,
    LimitSetting,
    MajorHazard,
    PostHolder,
    Product,
    ToldFact,
    Unit,
)
from quancheng.domains.registry.queries import derived, enterprises, licences, posts, storage
from quancheng.domains.registry.queries.derived import TwoKeyOneMajor
from quancheng.domains.registry.queries.enterprises import Finding
from quancheng.domains.registry.queries.licences import MatrixRow
from quancheng.domains.registry.queries.posts import PostRow
from quancheng.domains.registry.queries.storage import Judged
from quancheng.kernel.pages.words import listed

_LIMIT, _PLACE = ("code", "limit_m3", "is_on", "source"), ("id", "code", "kind", "volume_m3")
#: Holdings shown and compared on a page.
MOST_HOLDINGS = 500


class Rights:
    """What a file's rights rest on, on a day; each part is read at most once."""

    def __init__(self, file: Enterprise, on: date) -> None:
        self.file, self.on = file, on

    @cached_property
    def holdings(self) -> list[Holding]:
        return list(enterprises.holdings_of(self.file)[:MOST_HOLDINGS])

    @cached_property
    def units(self) -> Sequence[Unit]:
        return enterprises.units_of(self.file)

    @cached_property
    def licences(self) -> list[Licence]:
        return licences.licences_of(self.file, on=self.on)

    @cached_property
    def _small(self) -> dict[str, Any]:
        """What is small of the file, in one query: told facts, processes, holders of posts, counts of tabs."""
        here = OuterRef("pk")
        told = ToldFact.objects.filter(file=here).values(row=JSONObject(fact="fact", holds="holds"))
        running = derived.running_facilities().filter(unit__file=here).values(row=JSONObject(codes="processes"))
        holders = PostHolder.objects.filter(file=here, left_date__isnull=True).order_by("post", "created_at", "pk")
        columns = {name: name for name in ("id", "post", "name", "certificate_no", "valid_to", "since_date")}
        people = Contact.objects.filter(file=here, left_date__isnull=True).order_by().values("file")
        volumes = Facility.objects.filter(unit__file=here, decommissioned_date__isnull=True).order_by("code", "pk")
        leases = Lease.objects.filter(file=here).order_by().values("file")
        products = Product.objects.filter(file=here).order_by().values("file")
        hazards = MajorHazard.objects.filter(unit__file=here).order_by().values("unit__file")
        inspected = Inspection.objects.filter(file=here, voided_at__isnull=True).order_by().values("file")
        environments = EnvironmentRecord.objects.filter(file=here).order_by().values("file")
        failed = Count("pk", filter=Q(closed_at__isnull=True))
        return dict(
            Enterprise.objects.filter(pk=self.file.pk)
            .values(
                told=ArraySubquery(told),
                running=ArraySubquery(running),
                holders=ArraySubquery(holders.values(row=JSONObject(**columns))),
                contact_count=Subquery(people.annotate(number=Count("pk")).values("number")),
                product_count=Subquery(products.annotate(number=Count("pk")).values("number")),
                limits=ArraySubquery(LimitSetting.objects.values(row=JSONObject(**{name: name for name in _LIMIT}))),
                places=ArraySubquery(volumes.values(row=JSONObject(**{name: name for name in _PLACE}))),
                hazard_count=Subquery(hazards.annotate(number=Count("pk")).values("number")),
                inspection_count=Subquery(inspected.annotate(number=Count("pk")).values("number")),
                environment_count=Subquery(environments.annotate(number=Count("pk")).values("number")),
                failed_count=Subquery(inspected.annotate(number=failed).values("number")),
                lease_count=Subquery(leases.annotate(number=Count("pk")).values("number")),
            )
            .get()
        )

    @property
    def told(self) -> dict[str, bool]:
        """Facts that somebody told."""
        return {one["fact"]: one["holds"] for one in self._small["told"]}

    @cached_property
    def stored(self) -> Judged:
        """How what it holds stands against the rules of storage."""
        settings = [
            LimitSetting(**{**one, "limit_m3": Decimal(str(one["limit_m3"]))}) for one in self._small["limits"]
        ]  # fmt: skip
        places = [
            Facility(**{**one, "id": uuid.UUID(one["id"]),
                        "volume_m3": None if one["volume_m3"] is None else Decimal(str(one["volume_m3"]))})
            for one in self._small["places"]
        ]  # fmt: skip
        return storage.judge_file(
            self.file, self.holdings, set_limits=storage.limits(settings), facilities=places
        )  # fmt: skip

    @property
    def contact_count(self) -> int:
        """How many answer for the enterprise now."""
        return self._small["contact_count"] or 0

    @property
    def hazard_count(self) -> int:
        """How many files of major hazards it has, with those removed."""
        return self._small["hazard_count"] or 0

    @property
    def lease_count(self) -> int:
        """How many leases it has."""
        return self._small["lease_count"] or 0

    @property
    def inspection_count(self) -> int:
        """How many inspections of its products count."""
        return self._small["inspection_count"] or 0

    @property
    def environment_count(self) -> int:
        """How many environmental records it has."""
        return self._small["environment_count"] or 0

    @property
    def product_count(self) -> int:
        """How many products it has, with those no longer made."""
        return self._small["product_count"] or 0

    @cached_property
    def marks(self) -> TwoKeyOneMajor:
        processes = [code for one in self._small["running"] for code in one["codes"]]
        return derived.two_key_one_major(self.file, holdings=self.holdings, units=self.units, processes=processes)

    @cached_property
    def facts(self) -> dict[str, bool | None]:
        return derived.facts_of(
            self.file, self.marks, told=self.told, holdings=self.holdings, licences=self.licences
        )  # fmt: skip

    @cached_property
    def matrix(self) -> list[MatrixRow]:
        return licences.matrix_of(self.file, licences=self.licences, facts=self.facts)

    @cached_property
    def holders(self) -> list[PostHolder]:
        """Who holds posts by law now."""
        return [
            PostHolder(**{**one, "file": self.file, "valid_to": _day(one["valid_to"]),
                          "since_date": _day(one["since_date"])})
            for one in self._small["holders"]
        ]  # fmt: skip

    @cached_property
    def posts(self) -> list[PostRow]:
        return posts.post_rows(self.file, holders=self.holders, on=self.on, marks=self.marks, facts=self.facts)

    def findings(self, *, name_of: Mapping[str, str], posts_named: Mapping[str, str]) -> list[Finding]:
        """Contradictions of licences, scope and posts. :param name_of: kinds of licences, :param posts_named: posts,
        both in the reader's language by code.
        """
        found = licences.licence_findings(
            self.file, holdings=self.holdings, licences=self.licences, matrix=self.matrix, name_of=name_of
        )
        gaps = [posts_named[row.post.code] for row in self.posts if row.is_gap]
        if gaps:
            sentence = ngettext(
                "%(count)s个法定岗位无人任职：%(names)s。", "%(count)s个法定岗位无人任职：%(names)s。", len(gaps)
            )
            found.append(Finding("posts", sentence % {"count": len(gaps), "names": listed(gaps)}))
        if failed := self._small["failed_count"]:
            sentence = ngettext(
                "%(count)s个批次产品检验不合格，尚未办结。", "%(count)s个批次产品检验不合格，尚未办结。", failed
            )
            found.append(Finding("quality", sentence % {"count": failed}))
        return found


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
