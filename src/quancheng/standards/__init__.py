"""Law and standards as pure functions: one module a standard, steps beside the result, nothing of ours, no Django.

What is wrong or in doubt is told by machine codes; pages put the words.
"""
