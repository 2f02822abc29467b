"""What reads the stream: decodes, judges, writes, raises alarms (处理器)."""
