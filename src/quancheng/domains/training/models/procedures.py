"""Operating procedures of posts (操作规程), their editions, who read them, and rule documents (规章制度)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.models.persons import Person
from quancheng.domains.training.models.roles import WorkRole
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7


class DocumentKind(models.TextChoices):
    """What a document is (文件类别)."""

    PROCEDURE = "procedure", _("岗位操作规程")
    RULE = "rule", _("安全生产规章制度")
    FIRE = "fire", _("消防安全制度")


class RuleDocument(Scoped):
    """A procedure or rule of an enterprise, with its edition in force (操作规程、规章制度). Retention class: register,
    permanent.

    A new edition is another row; what it replaces stays to be read. The text is the file that the row holds.
    """

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    kind = models.CharField(_("文件类别"), max_length=10, choices=DocumentKind.choices)
    #: Of a procedure the post for which it is; of rules empty: for everybody.
    role = models.ForeignKey(WorkRole, models.PROTECT, null=True, blank=True, related_name="+",
                             verbose_name=_("适用岗位角色"))  # fmt: skip
    title = models.CharField(_("名称"), max_length=120)
    edition = models.CharField(_("版次"), max_length=20)
    in_force_date = models.DateField(_("施行日期"))
    approved_by = models.CharField(_("批准人"), max_length=60)
    replaces = models.OneToOneField("self", models.SET_NULL, null=True, blank=True, related_name="replaced_by")
    #: The last day; empty while it is in force.
    ended_date = models.DateField(_("废止日期"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["RuleDocument"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="rule_document_kind"),
            models.CheckConstraint(
                condition=~Q(kind="procedure") | Q(role__isnull=False), name="rule_document_of_a_post"
            ),
            models.UniqueConstraint(fields=["file", "title", "edition"], name="rule_document_once"),
        ]
        indexes = [models.Index(fields=["file", "kind", "ended_date"], name="rule_document_by_file")]

    def __str__(self) -> str:
        return self.title


class DocumentReading(models.Model):
    """That a person read an edition and acknowledged it (学习签收). Only ever added. Read through the document.
    Retention class: as the person.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    document = models.ForeignKey(RuleDocument, models.CASCADE, related_name="readings")
    person = models.ForeignKey(Person, models.CASCADE, related_name="readings")
    read_date = models.DateField(_("签收日期"))
    #: How he acknowledged it, e.g. 纸质签字, 班组学习签字.
    signature = models.CharField(_("签收方式"), max_length=60)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "person"], name="document_reading_once")]

    def __str__(self) -> str:
        return str(self.pk)
