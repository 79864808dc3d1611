"""Verifies a webhook, which comes as headers and body, and handles its event."""

import json
import os
import sys

from polar.v2026_10.webhooks import (
    PolarWebhookUnknownTypeError,
    PolarWebhookVerificationError,
    validate_event,
)

headers, body = json.load(sys.stdin)
try:
    event = validate_event(body, headers, os.environ["POLAR_WEBHOOK_SECRET"])
    if event.type == "order.paid":
        print("paid:", event.data.total_amount)
    else:
        print("ignored:", event.type)
except PolarWebhookUnknownTypeError as error:
    print("ignored:", error.event_type)
except PolarWebhookVerificationError as error:
    sys.exit(f"refused: {error}")
