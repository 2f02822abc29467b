"""Where readings lie (时序库): ClickHouse, embedded or not."""
