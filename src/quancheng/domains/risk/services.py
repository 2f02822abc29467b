"""Writes of 风险: each a verb, in one transaction, for an actor."""
