"""Loops of monitoring (监测): who answers an alarm or a warning, and by when."""
