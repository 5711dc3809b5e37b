"""How to install Safelight with all that its programs need."""

ADVICE = (
    "install the extra `local`: `pip install 'safelight-VERSION-py3-none-any.whl[local]'`, or "
    "`pip install '.[local]'` in the checkout"
)
"""What to do when a part is missing, as the end of a message. Safelight is installed from a checkout or a wheel."""
