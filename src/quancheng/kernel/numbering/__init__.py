"""Document numbers (文号): one counter per organisation, kind and year; no gap, no number twice."""
