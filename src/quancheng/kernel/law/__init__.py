"""Laws, standards, criteria, checklists (法规标准) as dated data: a rule counts as it stood on the day of the fact."""
