"""What a page asks for that is not there."""


class NotFoundError(Exception):
    """There is no such workflow, execution, delivery or picture."""
