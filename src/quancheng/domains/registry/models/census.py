"""Censuses (摸底): who goes round which area, whom he met there, and clues (线索) of places that nobody knew."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import ClueSource, VisitResult
from quancheng.domains.registry.loops.census import CENSUS, CENSUS_AREA
from quancheng.domains.registry.loops.clue import CLUE
from quancheng.domains.registry.models.enterprises import Enterprise
from quancheng.domains.registry.models.facilities import Unit
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class Census(LoopRow):
    """A census (摸底) from its opening to its closing report; ``owner_org`` is the office that opened it.

    It is no campaign (专项行动): that covers organisations that are known and asks them questions, this goes round
    areas to find those that are not. Retention class: official document, permanent.
    """

    loop_code = CENSUS.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    title = models.CharField(_("摸底名称"), max_length=200)
    basis = models.CharField(_("依据"), max_length=300)
    #: Classes that are looked for; empty for every class.
    kinds = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("企业类别"))
    #: What each enterprise answers itself (企业自查), one text an item; empty where it is not asked.
    questions = models.JSONField(_("自查内容"), default=list, blank=True)
    period_from = models.DateField(_("开始日期"))
    period_to = models.DateField(_("结束日期"))
    report = models.TextField(_("总结"), blank=True)
    #: Why somebody known was not seen, or ground not gone round, when it was closed.
    gaps = models.TextField(_("未摸清的情况和原因"), blank=True)
    #: Coverage as it stood when it was closed.
    figures = models.JSONField(default=dict, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Census"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CENSUS.codes), name="census_status_known"),
            models.CheckConstraint(condition=Q(period_to__gte=F("period_from")), name="census_period_in_order"),
            models.CheckConstraint(condition=~Q(status="CLOSED") | ~Q(report=""), name="census_reported"),
        ]
        indexes = [models.Index(fields=["status", "period_to", "id"], name="census_by_end")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class CensusArea(LoopRow):
    """An area that one organisation goes round (责任片区); ``owner_org`` opened the census. Retention class: as the
    census.
    """

    loop_code = CENSUS_AREA.code

    census = models.ForeignKey(Census, models.PROTECT, related_name="areas")
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    due_date = models.DateField(_("完成时限"))
    text = models.TextField(_("走访情况"), blank=True)
    #: Why enterprises that are known here were not seen.
    gap_reason = models.CharField(_("未走访到的原因"), max_length=500, blank=True)
    submitted_at = models.DateTimeField(_("报送时间"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet["CensusArea"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CENSUS_AREA.codes), name="census_area_status_known"),
            models.CheckConstraint(condition=Q(area__isnull=False), name="census_area_is_somewhere"),
            models.UniqueConstraint(
                fields=["census", "area"], condition=~Q(status="RELEASED"), name="census_area_once"
            ),
        ]
        indexes = [models.Index(fields=["org", "status", "due_date"], name="census_area_by_org")]

    def __str__(self) -> str:
        return f"{self.census_id} {self.area_id}"


class CensusVisit(models.Model):
    """That somebody was there (走访记录): the enterprise met and right, changed, gone, or newly found.

    Of one enterprise the last visit of a census counts; the journal keeps those before. Retention class: as the census.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    census = models.ForeignKey(Census, models.PROTECT, related_name="visits")
    place = models.ForeignKey(CensusArea, models.PROTECT, related_name="visits")
    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="census_visits")
    result = models.CharField(_("走访结果"), max_length=8, choices=VisitResult.choices)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    by_user = models.UUIDField(null=True)
    by_name = models.CharField(_("走访人"), max_length=130)
    at = models.DateTimeField(_("走访时间"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["census", "file"], name="census_visit_once"),
            models.CheckConstraint(condition=Q(result__in=VisitResult.values), name="census_visit_known"),
            models.CheckConstraint(
                condition=Q(result__in=("met", "found")) | ~Q(note=""), name="census_visit_says_what"
            ),
        ]
        indexes = [models.Index(fields=["place", "-at"], name="census_visit_by_place")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.result}"

    @property
    def is_closed(self) -> bool:
        """Whether its photographs stand: once the area was accepted."""
        return self.place.is_closed


class Clue(LoopRow):
    """A place that stores or trades hazardous chemicals and stands in no register (无证场所线索).

    ``owner_org`` is the office that judges it; the enterprise concerned does not see it. Retention class:
    register, permanent.
    """

    loop_code = CLUE.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    title = models.CharField(_("场所名称"), max_length=120)
    source = models.CharField(_("线索来源"), max_length=8, choices=ClueSource.choices)
    address = models.CharField(_("地址"), max_length=200)
    lon = models.DecimalField(_("经度"), max_digits=9, decimal_places=6, null=True, blank=True)
    lat = models.DecimalField(_("纬度"), max_digits=9, decimal_places=6, null=True, blank=True)
    #: What was seen there: which goods, how much, how kept.
    text = models.TextField(_("发现的情况"))
    #: Its file, where it has one: the place's own, or that of the enterprise whose unlisted store it is.
    file = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="clues")
    #: The store of that enterprise which stands in no licence, where it is on file.
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="clues")
    visit = models.ForeignKey(CensusVisit, models.PROTECT, null=True, blank=True, related_name="clues")
    finder = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    found_by = models.CharField(_("发现人"), max_length=130)
    found_at = models.DateTimeField(_("发现时间"))
    #: What the look at it showed, and what was decided.
    verdict = models.TextField(_("核查情况"), blank=True)
    decision = models.TextField(_("处置情况"), blank=True)
    #: Until when it must hold its licences.
    due_date = models.DateField(_("办证期限"), null=True, blank=True)
    handed_to = models.ForeignKey("people.Organisation", models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet["Clue"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CLUE.codes), name="clue_status_known"),
            models.CheckConstraint(condition=Q(source__in=ClueSource.values), name="clue_source_known"),
            models.CheckConstraint(
                condition=~Q(status="LEGALIZING") | Q(due_date__isnull=False), name="clue_legalized_by_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("OFFERED", "HANDED_OVER")) | Q(handed_to__isnull=False),
                name="clue_handed_to_somebody",
            ),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(closed_at__isnull=True), name="clue_one_open_of_unit"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "found_at", "id"], name="clue_waiting"),
            models.Index(fields=["file"], name="clue_by_file"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class EnterpriseMerge(models.Model):
    """Two files of one enterprise joined (档案合并): which stays, which is retired, why, and every row that moved, so
    that it can be undone. Retention class: register, permanent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kept = models.ForeignKey(Enterprise, models.PROTECT, related_name="merges")
    retired = models.ForeignKey(Enterprise, models.PROTECT, related_name="retirements")
    reason = models.CharField(_("合并理由"), max_length=500)
    #: Per kind of row and column the ids that moved.
    moved = models.JSONField(default=dict)
    #: Codes of units that were the same in both: id to the code before.
    renamed = models.JSONField(default=dict)
    #: Per kind of row how many stay with the retired file, since the other has the same already.
    stayed = models.JSONField(default=dict)
    #: The state of life of the retired file before.
    life_before = models.CharField(max_length=10)
    by_name = models.CharField(_("合并人"), max_length=130)
    at = models.DateTimeField(_("合并时间"))
    undone_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)
    undone_reason = models.CharField(_("撤销理由"), max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("retired")), name="merge_of_two"),
            models.UniqueConstraint(fields=["retired"], condition=Q(undone_at__isnull=True), name="merge_once"),
        ]

    def __str__(self) -> str:
        return f"{self.retired_id} → {self.kept_id}"
