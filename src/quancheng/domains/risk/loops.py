"""Closed loops of 风险: states, moves, who owes them and by when."""
