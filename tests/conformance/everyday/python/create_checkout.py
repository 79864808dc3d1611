"""Opens a checkout for a product."""

import os
import sys

from polar import PolarError
from polar.v2026_10 import Polar
from polar.v2026_10.errors import HTTPValidationError

client = Polar(os.environ["POLAR_ACCESS_TOKEN"], base_url=os.environ["POLAR_BASE_URL"])

try:
    checkout = client.checkouts.create(
        products=[os.environ["PRODUCT_ID"]], customer_email="ada@example.com"
    )
    print(checkout.status)
except HTTPValidationError:
    print("this product is not for sale")
except PolarError as error:
    sys.exit(f"Polar: {error}")
