"""The engines that one machine needs, started from Python wheels: PostgreSQL, NATS, the telemetry store."""
