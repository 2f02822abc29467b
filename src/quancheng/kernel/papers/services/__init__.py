"""Writes of papers: drafting, signing, service and reply, templates."""
