"""Rules that a repository brings: files in `.lintkit/rules`, judged by expressions in CEL.

load.py      rule files -> rules as the engine knows them
spec.py      what a rule file may say
judge.py     objects, expressions -> findings
places.py    `spec.containers[0].image` -> where that stands
examples.py  runs the examples of a rule
"""
