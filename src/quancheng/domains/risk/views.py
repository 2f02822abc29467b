"""Pages of 风险."""
