"""Imports (导入): one way for every register, from the template to the undo."""

from quancheng.kernel.exchange.imports.declare import Register, Row, Session, Standing, register, registers_for

__all__ = ["Register", "Row", "Session", "Standing", "register", "registers_for"]
