"""Pages of papers, of their service, and of form letters."""
