"""Writes of people at work (人员): each a verb, in one transaction, for an actor."""
