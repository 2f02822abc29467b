"""Audit of permits (作业票审计): 96 rules over what became of a permit, a score, and rules over an enterprise.

What the checks refuse beforehand the audit finds afterwards, on permits of any system: :mod:`shapes` is what is known
of one permit, :mod:`registry` runs the rules of ``data/audit_rules.csv`` over it, :mod:`enterprise` those over many.
"""
