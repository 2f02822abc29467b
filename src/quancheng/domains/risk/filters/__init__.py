"""Filters of this domain's lists."""
