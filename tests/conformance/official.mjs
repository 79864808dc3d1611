// Calls of the official TypeScript client, against a server that writes them down.
//
//   node official.mjs PLAN URL
//
// PLAN: [{"method", "path", "parameters", "query", "body"}]. Call number n goes to URL/n. Writes a line of
// JSON for each call: {"shared": false} where the client has no such operation, or what kept it from sending.

import fs from "node:fs";
import { createPolar } from "@polar-sh/sdk/2026-10";

const TOKEN = "polar_oat_test";

/** All methods by HTTP method and path template, which stand in the source of each. */
function methods(service, found = new Map()) {
  for (const value of Object.values(service)) {
    if (typeof value === "function") {
      const source = value.toString();
      const request = source.match(/buildRequest\("(\w+)", "([^"]+)"/);
      const names = source.match(/^async \(([^)]*)\)/)?.[1].split(", ");
      if (request) found.set(`${request[1]} ${request[2]}`, { call: value, names });
    } else if (value && typeof value === "object") {
      methods(value, found);
    }
  }
  return found;
}

async function call({ method, path, parameters, query, body }, baseUrl) {
  const target = methods(createPolar({ accessToken: TOKEN, baseUrl })).get(`${method} ${path}`);
  if (!target) return { shared: false };
  const given = { query, body, requestOptions: { timeout: 30 } };
  const values = target.names.map((name) => given[name] ?? parameters[name.replace(/_path$/, "")]);
  try {
    await target.call(...values);
    return { shared: true };
  } catch (error) {
    return { shared: true, error: `${error.name}: ${error.message}` };
  }
}

const [, , plan, url] = process.argv;
for (const [number, wanted] of JSON.parse(fs.readFileSync(plan, "utf8")).entries()) {
  console.log(JSON.stringify(await call(wanted, `${url}/${number}`)));
}
