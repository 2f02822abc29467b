"""Pages of 隐患."""
