"""Simulated sites (仿真): what the instruments of a district would send, from physics and a seed; nothing is real."""
