"""Posts drawn at a visit, whose holders an office asks about their cards (现场抽考岗位卡)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk.loops.card_visit import CARD_VISIT
from quancheng.domains.risk.models.cards import PostCard
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class CardVisit(LoopRow):
    """An office draws posts at a visit and asks who holds them (现场抽考). Retention class: as the file.

    ``owner_org`` is the office, which has one open at an enterprise; the enterprise reads of it when it ended. Who is
    drawn follows from ``seed`` and ``pool``, by ``standards.risk.commitment.draw``, so that anybody draws again. After
    one that was dropped the office's next one has its seed: nobody draws until he likes what comes out.
    """

    loop_code = CARD_VISIT.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="card_visits")
    title = models.CharField(_("抽考"), max_length=200)
    occasion = models.CharField(_("检查事由"), max_length=200)
    #: Only posts whose work may by itself lead to an accident were in the pool.
    keys_only = models.BooleanField(_("只抽关键岗位"), default=False)
    seed = models.CharField(_("抽取种子"), max_length=64)
    #: Keys of the posts that were in the draw, sorted, and their digest.
    pool = models.JSONField(editable=False)
    #: Keys of posts that were left out where one took another's place: their card was in force no more.
    passed_over = models.JSONField(default=list, editable=False)
    pool_digest = models.CharField(_("岗位名单摘要"), max_length=64)
    pass_mark = models.PositiveSmallIntegerField(_("合格分"))
    due_date = models.DateField(_("完成期限"))
    reason = models.CharField(_("取消理由"), max_length=300, blank=True)
    closed_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("抽取时间"))

    objects = ScopedQuerySet["CardVisit"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CARD_VISIT.codes), name="card_visit_status_known"),
            models.UniqueConstraint(
                fields=["owner_org", "file"], condition=Q(status="OPEN"), name="card_visit_one_open"
            ),
        ]
        indexes = [
            models.Index(F("closed_at").desc(nulls_first=True), F("created_at").desc(), F("id"),
                         name="card_visit_open_first"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code


class CardAsk(models.Model):
    """One post that was drawn: what its holder was asked and whether he knew it (岗位抽考结果). Read through the visit.

    Retention class: as the file. ``questions`` are as in a :class:`QuizAttempt`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    visit = models.ForeignKey(CardVisit, models.PROTECT, related_name="asks")
    #: Its place in the draw, from 1; who comes in place of an empty post has a later one.
    number = models.PositiveSmallIntegerField(_("序号"))
    card = models.ForeignKey(PostCard, models.PROTECT, related_name="+")
    questions = models.JSONField()
    answers = models.JSONField(null=True)
    #: Who was asked: a holder by his account, or somebody at the post by name.
    holder = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    other_name = models.CharField(_("被抽考人（没有账号）"), max_length=60, blank=True)
    score = models.PositiveSmallIntegerField(_("得分"), null=True)
    #: Empty while nobody was asked, and where nobody was at the post.
    is_passed = models.BooleanField(_("是否合格"), null=True)
    is_absent = models.BooleanField(_("无人在岗"), default=False)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    asked_at = models.DateTimeField(_("提问时间"), null=True)
    asker_name = models.CharField(_("抽考人"), max_length=130, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "card"], name="card_ask_once"),
            models.UniqueConstraint(fields=["visit", "number"], name="card_ask_number_once"),
            models.CheckConstraint(
                condition=Q(asked_at__isnull=True, is_passed__isnull=True, is_absent=False)
                | Q(asked_at__isnull=False, is_absent=True, is_passed__isnull=True)
                | (
                    Q(asked_at__isnull=False, is_absent=False, is_passed__isnull=False, score__isnull=False)
                    & (Q(holder__isnull=False, other_name="") | (Q(holder__isnull=True) & ~Q(other_name="")))
                ),
                name="card_ask_told",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.number}"

    @property
    def asked_name(self) -> str:
        """Who was asked."""
        return self.holder.name if self.holder is not None else self.other_name
