"""Object pages of a paper and of its service to one addressee."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import loopview
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed
from quancheng.kernel.papers import forms, queries
from quancheng.kernel.papers.models import Paper, Service
from quancheng.kernel.papers.services import drafts, serving, signing


class PaperPage(ObjectPage[Paper]):
    """One paper: its text as it is printed, where it stands, and each addressee."""

    template = "papers/paper.html"
    back = (gettext_lazy("发文"), lambda: reverse("papers:list"))
    forms: ClassVar[Mapping[str, type[django_forms.Form]]] = {
        "send_back": forms.ReasonForm,
        "refuse": forms.ReasonForm,
        "discard": forms.ReasonForm,
        "void": forms.ReasonForm,
        "publish": forms.NoteForm,
        "attach_sealed": forms.SealedForm,
        "send_all": django_forms.Form,
    }

    def get_row(self, actor: Actor, **kwargs: Any) -> Paper:
        return queries.get_paper(actor=actor, paper_id=kwargs["pk"])

    def head(self, row: Paper, actor: Actor) -> ObjectHead:
        return ObjectHead(row.title, code=row.number_text, subtitle=row.kind_name)

    def facts(self, row: Paper, actor: Actor) -> Sequence[Fact]:
        days = _("%(days)s个工作日") % {"days": row.reply_working_days} if row.reply_working_days else _("无需回复")
        found = [
            Fact(_("文号"), row.number_text or _("签发时编号")),
            Fact(_("发文机关"), row.issuer.name),
            Fact(_("主送"), listed(one.org.name for one in row.addressees.all()), wide=True,
                 filled_by="" if row.is_public else row.owner_org.label),
            Fact(_("拟稿"), row.drafted_by.name if row.drafted_by else _("系统拟稿")),
            Fact(_("签发人"), row.signer_name or None),
            Fact(_("签发时间"), row.signed_at),
            Fact(_("回复期限"), days),
            Fact(_("公开属性"), row.get_openness_display()),
        ]  # fmt: skip
        if row.copy_to:
            found.append(Fact(_("抄送"), row.copy_to))
        if row.attachments:
            found.append(Fact(_("附件"), "；".join(row.attachments)))
        if row.status == "VOID":
            found.append(Fact(_("作废原因"), row.void_reason, wide=True))
        return found

    def tabs(self, row: Paper, actor: Actor) -> Sequence[Tab]:
        services = list(queries.services_of(actor=actor, paper=row))
        files = list(files_of(row))

        def preview() -> Mapping[str, Any]:
            from quancheng.kernel.papers.services.rendering import count_pages

            return {"paper": row, "numbers": range(1, count_pages(row) + 1)}

        return [
            Tab("text", _("正文"), template="papers/_preview.html", context=preview),
            Tab(
                "services", _("送达"), count=len(services), template="papers/_services.html",
                context=lambda: {"services": services},
            ),
            Tab("files", _("附件与扫描件"), count=len(files), template="papers/_files.html",
                context=lambda: {"files": files}),
        ]  # fmt: skip

    def actions(self, row: Paper, actor: Actor) -> Sequence[Action]:
        found = [
            Action(
                each.name,
                each.label,
                primary=each.primary and each.name != "attach_sealed",
                asks=each.asks,
                confirm=_confirmation(row, each.name),
            )
            for each in loopview.actions_of(row, actor)
        ]
        own = row.owner_org_id == actor.organisation_id
        if row.status == "DRAFT" and own and actor.has("papers.draft"):
            found.append(Action("edit", _("修改"), url=reverse("papers:edit", args=[row.pk]), icon="pencil"))
        if row.status == "SIGNED" and own and actor.has("papers.serve") and queries.is_unsent(paper=row):
            sentence = _("将在平台上送达尚未送达的全部主送单位，确定吗？")
            found.insert(0, Action("send_all", _("全部平台送达"), primary=True, confirm=sentence))
        return found

    def perform(
        self, *, actor: Actor, row: Paper, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        match name:
            case "submit":
                drafts.submit_paper(actor=actor, paper=row, now=now, client_id=client_id)
            case "check":
                drafts.check_paper(actor=actor, paper=row, now=now, client_id=client_id)
            case "send_back" | "refuse":
                drafts.send_paper_back(
                    actor=actor, paper=row, reason=given["reason"], name=name, now=now, client_id=client_id
                )
            case "discard":
                drafts.discard_paper(actor=actor, paper=row, reason=given["reason"], now=now, client_id=client_id)
            case "sign" | "sign_proposed":
                signing.sign_paper(actor=actor, paper=row, now=now, client_id=client_id)
            case "void":
                signing.void_paper(actor=actor, paper=row, reason=given["reason"], now=now, client_id=client_id)
            case "publish":
                signing.publish_paper(actor=actor, paper=row, note=given["note"], now=now, client_id=client_id)
            case "attach_sealed":
                evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
                serving.attach_sealed_copy(actor=actor, paper=row, evidence=evidence, now=now, client_id=client_id)
            case "send_all":
                serving.send_all(actor=actor, paper=row, now=now)
            case _:
                loopview.make_move(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)


class ServicePage(ObjectPage[Service]):
    """One addressee's copy: receipt, reply, and what became of it."""

    template = "papers/paper.html"
    back = (gettext_lazy("收文与送达"), lambda: reverse("papers:services"))
    forms: ClassVar[Mapping[str, type[django_forms.Form]]] = {
        "deliver": forms.ReceiptForm,
        "deliver_only": forms.ReceiptForm,
        "reply": forms.ReplyForm,
        "accept": forms.AcceptForm,
        "send_back": forms.ReasonForm,
        "waive": forms.ReasonForm,
    }

    def get_row(self, actor: Actor, **kwargs: Any) -> Service:
        return queries.get_service(actor=actor, service_id=kwargs["pk"])

    def head(self, row: Service, actor: Actor) -> ObjectHead:
        return ObjectHead(row.paper.title, code=row.paper.number_text, subtitle=row.org.name)

    def facts(self, row: Service, actor: Actor) -> Sequence[Fact]:
        paper = format_html('<a href="{}">{}</a>', reverse("papers:paper", args=[row.paper_id]), row.paper.number_text)
        due = row.reply_due
        found = [
            Fact(_("文书"), paper, help=row.paper.kind_name),
            Fact(_("发文机关"), row.paper.issuer.name),
            Fact(_("受送达单位"), row.org.name),
            Fact(_("送达方式"), row.get_way_display() or None),
            Fact(_("送达时间"), row.served_at),
            Fact(_("签收人"), row.receiver or None),
            Fact(
                _("回复期限"),
                due,
                help=_("该年放假安排尚未录入，按周末推算。") if row.reply_due_assumed else "",
            ),
            Fact(_("回复内容"), row.reply or None, wide=True, filled_by=row.org.label if due else ""),
            Fact(_("回复时间"), row.replied_at),
        ]
        if row.opinion:
            found.append(Fact(_("审核意见"), row.opinion, wide=True))
        if row.respite_until:
            found.append(Fact(_("承诺完成日期"), row.respite_until))
        return found

    def tabs(self, row: Service, actor: Actor) -> Sequence[Tab]:
        files = list(files_of(row))

        def preview() -> Mapping[str, Any]:
            from quancheng.kernel.papers.services.rendering import count_pages

            return {"paper": row.paper, "numbers": range(1, count_pages(row.paper) + 1)}

        return [
            Tab("text", _("正文"), template="papers/_preview.html", context=preview),
            Tab("files", _("回证与佐证"), count=len(files), template="papers/_files.html",
                context=lambda: {"files": files}),
        ]  # fmt: skip

    def actions(self, row: Service, actor: Actor) -> Sequence[Action]:
        return [
            Action(each.name, each.label, primary=each.primary, asks=each.asks or each.name in self.forms)
            for each in loopview.actions_of(row, actor)
        ]

    def perform(
        self, *, actor: Actor, row: Service, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        match name:
            case "send":
                serving.send_service(actor=actor, service=row, now=now, client_id=client_id)
            case "deliver" | "deliver_only":
                evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
                serving.deliver_service(
                    actor=actor, service=row, receiver=given["receiver"], served_on=given["served_on"],
                    evidence=evidence, now=now, client_id=client_id,
                )  # fmt: skip
            case "acknowledge" | "acknowledge_only":
                serving.acknowledge_service(actor=actor, service=row, now=now, client_id=client_id)
            case "reply":
                evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
                serving.reply_to_service(
                    actor=actor, service=row, reply=given["reply"], evidence=evidence, now=now, client_id=client_id
                )
            case "accept":
                serving.accept_reply(
                    actor=actor, service=row, opinion=given["opinion"], respite_until=given["respite_until"],
                    now=now, client_id=client_id,
                )  # fmt: skip
            case "send_back":
                serving.return_reply(actor=actor, service=row, reason=given["reason"], now=now, client_id=client_id)
            case "waive":
                serving.waive_reply(actor=actor, service=row, reason=given["reason"], now=now, client_id=client_id)
            case _:
                loopview.make_move(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)


def _confirmation(row: Paper, name: str) -> str:
    if name in ("sign", "sign_proposed"):
        return _("签发后编定文号、固定正文，不能再修改。确定签发吗？")
    return ""
