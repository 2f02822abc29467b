"""What people type into the pages of 风险."""
