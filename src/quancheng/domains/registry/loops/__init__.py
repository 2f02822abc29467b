"""Closed loops of the registry."""
