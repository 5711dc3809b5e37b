import ssl
import stat
from pathlib import Path

from cryptography import x509

from safelight_local.emulator.certificate import write_certificate


def test_the_certificate_is_for_this_machine_only(tmp_path: Path) -> None:
    written = write_certificate(tmp_path)
    certificate = x509.load_pem_x509_certificate(written.certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "*.localhost"]
    assert [str(it) for it in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_the_key_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    assert stat.S_IMODE(write_certificate(tmp_path).key.stat().st_mode) == 0o600


def test_a_strict_client_and_server_load_certificate_and_key(tmp_path: Path) -> None:
    written = write_certificate(tmp_path)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(written.certificate, written.key)
    client = ssl.create_default_context(cafile=str(written.certificate))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    assert client.get_ca_certs()
