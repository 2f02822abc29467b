"""The part of 隐患 in the demo district."""
