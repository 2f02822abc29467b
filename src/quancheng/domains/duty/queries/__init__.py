"""Every read of this domain, scoped; one file a subject."""
