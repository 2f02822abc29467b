"""The smallest valid rows of 风险."""
