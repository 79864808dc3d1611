// A Worker that calls what a test asks for.

import { initSync, Shop } from "./wasm_shop.js";
import wasm from "./wasm_shop_bg.wasm";

initSync({ module: wasm });

export default {
    async fetch(request) {
        const { settings, method, args } = await request.json();
        const shop = new Shop(...settings);
        try {
            return Response.json({ value: await shop[method](...args) });
        } catch (error) {
            return Response.json({ error: error.message });
        } finally {
            shop.free();
        }
    },
};
