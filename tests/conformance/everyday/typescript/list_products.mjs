// Lists the products that are on sale.

import { PolarError } from "@polar-sh/sdk";
import { createPolar } from "@polar-sh/sdk/2026-10";

const polar = createPolar({
  accessToken: process.env.POLAR_ACCESS_TOKEN,
  baseUrl: process.env.POLAR_BASE_URL,
});

try {
  const products = await polar.products.list({ is_archived: false });
  for (const product of products.items) {
    console.log(product.name);
  }
} catch (error) {
  if (!(error instanceof PolarError)) throw error;
  console.error(`Polar: ${error.message}`);
  process.exitCode = 1;
}
