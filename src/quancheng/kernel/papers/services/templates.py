"""Changing a form letter makes its next version; papers drafted before keep theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, StaleState
from quancheng.kernel.names import clean
from quancheng.kernel.pages.words import listed
from quancheng.kernel.papers.models import PaperTemplate
from quancheng.kernel.papers.services.drafts import BODY_LIMIT
from quancheng.kernel.papers.templates_data import PLACEHOLDERS, unknown_placeholders


@dataclass(frozen=True, slots=True)
class TemplateSpec:
    """What a person changes in a form letter."""

    title: str
    body: str
    reply_working_days: int | None = None


def change_template(*, actor: Actor, template: PaperTemplate, spec: TemplateSpec, now: datetime) -> PaperTemplate:
    """Make the next version of a form letter.

    :raises Invalid: empty, too long, or with a placeholder that nothing fills.
    :raises StaleState: somebody made a newer version meanwhile.
    """
    actor.require("papers.templates")
    title = clean(spec.title)
    body = "\n".join(filter(None, (clean(line) for line in spec.body.replace("\r\n", "\n").split("\n"))))
    wrong = {}
    for name, text, most in (("title", title, 200), ("body", body, BODY_LIMIT)):
        unknown = unknown_placeholders(text)
        if not text or len(text) > most:
            wrong[name] = _("此项必填，且不超过%(count)s个字。") % {"count": most}
        elif unknown:
            words = {"names": listed(unknown), "known": listed(PLACEHOLDERS)}
            wrong[name] = _("不认识的占位词：%(names)s。可用：%(known)s。") % words
    if spec.reply_working_days is not None and not 1 <= spec.reply_working_days <= 250:
        wrong["reply_working_days"] = _("回复期限须在1至250个工作日之间。")
    if wrong:
        raise Invalid(fields=wrong)
    made = PaperTemplate(
        code=template.code,
        version=template.version + 1,
        name=template.name,
        series=template.series,
        title=title,
        body=body,
        reply_working_days=spec.reply_working_days,
        form=template.form,
        is_public=template.is_public,
        made_at=now,
        made_by_id=actor.user_id,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            journal.record(
                actor=actor,
                act="papers.template.change",
                subject_type="papers.papertemplate",
                subject_id=made.pk,
                facts={"code": made.code, "version": made.version},
                now=now,
            )
    except IntegrityError as failure:
        raise StaleState(_("该模板刚被他人修改，请刷新后再改。")) from failure
    return made
