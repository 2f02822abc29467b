"""Pages of monitoring (监测)."""
