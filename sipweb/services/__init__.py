"""Use cases: plain values and the acting person in, one transaction, one audit entry, frozen records out."""
