"""Refusal checks and prohibitions over the facts of a permit (拒签检查、禁止事项)."""
