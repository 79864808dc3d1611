// Walks the shop in Chromium, and takes a screenshot of each page at the width of a desktop and of a phone.
//
//   node walk.mjs SHOP_URL CHROMIUM FOLDER

import { chromium } from "playwright-core";

const [, , shop, executablePath, folder] = process.argv;
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
const page = await browser.newPage();
const problems = [];
page.on("pageerror", (error) => problems.push(`script: ${error}`));
page.on("response", (response) => {
  if (response.status() >= 400 && !response.url().endsWith("/favicon.ico")) {
    problems.push(`${response.status()} at ${response.url()}`);
  }
});

/** Takes a page's pictures, and fails if it is wider than the window. */
async function shoot(name) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    await page.screenshot({ path: `${folder}/${name}-${size}.png`, fullPage: true });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) problems.push(`${name} is ${over} px too wide on a ${size}`);
  }
  await page.setViewportSize(SIZES.desktop);
}

async function see(text) {
  await page.getByText(text).first().waitFor({ timeout: 10_000 });
}

await page.goto(shop);
await see("PDFs from HTML");
await shoot("1-pricing");

await page.getByRole("link", { name: "Sign in" }).click();
await shoot("2-sign-in");
await page.getByRole("button", { name: "Continue" }).click();
await see("No plan yet.");

await page.getByRole("link", { name: "Pricing" }).click();
await page.locator("article", { hasText: "Pro" }).getByRole("button", { name: "Subscribe" }).last().click();
await see("no money moves");
await shoot("3-checkout");
await page.getByRole("button", { name: /^Pay/ }).click();

await see("Your account");
// Webhooks bring the order and the benefits, each in its own time.
const deadline = Date.now() + 15_000;
while (!(await page.locator(".badge.paid").count()) || !(await page.getByText("Priority support").count())) {
  if (Date.now() > deadline) throw new Error(`no paid order with benefits: ${await page.locator("main").innerText()}`);
  await page.reload();
}
for (let call = 0; call < 3; call++) await page.getByRole("button", { name: "Make a call" }).click();
await see("of 1000 calls");
const usage = await page.locator("#usage").innerText();
if (!usage.startsWith("3 of 1000")) problems.push(`usage: ${usage}`);
await shoot("4-account");

await page.getByRole("link", { name: "Open the Pro page" }).click();
await see("Welcome to Pro");
await shoot("5-pro");

await page.goto(`${shop}/portal`);
await see("MockPolar portal");
await shoot("6-portal");

await page.goto(`${shop}/admin`);
await shoot("7-admin");
await page.getByRole("button", { name: "Refund" }).click();
await page.locator(".badge.refunded").waitFor({ timeout: 10_000 });
await shoot("8-refunded");

await browser.close();
if (problems.length) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`walked ${shop}`);
