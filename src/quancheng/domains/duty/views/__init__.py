"""Pages of this domain; one file a subject."""
