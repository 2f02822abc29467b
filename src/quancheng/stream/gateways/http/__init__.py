"""Batches of readings over HTTP (HTTP 批量接入): the server, what it remembers of batches, its words."""
