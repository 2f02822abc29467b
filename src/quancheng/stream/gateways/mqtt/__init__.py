"""MQTT 3.1.1 (设备经 MQTT 接入): codec, rules of topics, limits, sessions, the gateway, and a client for simulation."""
