# What the tests start workerd with. Programs are deployed by wrangler, which has a configuration of its own.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
    services = [
        (name = "shop", worker = (modules = [(name = "worker.mjs", esModule = embed "worker.mjs"), .glue, .wasm],
            bindings = .bindings, compatibilityDate = .date)),
        (name = "calls", worker = (modules = [(name = "calls.mjs", esModule = embed "calls.mjs"), .glue, .wasm],
            compatibilityDate = .date)),
        # The server of the tests.
        (name = "internet", network = (allow = ["local"])),
    ],
    sockets = [
        (name = "shop", address = "127.0.0.1:0", http = (), service = "shop"),
        (name = "calls", address = "127.0.0.1:0", http = (), service = "calls"),
    ],
);

const date :Text = "2026-07-01";
const glue :Workerd.Worker.Module = (name = "wasm_shop.js", esModule = embed "wasm_shop.js");
const wasm :Workerd.Worker.Module = (name = "wasm_shop_bg.wasm", wasm = embed "wasm_shop_bg.wasm");
const bindings :List(Workerd.Worker.Binding) = [
    (name = "POLAR_ACCESS_TOKEN", fromEnvironment = "POLAR_ACCESS_TOKEN"),
    (name = "POLAR_SERVER", fromEnvironment = "POLAR_SERVER"),
    (name = "POLAR_WEBHOOK_SECRET", fromEnvironment = "POLAR_WEBHOOK_SECRET"),
];
