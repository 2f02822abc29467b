"""Closed loops of risk."""
