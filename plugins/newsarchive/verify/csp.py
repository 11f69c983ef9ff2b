"""Check the Content Security Policy of a page (CSP Level 3, W3C).

A page has exactly one policy, in a `<meta>` element before everything that it covers, and it allows only the site's own
files and the allowed hosts. Whether the page obeys the policy is checked in `pages`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from newsarchive.diagnostics import Diagnostic

_REQUIRED = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "base-uri": "'none'",  # `default-src` does not cover this directive and the next
    "form-action": "'none'",
}
_HARMLESS = {"'self'", "'none'"}
_IMAGE_SOURCES = {"data:", "https:"}
_HINT = "put the theme's policy back, or allow the host by --allow"


def allows_remote_images(policies: Sequence[str]) -> bool:
    """Return True if a page with these policies may load images from any host over https."""
    return all("https:" in images for policy in policies if (images := _directives(policy).get("img-src")))


def _directives(policy: str) -> dict[str, list[str]]:
    """Parse a policy into directive name → sources.

    >>> _directives("default-src 'none'; img-src 'self' https:")
    {'default-src': ["'none'"], 'img-src': ["'self'", 'https:']}
    """
    return {name: sources for name, *sources in map(str.split, filter(str.strip, policy.split(";")))}


_COVERED = re.compile(rb"<(?:script|style|link|img|body)\b", re.IGNORECASE)


def check_csp(path: str, page: bytes, policies: Sequence[str], allowed_hosts: frozenset[str]) -> Iterator[Diagnostic]:
    """Yield each problem with the policies of one page.

    `page` are the bytes of the page, `policies` the contents of its policy elements, `allowed_hosts` the hosts that the
    policy may name.
    """
    if len(policies) != 1:
        yield Diagnostic("policy", path, f"{len(policies)} content security policies instead of one", _HINT)
        return
    first = _COVERED.search(page)
    if first and page.find(b"Content-Security-Policy") > first.start():
        message = "the policy comes after an element that it must cover"
        yield Diagnostic("policy", path, message, "put it right after the declaration of the encoding")
    directives = _directives(policies[0])
    allowed_sources = {f"https://{host}" for host in allowed_hosts}
    for name, source in _REQUIRED.items():
        if set(directives.get(name, ())) - allowed_sources != {source}:
            value = " ".join(directives[name]) if name in directives else "missing"
            yield Diagnostic("policy", path, f"{name} is {value}, not {source}", _HINT)
    for name, sources in directives.items():
        if name not in _REQUIRED:
            accepted = _HARMLESS | allowed_sources | (_IMAGE_SOURCES if name == "img-src" else set())
            for source in sorted(set(sources) - accepted):
                yield Diagnostic("policy", path, f"{name} allows {source}", _HINT)
