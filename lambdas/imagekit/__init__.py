"""Pure image logic: bytes in, values out. It knows no AWS client and reads no environment."""
