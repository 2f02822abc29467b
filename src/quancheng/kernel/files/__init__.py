"""Evidence and documents (附件): stored by content, typed by their bytes, reached only through a record."""
