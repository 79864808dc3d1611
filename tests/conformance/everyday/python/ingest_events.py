"""Reports two events of a customer, each of which counts once."""

import os
import sys

from polar import PolarError
from polar.v2026_10 import Polar

client = Polar(os.environ["POLAR_ACCESS_TOKEN"], base_url=os.environ["POLAR_BASE_URL"])

try:
    events = [
        {"name": "api_call", "external_customer_id": "ada", "external_id": number}
        for number in ("1", "2")
    ]
    result = client.events.ingest(events=events)
    print(f"{result.inserted} new, {result.duplicates or 0} known")
except PolarError as error:
    sys.exit(f"Polar: {error}")
