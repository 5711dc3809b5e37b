"""One process of `bench/delivery/requests.py`: what the function does between its reads and writes, behind HTTP.

It prints its port. ``GET /FORMAT`` answers the file of that type, named in the arguments, scaled to the width of the
first argument. The URL is parsed, the header is checked, and the worker makes the image, as in the function.
"""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from bench.delivery.settings import OPEN
from deliverykit.plans import plan_of
from imagekit.decoding.limits import inspect
from imagekit.operations.delivered import DeliveredImage, EncodedImage
from imagekit.sandbox.delivery import make_in_sandbox, worker
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.request_urls import split_url
from safelight_contracts.limits import Limits

_LIMITS = Limits()


def make(data: bytes, *, query: str) -> DeliveredImage:
    """Make an image from a file in memory."""
    source = EncodedImage(data=data, header=inspect(data, limits=_LIMITS))
    plan = plan_of(split_url("/photograph", query), settings=OPEN)
    return make_in_sandbox(source, plan=plan, accepted=AcceptedType.PLAIN, limits=_LIMITS)


def main() -> None:
    """Serve until this process is ended."""
    width, *files = sys.argv[1:]
    sources = {Path(file).suffix[1:]: Path(file).read_bytes() for file in files}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Otherwise the body waits until the client has confirmed the headers. Node.js does the same.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            image_format = self.path[1:]
            made = make(sources[image_format], query=f"width={width}&format={image_format}")
            self.send_response(200)
            self.send_header("Content-Type", f"image/{image_format}")
            self.send_header("Content-Length", str(len(made.data)))
            self.end_headers()
            self.wfile.write(made.data)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    worker.start()
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
