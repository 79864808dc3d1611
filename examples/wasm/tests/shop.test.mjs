// Runs the program in node and in workerd, the engine of Cloudflare Workers, against a server on the loopback interface.
//
// `cargo xtask platforms wasm` sets `WASM_SHOP` to the directory with the modules: those for node in `node`, and those for
// Workers in `web`. Without the package workerd, the tests run in node only.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline, Readable } from "node:stream";
import { after, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const TOKEN = "polar_oat_hidden";
const SECRET = "whsec_" + Buffer.from("a secret of twenty-four b").toString("base64");
const PRODUCT = JSON.parse(readFileSync(file("../../../tests/fixtures/product-recurring.json")));

function file(path) {
    return fileURLToPath(new URL(path, import.meta.url));
}

/** What the server does with a request, and the requests that came. */
let reply;
let requests;

const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const { method, headers } = request;
    const url = new URL(request.url, "http://localhost");
    const one = { method, headers, url, body: Buffer.concat(parts).toString(), time: performance.now() };
    requests.push(one);
    response.on("close", () => (one.wasCut = !response.writableFinished));
    await reply(response, one, requests.length);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = `http://127.0.0.1:${server.address().port}`;
after(() => server.close());

function json(response, status, body, headers = {}) {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** A list of five products in pages of two. */
function page(response, { url }) {
    const number = Number(url.searchParams.get("page") ?? 1);
    const ids = [1, 2, 3, 4, 5].slice(2 * number - 2, 2 * number);
    const items = ids.map((id) => ({ ...PRODUCT, name: `product ${id}` }));
    json(response, 200, { items, pagination: { total_count: 5, max_page: 3 } });
}

/** The program in node. */
async function node() {
    const { Inbox, Shop } = await import(join(process.env.WASM_SHOP, "node/wasm_shop.js"));
    const inbox = new Inbox(SECRET);
    return {
        name: "node",
        open: (...settings) => new Shop(...settings),
        receive: (body, headers) => inbox.receive(Buffer.from(body), new Headers(headers)),
        changed: () => inbox.changed,
    };
}

/** The program in workerd: the Worker of this example, and one that calls what a test asks for. */
async function workerd(program) {
    const directory = join(process.env.WASM_SHOP, "web");
    for (const path of ["../worker.mjs", "calls.mjs", "workerd.capnp"]) {
        copyFileSync(file(path), join(directory, path.split("/").pop()));
    }
    const env = { POLAR_ACCESS_TOKEN: TOKEN, POLAR_SERVER: address, POLAR_WEBHOOK_SECRET: SECRET };
    const stdio = ["ignore", "pipe", "inherit"];
    const child = spawn(program, ["serve", "workerd.capnp", "--control-fd=1"], { cwd: directory, env, stdio });
    after(() => child.kill());
    const sockets = {};
    for await (const line of createInterface({ input: child.stdout })) {
        const { event, socket, port } = JSON.parse(line);
        if (event === "listen") sockets[socket] = `http://127.0.0.1:${port}`;
        if (sockets.shop && sockets.calls) break;
    }
    const call = async (settings, method, args) => {
        const body = JSON.stringify({ settings, method, args });
        const { value, error } = await (await fetch(sockets.calls, { method: "POST", body })).json();
        if (error !== undefined) throw new Error(error);
        return value;
    };
    return {
        name: "workerd",
        shop: sockets.shop,
        open: (...settings) => ({
            products: (...args) => call(settings, "products", args),
            checkout: (...args) => call(settings, "checkout", args),
            replaceSecret: (...args) => call(settings, "replaceSecret", args),
        }),
        receive: async (body, headers) =>
            (await fetch(`${sockets.shop}/webhooks`, { method: "POST", body, headers })).status,
        changed: async () => (await fetch(`${sockets.shop}/changed`)).json(),
    };
}

const names = [1, 2, 3, 4, 5].map((id) => `product ${id}`);

/** The headers of a webhook as Polar signs it. */
function signed(body, { id = "msg_1", time = Date.now(), secret = SECRET } = {}) {
    const seconds = String(Math.floor(time / 1000));
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const signature = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
    return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": `v1,${signature}` };
}

const engines = [await node()];
const installed = await import("workerd").catch(() => undefined);
if (installed) engines.push(await workerd(installed.default.default));

for (const engine of engines) describe(engine.name, { timeout: 60_000 }, () => {
    beforeEach(() => {
        requests = [];
        reply = () => assert.fail("the test expects no request");
    });

    const open = ({ server = address, attempt = 5_000, total = 20_000 }) => engine.open(TOKEN, server, attempt, total);

    test("a list is read page after page", async () => {
        reply = page;
        assert.deepEqual(await open({}).products(), names);
        assert.deepEqual(requests.map(({ url }) => url.searchParams.get("page")), ["1", "2", "3"]);
        const [{ headers, url }] = requests;
        assert.equal(url.pathname, "/v1/products/");
        assert.equal(headers.authorization, `Bearer ${TOKEN}`);
        assert.match(headers["polar-version"], /^\d{4}-\d{2}$/);
    });

    test("a 503 is retried after the time that the server asks for", async () => {
        reply = (response, request, count) =>
            count === 1 ? json(response, 503, {}, { "retry-after": "1" }) : page(response, request);
        assert.deepEqual(await open({}).products(), names);
        assert.equal(requests.length, 4);
        const waited = requests[1].time - requests[0].time;
        assert.ok(waited >= 990 && waited < 5_000, `${waited} ms`);
    });

    test("an attempt that takes too long is cancelled and repeated", async () => {
        reply = (response, request, count) => count > 1 && page(response, request);
        assert.deepEqual(await open({ attempt: 300 }).products(), names);
        assert.equal(requests[0].wasCut, true);
    });

    test("a response that stops halfway ends with the attempt", async () => {
        reply = (response, request, count) => {
            if (count > 1) return page(response, request);
            response.writeHead(200, { "content-type": "application/json" }).write('{"items": [');
        };
        assert.deepEqual(await open({ attempt: 300 }).products(), names);
        assert.equal(requests[0].wasCut, true);
    });

    test("a call whose time ends is cancelled", async () => {
        const cut = new Promise((resolve) => (reply = (response) => response.on("close", resolve)));
        await assert.rejects(open({ total: 300 }).products(), /products:list/);
        await cut;
        assert.equal(requests.length, 1);
    });

    test("a response without end is cut off", async () => {
        const part = Buffer.alloc(1 << 20, " ");
        function* parts() {
            while (true) yield part;
        }
        reply = (response) => {
            response.writeHead(200, { "content-type": "application/json" });
            // It ends with an error, when the client closes the connection.
            pipeline(Readable.from(parts()), response, () => {});
        };
        await assert.rejects(open({}).products(), /too large/);
        assert.equal(requests.length, 1);
    });

    test("the deadline of a call bounds all attempts and waits", async () => {
        reply = () => {};
        const start = performance.now();
        await assert.rejects(open({ attempt: 300, total: 1_000 }).products(), /products:list/);
        const took = performance.now() - start;
        assert.ok(took >= 300 && took < 3_000, `${took} ms`);
        assert.ok(requests.every(({ wasCut }) => wasCut !== false));
    });

    test("a POST that may have been processed is sent once", async () => {
        reply = (response) => response.destroy();
        await assert.rejects(open({}).checkout(PRODUCT.id, "user_1"), /checkouts:create/);
        assert.equal(requests.length, 1);
        const [{ method, headers, body }] = requests;
        assert.equal(method, "POST");
        assert.equal(headers["content-type"], "application/json");
        assert.equal(headers["content-length"], String(body.length));
        assert.deepEqual(JSON.parse(body).products, [PRODUCT.id]);
    });

    test("a PATCH without a body has the length zero", async () => {
        const endpoint = {
            created_at: "2026-10-05T09:00:00Z",
            modified_at: null,
            id: PRODUCT.id,
            url: "https://example.com/hook",
            name: null,
            format: "raw",
            secret: "polar_whs_new",
            organization_id: PRODUCT.organization_id,
            events: ["order.paid"],
            enabled: true,
            api_version: "2026-10",
            uses_standard_webhook_signature: true,
        };
        reply = (response) => json(response, 200, endpoint);
        assert.equal(await open({}).replaceSecret(PRODUCT.id), "polar_whs_new");
        const [{ method, headers, body }] = requests;
        assert.deepEqual([method, body, headers["content-length"]], ["PATCH", "", "0"]);
    });

    test("a call that may have been processed says so", async () => {
        reply = (response) => response.destroy();
        await assert.rejects(open({}).replaceSecret(PRODUCT.id), /it may have been replaced/);
        assert.equal(requests.length, 1);
    });

    test("a redirect is an error, and nothing goes to its target", async () => {
        reply = (response) => response.writeHead(307, { location: `${address}/elsewhere` }).end();
        await assert.rejects(open({}).products(), /307/);
        assert.deepEqual(requests.map(({ url }) => url.pathname), ["/v1/products/"]);
    });

    test("errors of the API are told without the token", async () => {
        reply = (response) => json(response, 401, { error: "invalid_token", error_description: `unknown: ${TOKEN}` });
        await assert.rejects(open({}).products(), (error) => /401/.test(error.message) && !error.message.includes(TOKEN));
    });

    test("a webhook is verified, decoded, and handled once", async () => {
        const event = { type: "product.updated", timestamp: "2026-10-05T09:00:00Z", api_version: "2026-10", data: PRODUCT };
        const body = JSON.stringify(event);
        const { receive } = engine;
        assert.equal(await receive(body, signed(body)), 204);
        assert.equal(await receive(body, signed(body)), 204);
        assert.deepEqual(await engine.changed(), [PRODUCT.name]);

        assert.equal(await receive(`${body} `, signed(body)), 401);
        assert.equal(await receive(body, signed(body, { time: Date.now() - 600_000 })), 401);
        assert.equal(await receive(body, signed(body, { time: Date.now() + 600_000 })), 401);
        assert.equal(await receive(body, {}), 401);
        const other = "whsec_" + Buffer.from("another secret of some b.").toString("base64");
        assert.equal(await receive(body, signed(body, { secret: other })), 401);
    });
});

describe("node only", { timeout: 60_000 }, () => {
    const open = (server) => engines[0].open(TOKEN, server, 5_000, 20_000);

    test("a call that was not sent says so", async () => {
        const closed = createServer();
        await new Promise((resolve) => closed.listen(0, "127.0.0.1", resolve));
        const { port } = closed.address();
        await new Promise((resolve) => closed.close(resolve));
        const call = open(`http://127.0.0.1:${port}`).replaceSecret(PRODUCT.id);
        await assert.rejects(call, /could not connect.*it was not replaced/);
    });

    test("the rate limiter lets a burst through and spreads the rest", async () => {
        requests = [];
        reply = page;
        const shop = open(address);
        const start = performance.now();
        await Promise.all(Array.from({ length: 20 }, () => shop.products()));
        const took = performance.now() - start;
        // 500 a minute: a burst of 50, and 7.5 a second.
        assert.equal(requests.length, 60);
        assert.ok(took >= 1_000 && took < 10_000, `${took} ms`);
    });
});

describe("the Worker", { timeout: 60_000, skip: engines[1] ? false : "workerd is not installed" }, () => {
    beforeEach(() => (requests = []));

    test("requests at once have clients of their own", async () => {
        reply = page;
        const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`${engines[1].shop}/products`)));
        for (const answer of answers) assert.deepEqual(await answer.json(), names);
        assert.equal(requests.length, 60);
    });

    test("an error of the API is answered with 502", async () => {
        reply = (response) => json(response, 403, { error: "insufficient_scope" });
        const answer = await fetch(`${engines[1].shop}/checkout?product=${PRODUCT.id}&user=user_1`);
        assert.equal(answer.status, 502);
        assert.match(await answer.text(), /checkouts:create.*403/);
    });
});
