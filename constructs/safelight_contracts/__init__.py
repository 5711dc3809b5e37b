"""What the library, the functions and the command line must agree on: values, and how each is written and read.

Standard library only. It is bundled into every function.
"""
