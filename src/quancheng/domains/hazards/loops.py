"""Closed loops of 隐患: states, moves, who owes them and by when."""
