"""Code lists (字典): codes with labels, aliases, dates and a mark of certainty, changed by people, never silently."""
