"""Reads of permits of special work (作业票), scoped, ready for their pages."""
