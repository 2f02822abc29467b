"""Isolation of energy (能量隔离): by what device which energy is kept away, and how it is shown to be gone.

Source: GB 30871-2022, 4.2 (drain, isolate, clean; isolate mechanical, process, electrical energy and radiation), 4.5
(power locked and tagged), 5.2.2, 6.1 (no water seal or closed valve in place of a blind plate), 7.1 and 7.4 (drawing
and numbers of blind plates). Which device fits which energy, which ones are locked and how each is tried is ours [D]:
the text leaves it to the enterprise.
"""

from __future__ import annotations

from collections.abc import Mapping

from quancheng.standards.wording import Text

#: Devices by which a point is isolated. A water seal is none (5.2.2, 6.1).
DEVICES: Mapping[str, Text] = {
    "BLIND": Text("盲板", "blind plate"),
    "SPOOL_REMOVED": Text("拆除短管、断开管道", "spool removed or pipe disconnected"),
    "DOUBLE_BLOCK": Text("双阀切断加排放", "double block and bleed"),
    "VALVE_LOCK": Text("阀门关闭上锁", "valve closed and locked"),
    "ELEC_LOTO": Text("断电上锁挂牌", "breaker open, locked and tagged"),
    "MECH": Text("机械锁定", "mechanical lock"),
    "RADIATION": Text("放射源关闭上锁", "radiation source closed and locked"),
}
#: What is kept away.
ENERGIES: Mapping[str, Text] = {
    "PROCESS": Text("工艺介质", "process medium"),
    "PRESSURE": Text("压力", "pressure"),
    "THERMAL": Text("热能、低温", "heat or cold"),
    "ELECTRIC": Text("电能", "electricity"),
    "MECHANICAL": Text("机械能、势能", "mechanical and potential energy"),
    "RADIATION": Text("放射源", "radiation"),
}
#: How the second person shows that no energy is left.
PROOFS: Mapping[str, Text] = {
    "BLEED": Text("排放、泄压确认", "bled and without pressure"),
    "TRY_START": Text("试启动不能启动", "try-start does not start"),
    "VOLTAGE_TEST": Text("验电无电压", "voltage test shows none"),
    "DOSE_TEST": Text("剂量检测正常", "dose rate is normal"),
    "POSITION": Text("现场核对位置、牌号与图一致", "place and plate agree with the drawing"),
}
#: Forms of a blind plate.
PLATE_FORMS: Mapping[str, Text] = {
    "SPECTACLE": Text("8字盲板", "spectacle blind"),
    "SLIP": Text("插板", "slip plate"),
    "CAP": Text("盲法兰、管帽", "blind flange or cap"),
}
_LINE = ("BLIND", "SPOOL_REMOVED", "DOUBLE_BLOCK", "VALVE_LOCK")
_BY_ENERGY: Mapping[str, tuple[str, ...]] = {
    "PROCESS": _LINE, "PRESSURE": _LINE, "THERMAL": _LINE, "ELECTRIC": ("ELEC_LOTO",),
    "MECHANICAL": ("MECH", "ELEC_LOTO"), "RADIATION": ("RADIATION",),
}  # fmt: skip
_PROOFS_OF: Mapping[str, tuple[str, ...]] = {
    "BLIND": ("POSITION", "BLEED"), "SPOOL_REMOVED": ("POSITION", "BLEED"), "DOUBLE_BLOCK": ("BLEED",),
    "VALVE_LOCK": ("BLEED",), "ELEC_LOTO": ("TRY_START", "VOLTAGE_TEST"), "MECH": ("TRY_START", "POSITION"),
    "RADIATION": ("DOSE_TEST",),
}  # fmt: skip
#: Devices that are held by a lock with a number. A plate and a disconnected pipe carry a tag alone.
LOCKED = ("DOUBLE_BLOCK", "VALVE_LOCK", "ELEC_LOTO", "MECH", "RADIATION")
#: Of a line: where matter flammable or toxic was held these alone count (5.2.2, 6.1).
ON_LINES = _LINE


def fits(device: str, energy: str) -> bool:
    """Whether a device keeps that energy away."""
    return device in _BY_ENERGY.get(energy, ())


def proves(proof: str, device: str) -> bool:
    """Whether a way of trying tells anything of a device."""
    return proof in _PROOFS_OF.get(device, ())


def proofs_of(device: str) -> tuple[str, ...]:
    """Ways of trying a device, the first the usual one."""
    return _PROOFS_OF[device]


def as_type(device: str) -> str:
    """The device as ``facts.ISOLATIONS`` has it: two valves with a bleed are valves to the standard, which wants a
    blind plate where matter flammable or toxic was held."""
    return "VALVE_LOCK" if device == "DOUBLE_BLOCK" else device
