"""How the functions of redaction are built, one file each."""
