"""Reads of people at work (人员): scoped, ordered, ready for their pages."""
