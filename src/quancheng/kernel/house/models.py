"""What this database is: a demonstration or the real thing, and of which district. One row, written once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

#: Kinds of database; of one kind for life.
DEMO, REAL = "demo", "real"


class House(models.Model):
    """The birth certificate of a database. Retention class: register, permanent.

    The application's role may add the row and not change it; neither may anybody add a second one.
    """

    append_only = True

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    kind = models.CharField(_("数据性质"), max_length=4, choices=[(DEMO, _("演示数据")), (REAL, _("正式数据"))])
    #: Code of the administrative division (行政区划代码), six digits; invented ones in a demo.
    district_code = models.CharField(_("行政区划代码"), max_length=12)
    district_name = models.CharField(_("区县名称"), max_length=60)
    born_at = models.DateTimeField(_("启用时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="house_only_one"),
            models.CheckConstraint(condition=Q(kind__in=[DEMO, REAL]), name="house_kind_known"),
        ]

    def __str__(self) -> str:
        return self.district_name
