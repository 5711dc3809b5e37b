"""The ports that the emulator listens on.

With TLS on, ministack also listens on port 443 when the port is free. Here it listens only on the port that it was
started with.
"""


def apply() -> None:
    """Have ministack find that no other port is free."""
    from ministack import app

    app._port_is_bindable = lambda _host, _port: False
