"""What people type about permits of special work (作业票)."""
