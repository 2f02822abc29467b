"""Hidden dangers (事故隐患): criteria of the major ones, checklists, levels and terms, as data with marks.

Criteria and checklists are versioned data: what ships stands in ``standards/data``; the law register of a district
(``kernel.law``) is filled from it and may hold newer editions. Marks: V verified against a text, P in part, G general
knowledge to be verified before legal use, D a default of ours that a district may change.

Nothing here judges a place: which criterion is met is decided by a person.
"""
