"""Telling upper platforms (上级平台): how batches are encrypted, sent and answered, whatever records they hold.

What is told, and when it goes, is kept by the domains; no table here.
"""
