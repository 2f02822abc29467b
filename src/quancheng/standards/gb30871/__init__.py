"""Safety of special work (特殊作业) in enterprises of hazardous chemicals, by GB 30871-2022.

Data and pure functions: levels and upgrades (:mod:`levels`, :mod:`upgrades`), validity, gas (:mod:`gas`,
:mod:`gas_times`), roles and certificates, guardians, related permits, endings, forms and measures (:mod:`tickets`),
simultaneous work (:mod:`simops`), refusal checks and prohibitions over the facts of a permit (:mod:`facts`,
:mod:`checks.registry`). No clock, no calendar, no database: whoever asks brings times, calendar and facts along. Every
answer carries the code of its rule, the clause, how sure we are, and the fact that decided. ``docs/gb30871.md`` says
what is decided where the text is silent.
"""
