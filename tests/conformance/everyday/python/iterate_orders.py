"""Lists the totals of all orders, page after page."""

import os
import sys

from polar import PolarError
from polar.v2026_10 import Polar

client = Polar(os.environ["POLAR_ACCESS_TOKEN"], base_url=os.environ["POLAR_BASE_URL"])

try:
    for order in client.orders.iter_list(limit=2):
        print(order.total_amount)
except PolarError as error:
    sys.exit(f"Polar: {error}")
