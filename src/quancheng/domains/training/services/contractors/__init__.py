"""Writes about contractors (承包商)."""
