"""Reads of 隐患: scoped, ordered, ready for their pages."""
