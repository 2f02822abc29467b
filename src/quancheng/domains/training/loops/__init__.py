"""Closed loops of people at work (人员)."""
