"""Tables of 风险: what is stored, and what must always be true of it."""
