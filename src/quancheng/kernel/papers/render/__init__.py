"""Official papers and reports as bytes: a frozen text in, PDF or DOCX out; no database, no clock."""
