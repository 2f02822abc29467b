"""Writes of hidden dangers (隐患): each a verb, in one transaction, for an actor."""
