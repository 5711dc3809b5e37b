"""Puts a fault in front of each AWS call that a workflow makes, one at a time, and shows what became of each upload.

The services are not broken: what they would answer is given in their place, or their answer is lost on its way.
"""
