"""Cards of posts (两单两卡、应知应会应急明白卡): editions, who read them, who was asked, and the printed codes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.risk.kinds import BoardKind, ReadingKind
from quancheng.domains.risk.loops.cards import CARD, READING, SPOT
from quancheng.domains.risk.models.posts import Post
from quancheng.domains.risk.models.risks import RiskUnit
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class PostCard(LoopRow):
    """One edition of what people wrote on the cards of one post (岗位卡版本). Retention class: as the file.

    ``owner_org`` is the enterprise. ``parts`` holds what ``card_parts`` names. What the risk list and the registry tell
    is drawn anew at each look; ``basis`` is what they told when the edition came into force, by which a later change is
    found and an old edition is shown. Telephone numbers are sealed.
    """

    loop_code = CARD.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="post_cards")
    post = models.ForeignKey(Post, models.PROTECT, related_name="cards")
    edition = models.PositiveSmallIntegerField(_("版次"))
    title = models.CharField(pgettext_lazy("post", "岗位"), max_length=200)
    parts = models.JSONField(default=dict, editable=False)
    inner_phone = models.TextField(blank=True, editable=False)
    outer_phone = models.TextField(blank=True, editable=False)
    basis = models.JSONField(null=True, editable=False)
    #: Why it is to be brought up to date: ``{"zh", "en"}`` each.
    because = models.JSONField(default=list, editable=False)
    #: Rises with each change of a draft: whoever saves over an older one is told.
    draft_version = models.PositiveIntegerField(default=1, editable=False)
    in_force_at = models.DateTimeField(_("执行时间"), null=True, blank=True)
    review_date = models.DateField(_("复核日期"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["PostCard"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CARD.codes), name="post_card_status_known"),
            models.CheckConstraint(
                condition=~Q(status__in=["STANDING", "OUTDATED"])
                | Q(in_force_at__isnull=False, review_date__isnull=False, basis__isnull=False),
                name="post_card_in_force",
            ),
            models.UniqueConstraint(
                fields=["post"], condition=Q(status__in=["DRAFT", "SUBMITTED"]), name="post_card_one_draft"
            ),
            models.UniqueConstraint(
                fields=["post"], condition=Q(status__in=["STANDING", "OUTDATED"]), name="post_card_one_in_force"
            ),
            models.UniqueConstraint(fields=["post", "edition"], name="post_card_edition_once"),
        ]
        indexes = [
            models.Index(fields=["file", "status"], name="post_card_by_file"),
            models.Index(fields=["status", "review_date"], name="post_card_by_review"),
        ]

    def __str__(self) -> str:
        return self.code


class SpotRound(LoopRow):
    """One quarter's draw of who is asked about his card (季度抽查). Retention class: as the file.

    Who is drawn follows from ``seed`` and the persons who held posts then, by ``services.spots.draw_of``, so that
    anybody can draw again; ``pool_digest`` holds the persons to what they were.
    """

    loop_code = SPOT.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="spot_rounds")
    title = models.CharField(_("抽查"), max_length=200)
    year = models.PositiveSmallIntegerField(_("年度"))
    quarter = models.PositiveSmallIntegerField(_("季度"))
    seed = models.CharField(_("抽取种子"), max_length=80)
    pool_count = models.PositiveIntegerField(_("在岗人数"))
    pool_digest = models.CharField(_("名单摘要"), max_length=64)
    percent = models.PositiveSmallIntegerField(_("抽查比例"))
    due_date = models.DateField(_("完成期限"))
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["SpotRound"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=SPOT.codes), name="spot_round_status_known"),
            models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="spot_round_quarter"),
            models.UniqueConstraint(fields=["file", "year", "quarter"], name="spot_round_once"),
        ]
        indexes = [models.Index(fields=["status", "due_date"], name="spot_round_by_due")]

    def __str__(self) -> str:
        return self.code


class CardReading(LoopRow):
    """One person and one edition (阅读与测试): read and signed, then asked until he passes.

    Retention class: as the file. ``kind`` says whether the edition came into force, or he was drawn in a quarter.
    """

    loop_code = READING.code

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="card_readings")
    card = models.ForeignKey(PostCard, models.PROTECT, related_name="readings")
    reader = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    kind = models.CharField(_("类别"), max_length=8, choices=ReadingKind.choices)
    spot = models.ForeignKey(SpotRound, models.PROTECT, null=True, blank=True, related_name="readings")
    title = models.CharField(_("事项"), max_length=200)
    due_date = models.DateField(_("完成期限"))
    signed_name = models.CharField(_("签名"), max_length=60, blank=True)
    read_at = models.DateTimeField(_("阅读时间"), null=True, blank=True)
    passed_at = models.DateTimeField(_("合格时间"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["CardReading"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=READING.codes), name="card_reading_status_known"),
            models.CheckConstraint(
                condition=Q(kind=ReadingKind.EDITION, spot__isnull=True) | Q(kind=ReadingKind.SPOT, spot__isnull=False),
                name="card_reading_kind",
            ),
            models.CheckConstraint(
                condition=~Q(status="PASSED") | Q(passed_at__isnull=False), name="card_reading_passed"
            ),
            models.UniqueConstraint(
                fields=["card", "reader"], condition=Q(kind=ReadingKind.EDITION) & ~Q(status="ENDED"),
                name="card_reading_once",
            ),
            models.UniqueConstraint(fields=["spot", "reader"], name="card_reading_spot_once"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["reader", "status"], name="card_reading_by_reader"),
            models.Index(fields=["card", "status"], name="card_reading_by_card"),
        ]

    def __str__(self) -> str:
        return self.title


class QuizAttempt(models.Model):
    """One try at the questions about a card (测试记录). Read through the reading. Retention class: as the file.

    ``questions`` are as they were asked, each with its options and which is right; a telephone number stands there as
    the edition whose sealed number it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reading = models.ForeignKey(CardReading, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField(_("第几次"))
    questions = models.JSONField()
    answers = models.JSONField(null=True)
    pass_mark = models.PositiveSmallIntegerField(_("合格分"))
    score = models.PositiveSmallIntegerField(_("得分"), null=True)
    started_at = models.DateTimeField(_("开始时间"))
    answered_at = models.DateTimeField(_("交卷时间"), null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reading", "number"], name="quiz_attempt_number_once"),
            models.UniqueConstraint(
                fields=["reading"], condition=Q(answered_at__isnull=True), name="quiz_attempt_one_open"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, score__isnull=True, answers__isnull=True)
                | Q(answered_at__isnull=False, score__gte=0, score__lte=100, answers__isnull=False),
                name="quiz_attempt_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reading_id} {self.number}"


class CardRule(models.Model):
    """How the district has cards read and asked from a day on (岗位卡规则). Retention class: register, permanent."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    from_date = models.DateField(_("起用日期"))
    pass_mark = models.PositiveSmallIntegerField(_("合格分"))
    spot_percent = models.PositiveSmallIntegerField(_("每季度抽查比例（%）"))
    read_days = models.PositiveSmallIntegerField(_("阅读测试期限（天）"))
    review_months = models.PositiveSmallIntegerField(_("复核周期（月）"))
    reason = models.CharField(_("理由"), max_length=300)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pass_mark__gte=1, pass_mark__lte=100, spot_percent__gte=1, spot_percent__lte=100,
                            read_days__gte=1, read_days__lte=365, review_months__gte=1, review_months__lte=36),
                name="card_rule_ranges",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.from_date}"


class RiskBoard(Scoped):
    """A board that hangs on the spot (风险公告栏、告知牌、公示牌). Retention class: as the file.

    ``owner_org`` is the enterprise. Its text is drawn from the data at each look; ``content`` is what was printed last,
    as ``edition``. ``changes`` says what differs since; it is kept by ``services.boards.look_at_boards``.
    """

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="risk_boards")
    kind = models.CharField(_("类别"), max_length=10, choices=BoardKind.choices)
    name = models.CharField(_("位置"), max_length=200)
    #: The risk point of a notice board at a workshop.
    unit = models.ForeignKey(RiskUnit, models.PROTECT, null=True, blank=True, related_name="boards")
    #: The registered unit of a major hazard's sign board.
    place = models.ForeignKey("registry.Unit", models.PROTECT, null=True, blank=True, related_name="risk_boards")
    leader = models.CharField(_("分管负责人"), max_length=60, blank=True)
    department_head = models.CharField(_("部门负责人"), max_length=60, blank=True)
    direct_person = models.CharField(_("直接责任人"), max_length=60, blank=True)
    edition = models.PositiveSmallIntegerField(_("版次"), default=0)
    content = models.JSONField(null=True, editable=False)
    changes = models.JSONField(default=list, editable=False)
    outdated_at = models.DateTimeField(_("失效时间"), null=True, blank=True)
    printed_at = models.DateTimeField(_("打印时间"), null=True, blank=True)
    printed_by = models.CharField(_("打印人"), max_length=130, blank=True)
    ended_date = models.DateField(_("撤销日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["RiskBoard"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=BoardKind.ENTERPRISE, unit__isnull=True, place__isnull=True)
                | Q(kind=BoardKind.POINT, unit__isnull=False, place__isnull=True)
                | Q(kind=BoardKind.HAZARD, unit__isnull=True, place__isnull=False),
                name="risk_board_subject",
            ),
            models.CheckConstraint(
                condition=Q(edition=0, printed_at__isnull=True, content__isnull=True)
                | Q(edition__gte=1, printed_at__isnull=False, content__isnull=False),
                name="risk_board_printed",
            ),
            models.UniqueConstraint(
                fields=["file"], condition=Q(kind=BoardKind.ENTERPRISE, ended_date__isnull=True),
                name="risk_board_one_enterprise",
            ),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(ended_date__isnull=True), name="risk_board_one_unit"
            ),
            models.UniqueConstraint(
                fields=["place"], condition=Q(ended_date__isnull=True), name="risk_board_one_place"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["file", "kind"], name="risk_board_by_file")]

    def __str__(self) -> str:
        return self.name


class CardMark(models.Model):
    """What a printed code opens (卡牌二维码): 80 random bits; withdrawn for good. Retention class: as the file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="marks")
    board = models.ForeignKey(RiskBoard, models.PROTECT, null=True, blank=True, related_name="marks")
    code = models.CharField(_("二维码"), max_length=16, unique=True)
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    withdrawn_why = models.CharField(_("作废原因"), max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(post__isnull=False, board__isnull=True) | Q(post__isnull=True, board__isnull=False),
                name="card_mark_of_one",
            ),
            models.CheckConstraint(condition=Q(code__regex="^[0-9A-HJKMNP-TV-Z]{16}$"), name="card_mark_shape"),
            models.UniqueConstraint(
                fields=["post"], condition=Q(withdrawn_at__isnull=True), name="card_mark_one_of_post"
            ),
            models.UniqueConstraint(
                fields=["board"], condition=Q(withdrawn_at__isnull=True), name="card_mark_one_of_board"
            ),
        ]

    def __str__(self) -> str:
        return self.code
