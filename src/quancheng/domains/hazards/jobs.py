"""Periodic and queued work of 隐患."""
