"""Closed loops of monitoring (监测): who answers an alarm, an outage, a warning, and by when."""
