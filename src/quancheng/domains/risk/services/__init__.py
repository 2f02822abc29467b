"""Writes of risk (风险分级管控): each a verb, in one transaction, for an actor."""
