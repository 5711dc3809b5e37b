"""The error of the local runner that is meant for its user."""


class UserError(Exception):
    """Something the user can put right: its message is one line that says what to do.

    The command line prints the message alone, without a traceback, and exits with code 2.
    """
