// Opens a checkout for a product.

import { PolarError } from "@polar-sh/sdk";
import { createPolar, errors } from "@polar-sh/sdk/2026-10";

const polar = createPolar({
  accessToken: process.env.POLAR_ACCESS_TOKEN,
  baseUrl: process.env.POLAR_BASE_URL,
});

try {
  const checkout = await polar.checkouts.create({
    products: [process.env.PRODUCT_ID],
    customer_email: "ada@example.com",
  });
  console.log(checkout.status);
} catch (error) {
  if (error instanceof errors.HTTPValidationError) {
    console.log("this product is not for sale");
    process.exit();
  }
  if (!(error instanceof PolarError)) throw error;
  console.error(`Polar: ${error.message}`);
  process.exitCode = 1;
}
