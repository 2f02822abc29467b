"""Pages of risk (风险分级管控)."""
