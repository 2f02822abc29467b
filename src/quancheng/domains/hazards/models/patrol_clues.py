"""What grid officers found (网格线索), and dangers that they look at again on the spot (网格复查)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.hazards.loops.patrol import PATROL_CLUE, PATROL_RECHECK
from quancheng.domains.hazards.models.findings import Finding
from quancheng.domains.hazards.models.patrols import PatrolPlace, PatrolVisit
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow


class ClueKind(models.TextChoices):
    """What is thought to be there (线索类别)."""

    DANGER = "danger", _("安全隐患")
    MAJOR = "major", _("疑似重大隐患")
    ILLEGAL = "illegal", _("违法行为")


class PatrolClue(LoopRow):
    """What a grid officer found at a place, and what becomes of it (网格线索). ``owner_org`` is whose officer found it.

    Its town has it first; ``handler`` is who has it now. The enterprise does not read it. Retention class: permanent.
    """

    loop_code = PATROL_CLUE.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    title = models.CharField(_("线索"), max_length=200)
    place = models.ForeignKey(PatrolPlace, models.PROTECT, related_name="clues")
    #: The line of the ledger on which it was found; empty where it was told outside a walk.
    visit = models.OneToOneField(PatrolVisit, models.PROTECT, null=True, blank=True, related_name="clue")
    kind = models.CharField(_("线索类别"), max_length=8, choices=ClueKind.choices)
    text = models.CharField(_("情况"), max_length=1000)
    raiser = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    raiser_name = models.CharField(_("上报人"), max_length=130)
    found_at = models.DateTimeField(_("发现时间"))
    town = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    handler = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    take_by = models.DateTimeField(_("受理时限"))
    answer_by = models.DateTimeField(_("答复时限"))
    #: Why it went to who has it now, or came back.
    transfer_reason = models.CharField(_("转办、退回理由"), max_length=500, blank=True)
    #: What was done, or why there is nothing in it.
    answer = models.CharField(_("答复"), max_length=2000, blank=True)
    answerer_name = models.CharField(_("答复人"), max_length=130, blank=True)
    #: The danger that it became.
    finding = models.OneToOneField(Finding, models.PROTECT, null=True, blank=True, related_name="patrol_clue")
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("上报时间"))

    objects = ScopedQuerySet["PatrolClue"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PATROL_CLUE.codes), name="patrol_clue_status_known"),
            models.CheckConstraint(condition=Q(kind__in=ClueKind.values), name="patrol_clue_kind_known"),
            models.CheckConstraint(condition=~Q(text=""), name="patrol_clue_says_what"),
            models.CheckConstraint(
                condition=~Q(status="FOUND") | Q(finding__isnull=False), name="patrol_clue_became_a_danger"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("DONE", "NOTHING")) | ~Q(answer=""), name="patrol_clue_answered"
            ),
        ]
        indexes = [
            models.Index(F("closed_at").desc(nulls_first=True), F("created_at").desc(), F("id"),
                         name="patrol_clue_open_first"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Seen(models.TextChoices):
    """What a grid officer saw of a danger (查看结果)."""

    DONE = "done", _("已整改")
    NOT_DONE = "not_done", _("未整改")
    NO_ENTRY = "no_entry", _("未能进入")


class PatrolRecheck(LoopRow):
    """A grid officer is sent to see whether a danger was put right (网格复查). ``owner_org`` is the office that sends.

    What he says is a note on the danger: it closes nothing. The enterprise reads it once it was said.
    Retention class: as the danger.
    """

    loop_code = PATROL_RECHECK.code

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="patrol_rechecks")
    title = models.CharField(_("复查事项"), max_length=340)
    #: The village or town whose officer goes.
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    officer = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    ask = models.CharField(_("查看要求"), max_length=500, blank=True)
    sender_name = models.CharField(_("派发人"), max_length=130)
    due_date = models.DateField(_("查看期限"))
    seen = models.CharField(pgettext_lazy("recheck", "查看结果"), max_length=8, choices=Seen.choices, blank=True)
    text = models.CharField(_("查看情况"), max_length=1000, blank=True)
    answerer_name = models.CharField(_("查看人"), max_length=130, blank=True)
    seen_at = models.DateTimeField(_("查看时间"), null=True, blank=True)
    #: What speaks against the time told: ``{"zh", "en"}`` each.
    doubts = models.JSONField(_("存疑"), default=list)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("派发时间"))

    objects = ScopedQuerySet["PatrolRecheck"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PATROL_RECHECK.codes), name="patrol_recheck_status_known"),
            models.CheckConstraint(condition=Q(seen__in=["", *Seen.values]), name="patrol_recheck_seen_known"),
            models.CheckConstraint(
                condition=~Q(status="ANSWERED") | (~Q(seen="") & Q(seen_at__isnull=False)),
                name="patrol_recheck_answered",
            ),
            models.UniqueConstraint(
                fields=["finding", "org"], condition=Q(closed_at__isnull=True), name="patrol_recheck_one_open"
            ),
        ]
        indexes = [
            models.Index(F("closed_at").desc(nulls_first=True), F("due_date"), F("id"),
                         name="patrol_recheck_open_first"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title
