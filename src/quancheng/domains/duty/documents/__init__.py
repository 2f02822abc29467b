"""Turns an uploaded plan document (DOCX, text PDF, TXT, pasted text) into source lines, in a guarded child process."""
