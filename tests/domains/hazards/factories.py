"""The smallest valid rows of 隐患."""
