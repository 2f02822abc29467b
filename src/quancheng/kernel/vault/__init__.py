"""Personal identifiers: encrypted, found by blind index, masked by role, unmasked with a reason (保密库)."""
