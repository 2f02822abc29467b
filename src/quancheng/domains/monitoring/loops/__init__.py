"""Loops of monitoring (监测): who answers an alarm, and by when."""
