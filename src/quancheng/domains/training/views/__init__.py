"""Pages of people at work (人员)."""
