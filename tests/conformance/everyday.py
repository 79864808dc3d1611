"""The everyday calls of the official Python client, against MockPolar.

    python everyday.py URL TOKEN

Writes a line of JSON with what came of them.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from polar.v2026_10 import Polar
from polar.v2026_10.webhooks import validate_event

URL, TOKEN = sys.argv[1:]
verified = []
secret = None


class Receiver(BaseHTTPRequestHandler):
    """Verifies what it gets."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            verified.append(validate_event(body, dict(self.headers), secret).type)
            self.send_response(202)
        except Exception as error:
            verified.append(f"{type(error).__name__}: {error}")
            self.send_response(403)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    global secret
    client = Polar(TOKEN, base_url=URL, timeout=30.0)
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    endpoint = client.webhooks.create_webhook_endpoint(
        url=f"http://127.0.0.1:{server.server_port}/", format="raw", events=["checkout.created"]
    )
    secret = endpoint.secret
    products = client.products.list()
    product = next(item for item in products.items if item.name == "Pro")
    delivery = threading.Thread(target=server.handle_request)
    delivery.start()
    checkout = client.checkouts.create(products=[product.id], customer_email="ada@example.com")
    delivery.join(30)
    events = [{"name": "api_call", "external_customer_id": "ada", "external_id": "py-1"}]
    first = client.events.ingest(events=events)
    second = client.events.ingest(events=events)
    orders = [order.total_amount for order in client.orders.iter_list(limit=2)]
    missing = None
    try:
        client.orders.get("00000000-0000-4000-8000-000000000000")
    except Exception as error:
        missing = type(error).__name__
    print(
        json.dumps(
            {
                "products": [item.name for item in products.items],
                "checkout": checkout.status,
                "verified": verified,
                "ingested": [first.inserted, second.duplicates],
                "orders": orders,
                "missing": missing,
            }
        )
    )


main()
