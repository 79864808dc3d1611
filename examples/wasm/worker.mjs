// The program as a Cloudflare Worker. wasm-bindgen writes the two modules beside it, with `--target web`.

import { initSync, Inbox, Shop } from "./wasm_shop.js";
import wasm from "./wasm_shop_bg.wasm";

initSync({ module: wasm });

let inbox;

export default {
    async fetch(request, env) {
        const url = new URL(request.url);
        inbox ??= new Inbox(env.POLAR_WEBHOOK_SECRET);
        if (url.pathname === "/webhooks") {
            const body = new Uint8Array(await request.arrayBuffer());
            return new Response(null, { status: await inbox.receive(body, request.headers) });
        }
        if (url.pathname === "/changed") {
            return Response.json(inbox.changed);
        }
        // A request can't wait for what another one began, so each has a separate client. That costs little:
        // connections belong to the platform.
        const shop = new Shop(env.POLAR_ACCESS_TOKEN, env.POLAR_SERVER, 10_000, 25_000);
        try {
            if (url.pathname === "/products") {
                return Response.json(await shop.products());
            }
            if (url.pathname === "/checkout") {
                const { product, user } = Object.fromEntries(url.searchParams);
                return Response.redirect(await shop.checkout(product, user), 303);
            }
            return new Response("not found", { status: 404 });
        } catch (error) {
            return new Response(error.message, { status: 502 });
        } finally {
            shop.free();
        }
    },
};
