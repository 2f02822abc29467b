"""Reads of risk (风险分级管控): scoped, ordered, ready for their pages."""
