"""Writes of the ladder: reminders, climbing, deciding."""
