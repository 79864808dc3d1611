// The everyday calls of the official TypeScript client, against MockPolar.
//
//   node everyday.mjs URL TOKEN
//
// Writes a line of JSON with what came of them.

import http from "node:http";
import { once } from "node:events";
import { createPolar, webhooks } from "@polar-sh/sdk/2026-10";

const [, , baseUrl, accessToken] = process.argv;
const polar = createPolar({ accessToken, baseUrl });

// A receiver that verifies what it gets.
const verified = [];
let secret;
const receiver = http.createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  try {
    const headers = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => [name, request.headers[name] ?? ""]);
    const event = await webhooks.validateEvent(body, Object.fromEntries(headers), secret);
    verified.push(event.type);
    response.writeHead(202).end();
  } catch (error) {
    verified.push(`${error.name}: ${error.message}`);
    response.writeHead(403).end();
  }
  receiver.emit("verified");
});
receiver.listen(0, "127.0.0.1");
await once(receiver, "listening");
const url = `http://127.0.0.1:${receiver.address().port}/`;
const endpoint = await polar.webhooks.createWebhookEndpoint({ url, format: "raw", events: ["checkout.created"] });
secret = endpoint.secret;

const products = await polar.products.list();
const product = products.items.find((item) => item.name === "Pro");
const checkout = await polar.checkouts.create({ products: [product.id], customer_email: "ada@example.com" });
while (!verified.length) await once(receiver, "verified");
receiver.close();

const events = [{ name: "api_call", external_customer_id: "ada", external_id: "ts-1" }];
const first = await polar.events.ingest({ events });
const second = await polar.events.ingest({ events });

const orders = [];
for await (const order of polar.orders.iterList({ limit: 2 })) orders.push(order.total_amount);

let missing;
try {
  await polar.orders.get("00000000-0000-4000-8000-000000000000");
} catch (error) {
  missing = error.name;
}
console.log(JSON.stringify({
  products: products.items.map((item) => item.name), checkout: checkout.status, verified,
  ingested: [first.inserted, second.duplicates], orders, missing,
}));
