"""Writes about experts, inspectors and agencies (专家库、机构库)."""
