"""The part of 风险 in the demo district."""
