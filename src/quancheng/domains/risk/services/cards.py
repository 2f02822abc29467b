"""Editions of cards written, checked by another person, in force, replaced; outdated when their facts changed."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from quancheng.domains.risk.card_parts import PHONES, lacking, read_parts, read_phone
from quancheng.domains.risk.models import Post, PostCard
from quancheng.domains.risk.queries.card_facts import changes_between, facts_of, facts_of_posts
from quancheng.domains.risk.queries.card_rules import card_rules_on
from quancheng.domains.risk.queries.cards import IN_FORCE
from quancheng.domains.risk.services.card_marks import mark_for
from quancheng.domains.risk.services.keeping import note
from quancheng.domains.risk.services.readings import call_readers, end_readings
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import act_once, once
from quancheng.kernel.vault import services as vault
from quancheng.standards.risk.basis import months_later

KEEP, CHECK = "risk.cards.keep", "risk.cards.check"
CLOCK = system_actor("risk.cards", KEEP, "risk.cards.read")
#: Promises that a first edition proposes [D].
PROMISES = (
    "遵守安全生产法律法规和本单位规章制度，不违章作业，不违反劳动纪律。",
    "熟知本岗位风险和管控措施，按操作规程作业。",
    "按规定检查本岗位设备和安全设施，发现隐患立即报告并参与整改。",
    "正确佩戴防护用品，险情发生时按应急处置卡行动。",
)


def may_write(actor: Actor, post: Post) -> bool:
    """Whether the actor writes cards of a post that he sees: the enterprise's own people with the duty."""
    return actor.has(KEEP) and actor.organisation_id == post.file_id and post.file.merged_into_id is None


def begin_edition(*, actor: Actor, post: Post, now: datetime, client_id: uuid.UUID | None = None) -> PostCard:
    """Begin the next edition of a post's cards, with what stands in the one in force.

    :raises NotPermitted: another enterprise's post. :raises Conflict: an edition is being written already.
    :raises Invalid: the post ended.
    """
    actor.require(KEEP)
    if not may_write(actor, post):
        raise NotPermitted

    def make() -> uuid.UUID:
        # One at a time of a post, so that two at once do not both count the editions.
        if Post.objects.select_for_update(no_key=True).get(pk=post.pk).ended_date is not None:
            raise Invalid(_("该岗位已撤销。"))
        if PostCard.objects.filter(post=post, status__in=("DRAFT", "SUBMITTED")).exists():
            raise Conflict(_("该岗位已有正在编写或待审核的版本。"))
        before = PostCard.objects.filter(post=post, status__in=IN_FORCE).first()
        last = PostCard.objects.filter(post=post).aggregate(last=Max("edition"))["last"] or 0
        row = PostCard(
            **post.file.row_scope(), code=next_code(PostCard, "GK", now=now), file=post.file, post=post,
            edition=last + 1, title=post.name[:200], created_at=now,
            parts=dict(before.parts) if before else {"promises": list(PROMISES)},
            inner_phone=before.inner_phone if before else "", outer_phone=before.outer_phone if before else "",
        )  # fmt: skip
        return enter(actor=actor, row=row, now=now, facts={"post": post.pk, "edition": last + 1}).pk

    with transaction.atomic():
        body = {"post": post.pk}
        pk, _made = once(actor=actor, client_id=client_id, act="risk.card.begin", body=body, now=now, make=make)
    return PostCard.objects.select_related("post__file", "file").get(pk=pk)


def write_card(
    *, actor: Actor, card: PostCard, version: int, parts: Mapping[str, Any], phones: Mapping[str, str],
    now: datetime, evidence: Sequence[uuid.UUID] = (),
) -> PostCard:  # fmt: skip
    """Keep what was written so far of a draft; needed parts may be empty until it is handed in.

    :param parts: by the names of ``card_parts``; what is not named stays. :param phones: ``inner_phone``,
        ``outer_phone``. :raises Invalid: by field. :raises StaleState: somebody saved meanwhile, or it is no draft.
    """
    _require_writer(actor, card)
    wrong: dict[str, Text] = {}
    read = read_parts(parts, wrong)
    given = {name: read_phone(name, phones[name], wrong) for name, _label in PHONES if name in phones}
    if wrong:
        raise Invalid(fields=wrong)
    changed: dict[str, Any] = {"parts": {**card.parts, **read}}
    for name, number in given.items():
        before = getattr(card, name)
        if number != (vault.reveal(vault.PHONE, before) if before else ""):
            changed[name] = vault.seal(vault.PHONE, number) if number else ""
    with transaction.atomic():
        won = PostCard.objects.filter(pk=card.pk, status="DRAFT", draft_version=version).update(
            **changed, draft_version=version + 1, updated_at=now
        )
        if not won:
            raise StaleState(_("他人刚刚修改了此版，或此版已提交，请刷新后核对再改。"))
        if evidence:
            attach_files(actor=actor, row=card, file_ids=list(evidence), now=now)
        note(actor, "risk.card.write", card.file_id, card, now, {"parts": digest_of(changed["parts"])})
    card.refresh_from_db()
    return card


