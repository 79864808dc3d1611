// Reports two events of a customer, each of which counts once.

import { PolarError } from "@polar-sh/sdk";
import { createPolar } from "@polar-sh/sdk/2026-10";

const polar = createPolar({
  accessToken: process.env.POLAR_ACCESS_TOKEN,
  baseUrl: process.env.POLAR_BASE_URL,
});

try {
  const events = ["1", "2"].map((id) => ({
    name: "api_call",
    external_customer_id: "ada",
    external_id: id,
  }));
  const result = await polar.events.ingest({ events: events });
  console.log(`${result.inserted} new, ${result.duplicates ?? 0} known`);
} catch (error) {
  if (!(error instanceof PolarError)) throw error;
  console.error(`Polar: ${error.message}`);
  process.exitCode = 1;
}
