"""Every write to permits of special work (作业票)."""
