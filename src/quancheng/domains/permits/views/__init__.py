"""Pages of special work (作业): one module a subject."""
