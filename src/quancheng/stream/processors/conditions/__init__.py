"""What is told of a tag beside its limits: rate of change, silence, a stuck value, a faulty instrument."""
