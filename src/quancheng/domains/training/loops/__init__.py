"""Loops of people at work: what must be done by whom until when."""
