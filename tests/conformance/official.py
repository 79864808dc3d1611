"""Calls of the official Python client, against a server that writes them down.

    python official.py PLAN URL

PLAN: [{"method", "path", "parameters", "query", "body"}]. Call number n goes to URL/n. Writes a line of JSON for each
call: {"shared": false} where the client has no such operation, or what kept it from sending.
"""

import inspect
import json
import re
import sys

from polar.base import SyncServiceBase
from polar.v2026_10 import Polar

TOKEN = "polar_oat_test"


def requests(client):
    """All methods by HTTP method and path template, which stand in the source of each: (service path, name)."""
    found = {}

    def walk(service, path):
        for name, member in inspect.getmembers(service):
            if isinstance(member, SyncServiceBase):
                walk(member, [*path, name])
            elif inspect.ismethod(member):
                source = inspect.getsource(member)
                method = re.search(r'method="(\w+)"', source)
                url = re.search(r'url="([^"]+)"', source)
                if method and url and path:
                    found[method[1], url[1]] = (path, name)

    for name, service in vars(client).items():
        if isinstance(service, SyncServiceBase):
            walk(service, [name])
    return found


def call(client, known, wanted, url):
    # A parameter whose name the body has too is called after the path it stands in.
    template = re.sub(r"_path\}", "}", wanted["path"])
    target = {(m, re.sub(r"_path\}", "}", p)): where for (m, p), where in known.items()}.get((wanted["method"], template))
    if target is None:
        return {"shared": False}
    path, name = target
    # A client for each call would read the certificates of all authorities each time.
    client._client._client.base_url = url
    method = client
    for part in [*path, name]:
        method = getattr(method, part)
    positional = [wanted["parameters"][part] for part in re.findall(r"\{(\w+)\}", template)]
    try:
        method(*positional, **wanted["query"], **(wanted["body"] or {}))
        return {"shared": True}
    except Exception as error:
        return {"shared": True, "error": f"{type(error).__name__}: {error}"}


def main(plan, url):
    client = Polar(TOKEN, base_url=url, timeout=30.0)
    known = requests(client)
    with open(plan, encoding="utf-8") as file:
        for number, wanted in enumerate(json.load(file)):
            print(json.dumps(call(client, known, wanted, f"{url}/{number}")), flush=True)


main(*sys.argv[1:])
