"""Use cases: plain values and the actor in.

One transaction, one audit entry; frozen records out.
"""
