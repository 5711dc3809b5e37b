"""Where in an app a construct can be."""

from aws_cdk import Stack
from constructs import Construct


class ConstructInStack(Construct):
    """A construct that must be in a stack.

    Parameters
    ----------
    scope
        The parent construct: a stack, or a construct in one.
    id
        The id of this construct in the scope.

    Raises
    ------
    ValueError
        If the scope is not in a stack.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        if not any(Stack.is_stack(each) for each in scope.node.scopes):
            name, parent = type(self).__name__, type(scope).__name__
            raise ValueError(
                f"{name}: scope is an instance of {parent}, which is not in a stack. Pass a stack, such as "
                f"{name}(Stack(app, 'MyStack'), {id!r})."
            )
        super().__init__(scope, id)
