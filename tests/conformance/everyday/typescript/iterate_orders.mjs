// Lists the totals of all orders, page after page.

import { PolarError } from "@polar-sh/sdk";
import { createPolar } from "@polar-sh/sdk/2026-10";

const polar = createPolar({
  accessToken: process.env.POLAR_ACCESS_TOKEN,
  baseUrl: process.env.POLAR_BASE_URL,
});

try {
  for await (const order of polar.orders.iterList({ limit: 2 })) {
    console.log(order.total_amount);
  }
} catch (error) {
  if (!(error instanceof PolarError)) throw error;
  console.error(`Polar: ${error.message}`);
  process.exitCode = 1;
}
