"""Tables of 隐患: what is stored, and what must always be true of it."""
