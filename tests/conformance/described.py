"""Counts what the official clients describe, for docs/comparison.md.

Run it after `cargo xtask verify official`, which installs the clients:

    tests/conformance/.venv/bin/python tests/conformance/described.py

The packages of the API version 2026-10 are read as they are installed. A text counts as a description if it says more
than the name of its item. An operation is a method of a service without `iter`; its parameters are those of
path and query. Values are members of literal types.
"""

import ast
import pathlib
import re
import sysconfig

VERSION = "2026-10"
OPTIONS = {"self", "body", "request_timeout", "request_access_token"}


def says(name, text):
    """Whether a text says more than the name."""
    letters = lambda string: re.sub(r"[^a-z0-9]", "", string.lower())
    return bool(text) and letters(text) not in ("", letters(name))


def show(title, counts):
    print(title)
    for kind, found in counts.items():
        described = sum(found)
        share = f"{100 * described / len(found):.1f} %" if found else "none"
        print(f"  {kind:<11} {described} of {len(found)} ({share})")


def described_arguments(docstring):
    """Names and texts in the section `Args`."""
    section = re.search(r"^Args:\n(.*?)(?:^\S|\Z)", docstring or "", re.S | re.M)
    lines = section.group(1).splitlines() if section else []
    entries = (re.match(r"\s+(\w+)(?: \([^)]*\))?: (.*)", line) for line in lines)
    return {entry.group(1): entry.group(2) for entry in entries if entry}


def python():
    import polar

    package = pathlib.Path(polar.__file__).parent / ("v" + VERSION.replace("-", "_"))
    counts = {kind: [] for kind in ["operations", "parameters", "types", "properties", "values"]}
    for file in sorted((package / "services").rglob("*.py")):
        for service in ast.parse(file.read_text()).body:
            if not (isinstance(service, ast.ClassDef) and service.name.endswith("Sync")):
                continue
            for method in service.body:
                if not isinstance(method, ast.FunctionDef) or method.name.startswith(("_", "iter")):
                    continue
                if "send_request" not in ast.dump(method):
                    continue
                docstring = ast.get_docstring(method)
                counts["operations"].append(says(method.name, (docstring or "").split("\n\n")[0]))
                texts = described_arguments(docstring)
                for argument in method.args.args + method.args.kwonlyargs:
                    if argument.arg not in OPTIONS:
                        counts["parameters"].append(says(argument.arg, texts.get(argument.arg)))
    for name in ["inputs.py", "outputs.py"]:
        for item in ast.parse((package / name).read_text()).body:
            if not isinstance(item, ast.ClassDef):
                continue
            counts["types"].append(says(item.name, ast.get_docstring(item)))
            for field, following in zip(item.body, item.body[1:] + [None]):
                if isinstance(field, ast.AnnAssign):
                    is_text = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
                    text = str(following.value.value) if is_text else None
                    counts["properties"].append(says(field.target.id, text))
    for item in ast.parse((package / "literals.py").read_text()).body:
        if isinstance(item, ast.AnnAssign):
            values = item.value.slice
            counts["values"] += [False] * (len(values.elts) if isinstance(values, ast.Tuple) else 1)
    return counts


def typescript():
    dist = pathlib.Path(__file__).parent / "node_modules/@polar-sh/sdk/dist"
    index = (dist / VERSION / "index.d.mts").read_text()
    models = dist / re.search(r'models_d_exports } from "\.\./(.*?)\.mjs"', index).group(1)
    counts = {kind: [] for kind in ["operations", "parameters", "types", "properties", "values"]}
    comment, is_in_comment, depth = [], False, 0
    for line in models.with_name(models.name + ".d.mts").read_text().splitlines():
        text = line.strip()
        if text.startswith("/**") or is_in_comment:
            comment.append(text.strip("/* "))
            is_in_comment = not text.endswith("*/")
            continue
        said, comment = " ".join(comment), []
        declared = re.match(r"(?:declare )?(?:interface|type) (\w+)", text) if depth == 0 else None
        field = re.match(r'(?:readonly )?"?([\w:]+)"?\??:', text) if depth == 1 else None
        if declared:
            counts["types"].append(says(declared.group(1), said))
            counts["values"] += [False] * len(re.findall(r'(?:= |\| )"[^"]*"', text))
        elif field:
            counts["properties"].append(says(field.group(1), said))
        depth += text.count("{") - text.count("}")
    for file in sorted((dist / VERSION / "services").rglob("*.d.mts")):
        text = file.read_text()
        for found in re.finditer(r"(/\*\*(?:(?!\*/).)*\*/\n)?declare const (\w+): \(client[^\n]*", text, re.S):
            said, name = found.groups()
            if not name.startswith("iter"):
                counts["operations"].append(says(name, said))
                head = found.group(0).rsplit("declare const", 1)[1] + text[found.end() : text.find("=> Promise", found.end())]
                query = re.search(r"\(query\??: \{\n(.*?)\n\}", head, re.S)
                names = re.findall(r"^  (\w+)\??:", query.group(1), re.M) if query else []
                counts["parameters"] += ["* " in (said or "") and f"@param {name} " in said for name in names]
    return counts


if __name__ == "__main__":
    show("Python", python())
    show("TypeScript", typescript())
