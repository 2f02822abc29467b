"""What people type into the pages of 隐患: one module a subject."""
