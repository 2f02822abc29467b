"""Every write of this domain, as a verb; one file a subject."""
