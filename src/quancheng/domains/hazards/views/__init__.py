"""Pages of 隐患: one module a subject."""
