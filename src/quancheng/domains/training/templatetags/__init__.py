"""Template tags of people at work."""
