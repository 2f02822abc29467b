"""Class labels of the demo's enterprises: one that is good, one that rectifies.

Everything is invented; everything is entered by the people of the demo through the services.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.services import classings


def load(desk: Desk, own: Sequence[Any]) -> None:
    """For the first two enterprises with a file whose office has somebody who judges."""
    done = 0
    for number, pk in enumerate(own, start=1):
        file = Enterprise.objects.filter(pk=pk).select_related("enterprise").first()
        office = None if file is None else desk.verifier(file)
        if file is None or office is None or not classings.may_class(office, file):
            continue
        if done == 0:
            classings.class_enterprise(
                actor=office, file=file, kind="good", grounds="分级为黄色，近一年没有重大隐患", demands="", due=None,
                now=desk.ago(60),
            )  # fmt: skip
        else:
            row = classings.class_enterprise(
                actor=office, file=file, kind="rectify", grounds="现场检查发现罐区安全仪表不完善",
                demands="完成罐区高高液位联锁改造，补齐可燃气体检测点", due=desk.date_in(45), now=desk.ago(50),
            )  # fmt: skip
            classings.tell_progress(
                actor=desk.actor(f"enterprise{number}"), row=row, name="progress", percent=60,
                text="联锁改造设计完成，设备已到货", evidence=[], now=desk.ago(12),
            )  # fmt: skip
        done += 1
        if done == 2:
            return
