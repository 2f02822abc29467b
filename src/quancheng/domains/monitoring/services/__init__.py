"""Writes of monitoring (监测): each a verb, in one transaction, for an actor."""
