"""An offline LINE platform: a program of its own, for trial, tests and benchmarks.

It imports nothing of the product and the product knows nothing of it; the two talk HTTP only.
"""
