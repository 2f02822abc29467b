"""Reads of 风险: scoped, ordered, ready for their pages."""
