"""Reads of monitoring (监测): scoped, ordered, ready for their pages."""