def submit_card(*, actor: Actor, card: PostCard, now: datetime, client_id: uuid.UUID | None = None) -> PostCard:
    """Hand a draft in to be checked by somebody else. :raises Invalid: needed parts are empty, by field."""
    _require_writer(actor, card)

    def do() -> None:
        if card.status == "DRAFT" and (gaps := lacking(card.parts, has_phone=bool(card.inner_phone))):
            raise Invalid(_("还有%(count)s项未填写，请先在“编写”中补齐。") % {"count": len(gaps)}, fields=gaps)
        move(actor=actor, row=card, name="submit", now=now)

    act_once(actor=actor, row=card, act="risk.card.submit", body={}, now=now, client_id=client_id, do=do)
    return card


def approve_card(*, actor: Actor, card: PostCard, now: datetime, client_id: uuid.UUID | None = None) -> PostCard:
    """Put an edition in force: the one before ends, and who holds the post has to read the new one and is asked.

    :raises Invalid: the post ended meanwhile.
    """
    actor.require(CHECK)
    today = Calendar().local_date(now)
    with transaction.atomic():
        # One at a time of a post: who asks again waits here, and then finds the edition approved.
        post = Post.objects.select_for_update(no_key=True).get(pk=card.post_id)
        card.refresh_from_db()
        if card.status != "SUBMITTED":
            # The same request again, or a step that is somebody else's: nothing of it ends what stands now.
            return move(actor=actor, row=card, name="approve", now=now, client_id=client_id)
        if post.ended_date is not None:
            raise Invalid(_("该岗位已撤销。"))
        for before in PostCard.objects.filter(post=card.post_id, status__in=IN_FORCE):
            _supersede(before, now)
        changes = {
            "in_force_at": now, "basis": facts_of(card.post), "because": [],
            "review_date": months_later(today, card_rules_on(today).review_months),
        }  # fmt: skip
        facts = {"post": card.post_id, "edition": card.edition, "basis": digest_of(changes["basis"])}
        move(actor=actor, row=card, name="approve", now=now, changes=changes, facts=facts, client_id=client_id)
        mark_for(post=card.post, board=None, now=now)
        call_readers(card=card, now=now)
    return card


def answer_card(
    *, actor: Actor, card: PostCard, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> PostCard:
    """Give an edition back to who wrote it (``return``), or drop a draft (``drop``). :raises Invalid: no reason."""
    changes = {"closed_at": now} if name == "drop" else {}
    given = {"reason": clean(reason)[:500]}
    return move(actor=actor, row=card, name=name, now=now, given=given, changes=changes, client_id=client_id)


def withdraw_cards(*, post: Post, now: datetime) -> None:
    """A post ends: its edition in force counts no more, and nobody has to read it; in the caller's transaction."""
    for row in PostCard.objects.filter(post=post, status__in=IN_FORCE):
        _supersede(row, now)


def _supersede(row: PostCard, now: datetime) -> None:
    move(actor=CLOCK, row=row, name="supersede", now=now, changes={"closed_at": now})
    end_readings(rows=row.readings.all(), now=now)


def look_at_cards(*, files: Collection[uuid.UUID] | None = None, now: datetime) -> int:
    """Compare editions in force with what the risk list and the registry tell now; returns how many changed state.

    One whose facts changed, or whose yearly review came, is to be brought up to date; one whose facts are again what
    they were, stands again.

    :param files: of these enterprises alone; None: of all.
    """
    rows = PostCard.objects.filter(status__in=IN_FORCE).select_related("post").order_by("file_id", "pk")
    if files is not None:
        rows = rows.filter(file__in=files)
    today = Calendar().local_date(now)
    count, found = 0, list(rows)
    for at in range(0, len(found), 200):
        part = found[at : at + 200]
        facts = facts_of_posts([one.post for one in part])
        count += sum(_look(row, facts[row.post_id], today, now) for row in part)
    return count


def _look(row: PostCard, facts: Mapping[str, Any], today: Any, now: datetime) -> bool:
    because = reasons_of(row, facts, today)
    if because == row.because:
        return False
    if row.status == "STANDING":
        move(actor=CLOCK, row=row, name="change", now=now, changes={"because": because})
    elif not because:
        move(actor=CLOCK, row=row, name="restore", now=now, changes={"because": []})
    else:
        PostCard.objects.filter(pk=row.pk, status="OUTDATED").update(because=because, updated_at=now)
    return True


def reasons_of(row: PostCard, facts: Mapping[str, Any], today: Any) -> list[dict[str, str]]:
    """Why an edition in force is to be brought up to date on a day; empty where nothing asks for it."""
    because = changes_between(row.basis, facts) if row.basis is not None else []
    if row.review_date is not None and row.review_date <= today:
        because.append({"zh": f"到达复核日期：{row.review_date}", "en": f"review due: {row.review_date}"})
    return because


def _require_writer(actor: Actor, card: PostCard) -> None:
    actor.require(KEEP)
    if card.owner_org_id != actor.organisation_id:
        raise NotPermitted
