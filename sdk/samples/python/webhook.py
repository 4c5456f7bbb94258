"""An endpoint for the bank's events: PORTICO_WEBHOOK_KEYS='whsec_…' python3 webhook.py

v1 needs Python's own library alone; v1a (Ed25519) the package `cryptography`.
"""

import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_SECONDS = 300
LONGEST = 1_048_576


class Refused(Exception):
    """The message is not the bank's, or somebody kept it."""


def holds(key, scheme, content, signature):
    """A key checks its own scheme and no other: a public key must never be taken for a shared secret."""
    kind, _, encoded = key.partition("_")
    if kind == "whsec" and scheme == "v1":
        own = hmac.new(base64.b64decode(encoded), content, hashlib.sha256).digest()
        return hmac.compare_digest(own, signature)
    if kind == "whpk" and scheme == "v1a":
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded)).verify(signature, content)
            return True
        except InvalidSignature:
            return False
    return False


def verified(keys, headers, body, now=None):
    """The event of a message, where a pinned key holds. `body`: the bytes that came, before anybody parsed them."""
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not message_id or not (timestamp.isascii() and timestamp.isdigit()):
        raise Refused("a header is missing")
    if abs((time.time() if now is None else now) - int(timestamp)) > TOLERANCE_SECONDS:
        raise Refused("it is too old, or from the future")
    content = f"{message_id}.{timestamp}.".encode() + body
    for one in headers.get("webhook-signature", "").split(" "):
        scheme, _, encoded = one.partition(",")
        try:
            signature = base64.b64decode(encoded, validate=True)
        except ValueError:
            continue
        if any(holds(key, scheme, content, signature) for key in keys):
            return {**json.loads(body), "id": message_id}
    raise Refused("no signature of it holds")


class Endpoint(BaseHTTPRequestHandler):
    keys = os.environ.get("PORTICO_WEBHOOK_KEYS", "").split()
    # In a program of yours a table with a unique key: an event may come twice, also after a restart.
    handled = set()

    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0"))
        if length > LONGEST:
            return self.answer(413)
        try:
            event = verified(self.keys, self.headers, self.rfile.read(length))
        except Refused:
            return self.answer(401)
        if event["type"] == "webhooks.challenge":
            return self.answer(200, {"challenge": event["data"]["challenge"]})
        # Answer at once and work afterwards.
        self.answer(204)
        if event["id"] not in self.handled:
            self.handled.add(event["id"])
            print(event["type"], event["id"], flush=True)

    def answer(self, status, body=None):
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """The journal of a web server is another program's work."""


if __name__ == "__main__":
    if not Endpoint.keys:
        raise SystemExit("PORTICO_WEBHOOK_KEYS: which keys were pinned?")
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Endpoint).serve_forever()
