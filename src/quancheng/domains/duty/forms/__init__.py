"""What people type into the pages of this domain; shapes alone, the rules stand in the services."""
