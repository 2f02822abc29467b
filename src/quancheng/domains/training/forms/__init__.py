"""What people type into the pages of people at work (人员)."""
