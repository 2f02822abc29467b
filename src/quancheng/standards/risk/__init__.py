"""Risk standards (风险分级管控、隐患排查): methods that grade a risk, the grading of enterprises, the rhythm of checks,
the figures by which dual prevention is judged.

Each module is one method: pure functions over what is given, with steps, doubts and the mark of how sure we are. What a
district may set comes as a parameter with our default; tables stand in ``data`` and carry their marks.
"""
