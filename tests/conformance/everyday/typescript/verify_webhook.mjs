// Verifies a webhook, which comes as headers and body, and handles its event.

import { readFileSync } from "node:fs";
import { webhooks } from "@polar-sh/sdk/2026-10";

const [headers, body] = JSON.parse(readFileSync(0, "utf8"));
try {
  const event = await webhooks.validateEvent(body, headers, process.env.POLAR_WEBHOOK_SECRET);
  if (event.type === "order.paid") {
    console.log(`paid: ${event.data.total_amount}`);
  } else {
    console.log(`ignored: ${event.type}`);
  }
} catch (error) {
  if (error instanceof webhooks.PolarWebhookUnknownTypeError) {
    console.log(`ignored: ${JSON.parse(body).type}`);
    process.exit();
  }
  if (!(error instanceof webhooks.PolarWebhookVerificationError)) throw error;
  console.error(`refused: ${error.message}`);
  process.exitCode = 1;
}
