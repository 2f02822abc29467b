"""Closed loops of monitoring (监测)."""
