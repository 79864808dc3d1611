"""Lists the products that are on sale."""

import os
import sys

from polar import PolarError
from polar.v2026_10 import Polar

client = Polar(os.environ["POLAR_ACCESS_TOKEN"], base_url=os.environ["POLAR_BASE_URL"])

try:
    for product in client.products.list(is_archived=False).items:
        print(product.name)
except PolarError as error:
    sys.exit(f"Polar: {error}")
