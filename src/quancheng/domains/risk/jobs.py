"""Periodic and queued work of 风险."""
