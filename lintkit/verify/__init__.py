"""The tree against a live cluster: what must be true there, and whether it is.

expectation.py   what is expected, what was found
promises.py      the tree as the probes see it
probes/          one probe per file: pure expectations, each with its question
cluster.py       what may be asked of a cluster, whoever answers: `client.py`, or a recording
live.py          one round of questions: every list is fetched once
run.py           asks, in parallel, and again while there is time
"""
