"""What people type about storage: how goods really lie, what an office lets stand, limits of fire protection."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.queries.storage import Fault, sentence
from quancheng.kernel.pages import fields


class WarningForm(forms.Form):
    """A form that warns once of what would be stored wrongly, and takes it all the same when that was read."""

    def warn(self, faults: Sequence[Fault]) -> None:
        """Ask whether it was read; called from ``clean`` when nothing else is wrong."""
        if not faults or self.errors:
            return
        self.fields["aware"] = forms.BooleanField(label=_("已阅知以上提示，仍按实际情况登记"), required=False)
        if self.data.get("aware"):
            return
        said = [gettext("提示：%(text)s。") % {"text": sentence(one)} for one in faults]
        said.append(gettext("登记不受影响；请核对后勾选此项再次提交，问题会列入储存问题清单。"))
        # One message, so that the summary above the form names the box once.
        self.add_error("aware", " ".join(said))


class ExplainForm(forms.Form):
    text = fields.text(_("实际存放情况"), help_text=_("写明分别存放在哪一间、哪一区，用什么隔开；对方会看到。"))


class AcceptForm(forms.Form):
    text = fields.text(_("核定意见"), help_text=_("写明核查方式和理由；数量或品种超出本次核定的，重新列为问题。"))


class LimitForm(forms.Form):
    """A limit as the district sets it."""

    limit_m3 = forms.DecimalField(
        label=_("限量（立方米）"), max_digits=14, decimal_places=3, min_value=0, help_text=_("1立方米等于1000升。")
    )
    is_on = forms.BooleanField(label=_("启用"), required=False)
    source = fields.words(_("依据"), help_text=_("文件名称和条款。"))
