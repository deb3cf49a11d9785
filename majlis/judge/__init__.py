"""The pure core: a submission, guidelines, evidence and a policy go in; a decision with its trace comes out.

Nothing here reads a file, a clock or a network, so a decision can be made again years later from
what was kept.
"""
