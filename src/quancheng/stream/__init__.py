"""The signal flow: gateways, processors, store (信号流)."""
