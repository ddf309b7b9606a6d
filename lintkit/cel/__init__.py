"""CEL, the Common Expression Language, as Kubernetes' admission policies use it; knows nothing of lintkit.

`cel-python` reads the text of an expression, the modules here turn its parse tree into a program. Every program runs
within a budget of steps, the same on every machine. Why not the library's own evaluator: docs/decisions/0010.

    compile.py      text -> Program; unknown names are errors with their place
    macros.py       all, exists, map, filter ...
    operators.py    + - * / %, comparisons, fields and indexes
    values.py       what a CEL value is in Python; equality and order
    times.py        timestamps and durations, to the nanosecond
    parse.py        the one module that imports cel-python
    functions/      the library: one file per family; what Kubernetes 1.35 registers
"""
