#!/usr/bin/env python3
# Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
"""Writes the files of a folder into a C++ source, as the table behind http::embedded_files().

Usage: embed_files.py FOLDER OUTPUT.cpp

"x/index.html" is served as "/x/". A file under "assets/" gets the hash of its content into its name, and the pages that
refer to it ("/assets/start.css") are rewritten, so that browsers may keep it for ever. Output depends on the input only.
"""
import gzip
import hashlib
import pathlib
import sys

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
COMPRESSED = {".html", ".css", ".js", ".svg", ".txt"}
GZIP_GAIN_MIN = 100  # bytes; below, a second variant is not worth its header


def hash_of(content):
    return hashlib.sha256(content).hexdigest()


def served_files(folder):
    """Yields (path, suffix, content, immutable), sorted by path."""
    contents = {"/" + path.relative_to(folder).as_posix(): path.read_bytes()
                for path in sorted(folder.rglob("*")) if path.is_file()}
    renamed = {}
    for path, content in contents.items():
        if path.startswith("/assets/"):
            stem, dot, suffix = path.rpartition(".")
            renamed[path] = f"{stem}.{hash_of(content)[:8]}{dot}{suffix}"
    for path, content in sorted(contents.items()):
        suffix = pathlib.PurePosixPath(path).suffix
        if suffix not in CONTENT_TYPES:
            sys.exit(f"{path}: no content type is known for '{suffix}'")
        if suffix == ".html":
            for old, new in renamed.items():
                content = content.replace(f'"{old}"'.encode(), f'"{new}"'.encode())
        served_as = path.removesuffix("index.html") if path.endswith("/index.html") else renamed.get(path, path)
        yield served_as, suffix, content, path in renamed


def literal(content):
    """Octal escapes have at most three digits, so no character behind one can become part of it."""
    lines = []
    for begin in range(0, len(content), 32):
        lines.append('    "' + "".join(f"\\{byte:03o}" for byte in content[begin:begin + 32]) + '"')
    return "\n".join(lines) or '    ""'


def source(folder):
    parts = ["// Made by tools/embed_files.py; not edited.",
             '#pragma clang diagnostic ignored "-Woverlength-strings"',
             "#include <array>",
             '#include "http/static_files.hpp"',
             "namespace mcp::http {", "namespace {", "using namespace std::string_view_literals;"]
    entries = []
    for path, suffix, content, immutable in served_files(folder):
        packed = gzip.compress(content, 9, mtime=0) if suffix in COMPRESSED else b""
        if len(packed) + GZIP_GAIN_MIN > len(content):
            packed = b""
        entries.append(f'  StaticFile{{"{path}"sv, "{CONTENT_TYPES[suffix]}"sv,\n{literal(content)}sv,\n{literal(packed)}sv,\n'
                       f'    "\\"{hash_of(content)[:16]}\\""sv, {"true" if immutable else "false"}}},')
    parts.append(f"constexpr std::array<StaticFile, {len(entries)}> files{{{{")
    parts += entries
    parts += ["}};", "}  // namespace", "std::span<const StaticFile> embedded_files() { return files; }",
              "}  // namespace mcp::http", ""]
    return "\n".join(parts)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    pathlib.Path(sys.argv[2]).write_text(source(pathlib.Path(sys.argv[1])))
