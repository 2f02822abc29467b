"""How dates are written in fields: as the browser's own date field takes them, in every language."""
