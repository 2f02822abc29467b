"""Signals (监测信号): units, qualities, limits, alarms and the formats in which readings arrive.

Pure functions and small state objects: bytes or numbers in, readings, events or verdicts out; no clock, no network, no
database. Figures carry their marks; ``docs/signals-standards.md`` says what stands where and what was decided.
"""
