"""Writes HTML. Everything that this module did not make is escaped as text."""

from html import escape

from safelight_local.visible_text import visible_lines


class Markup(str):
    """Text that is markup. Only the functions below make it."""

    __slots__ = ()


def tag(name: str, *children: "str | Markup | None", **attributes: str | None) -> Markup:
    """Write an element.

    `name`: its name, such as ``figure``.
    `*children`: what it holds: text is escaped, and None is nothing.
    `**attributes`: its attributes, ``class_`` for the class; None leaves one out.
    """
    return Markup(f"{void(name, **attributes)}{joined(*children)}</{name}>")


def void(name: str, **attributes: str | None) -> Markup:
    """Write an element without content and end tag, such as ``img``."""
    given = {key.rstrip("_"): value for key, value in attributes.items() if value is not None}
    return Markup(
        f"<{name}" + "".join(f' {key}="{escape(visible_lines(value))}"' for key, value in given.items()) + ">"
    )


def joined(*children: "str | Markup | None") -> Markup:
    """Concatenate text and markup."""
    return Markup(
        "".join(it if isinstance(it, Markup) else escape(visible_lines(it)) for it in children if it is not None)
    )


def trusted(text: str) -> Markup:
    """Mark text of this package as markup, such as a style sheet or a diagram.

    `text`: It goes into the page as it is.
    """
    return Markup(text)
