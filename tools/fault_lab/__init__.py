"""Puts a fault in front of each AWS call of a workflow, one at a time, and shows the outcome of each upload.

The services themselves work. The lab answers in their place, or loses their answer.
"""
