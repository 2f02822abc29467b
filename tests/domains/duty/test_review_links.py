"""In review: what a chart's row serves is proposed with its reason, and what a reviewer says stands."""

from __future__ import annotations

from html import unescape

import pytest
from tests.domains.duty.town import import_plan, make_town
from tests.factories import NOW

from quancheng.domains.duty.models import Plan
from quancheng.domains.duty.services.commit import commit_plan
from quancheng.kernel.errors import Invalid

pytestmark = pytest.mark.django_db


def shape(plan: Plan) -> list[tuple[str, ...]]:
    """What the chart form says, row by row."""
    drafts = plan.drafts.order_by("order")
    return [
        tuple(str(one.content[name]) for name in ("level1", "level2", "text", "persons", "leading_official"))
        for one in drafts
        if one.content.get("row")
    ]


def test_the_flattened_chart_is_read_as_a_table_and_shown_in_review() -> None:
    """A reviewer sees each row's place, persons and official, what it serves with the reason, and may say otherwise."""
    town = make_town()
    plan = import_plan(town)
    assert len(shape(plan)) == 53
    page = unescape(town.client.get(town.url).content.decode())
    assert "挂图第1.1行的序号与正文一致" in page
    assert "由挂图任务落实" in page
    row = next(one for one in plan.drafts.all() if one.content["text"].startswith("全年办理行政处罚"))
    given = {"act": "serve", "draft": str(row.pk), "version": str(row.version)}
    assert town.client.post(town.url, {**given, "title": "没有这条"}).status_code == 422
    assert town.client.post(town.url, {**given, "title": "加大执法力度"}).status_code == 422  # two of that name
    text = next(one for one in plan.drafts.all() if one.content["text"].startswith("3.加大执法力度"))
    assert town.client.post(town.url, {**given, "serves": [str(text.pk)]}).status_code in (302, 303)
    row.refresh_from_db()
    text.refresh_from_db()
    assert [(link["draft"], link["sure"]) for link in row.content["serves"]] == [(str(text.pk), True)]
    assert text.content["carried_by"] == [str(row.pk)]
    # What the reviewer said of a task that is dropped stands again with it.
    for given_act, links in (({"act": "drop", "reason": "待核"}, []), ({"act": "restore"}, [str(text.pk)])):
        text.refresh_from_db()
        sent = {**given_act, "draft": str(text.pk), "version": str(text.version)}
        assert town.client.post(town.url, sent).status_code in (302, 303)
        row.refresh_from_db()
        assert [link["draft"] for link in row.content["serves"]] == links
    text.refresh_from_db()
    assert text.content["carried_by"] == [str(row.pk)]
    merged = next(one for one in plan.drafts.all() if one.content["text"].startswith("建立事故形势"))
    answer = town.client.post(
        town.url, {"act": "drop", "draft": str(merged.pk), "version": str(merged.version), "reason": "与上重复"}
    )
    assert answer.status_code in (302, 303)
    assert town.client.post(town.url, {"act": "confirm_many"}).status_code == 422
    # What a colleague changed after the page was shown is not confirmed unseen.
    shown = plan.drafts.exclude(pk=merged.pk).order_by("order", "pk")
    seen = [f"{one.pk}:{one.version}" for one in shown]
    assert all(f'value="{one}" form="merge-form"' in town.client.get(town.url).content.decode() for one in seen[:2])
    given = {"act": "confirm_many", "draft": str(text.pk), "seen": seen}
    plan.drafts.filter(pk=text.pk).update(version=text.version + 1)
    stale = town.client.post(town.url, given)
    assert stale.status_code == 409
    assert "请核对后再确认" in stale.content.decode()
    assert town.client.post(town.url, {**given, "act": "confirm_all"}).status_code == 409
    now_seen = [f"{one.pk}:{one.version}" for one in plan.drafts.all()]
    assert town.client.post(town.url, {**given, "seen": now_seen}).status_code == 303
    refused = town.client.post(town.url, {"act": "lead_rest", "leads": "没有这个单位"})
    assert refused.status_code == 422
    assert 'value="没有这个单位"' in refused.content.decode()


def test_a_task_that_only_an_overwritten_note_calls_carried_is_not_issued_without_a_unit() -> None:
    """A save that was under way writes back that rows carry a task; what the rows serve decides at the commit."""
    town = make_town()
    plan = import_plan(town)
    plan.drafts.update(confirmed_at=NOW, confirmed_by_id=town.head.user_id)
    carried = next(one for one in plan.drafts.order_by("order") if one.content.get("carried_by") and not one.units)
    fault = f"draft-{carried.pk}"
    with pytest.raises(Invalid) as served:
        commit_plan(actor=town.head, plan=town.plan, now=NOW)
    assert fault not in served.value.fields
    for row in plan.drafts.filter(pk__in=carried.content["carried_by"]):
        plan.drafts.filter(pk=row.pk).update(content={**row.content, "serves": []})
    with pytest.raises(Invalid) as alone:
        commit_plan(actor=town.head, plan=town.plan, now=NOW)
    assert fault in alone.value.fields
