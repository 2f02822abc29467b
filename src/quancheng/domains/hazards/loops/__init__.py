"""Closed loops of hidden dangers (隐患闭环)."""
