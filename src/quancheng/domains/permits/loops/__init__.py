"""Closed loops of special work (特殊作业): one permit from request to close."""
