"""The content security policy of a page: there is one, it stands first, and it lets nothing in but the site's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from newsarchive.diagnostics import Diagnostic

_WANTED = {"default-src": "'none'", "script-src": "'self'", "style-src": "'self'"}
_CLOSED = {"base-uri": "'none'", "form-action": "'none'"}
_HARMLESS = {"'self'", "'none'"}
_IMAGES = {"data:", "https:"}
_REPAIR = "put the theme's policy back, or allow the host by --allow"


def allows_remote_images(policies: Sequence[str]) -> bool:
    """True when a page with these policies shows images from anywhere."""
    return all("https:" in images for policy in policies if (images := _directives(policy).get("img-src")))


def _directives(policy: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in map(str.split, filter(str.strip, policy.split(";")))}


_GOVERNED = re.compile(rb"<(?:script|style|link|img|body)\b", re.IGNORECASE)


def check_csp(path: str, page: bytes, policies: Sequence[str], allowed_hosts: frozenset[str]) -> Iterator[Diagnostic]:
    """Everything wrong with the policies of one page."""
    if len(policies) != 1:
        yield Diagnostic("policy", path, f"{len(policies)} content security policies instead of one", _REPAIR)
        return
    first = _GOVERNED.search(page)
    if first and page.find(b"Content-Security-Policy") > first.start():
        diagnostic = "the policy stands after something that it should govern"
        yield Diagnostic("policy", path, diagnostic, "let it follow the declaration of the encoding")
    directives = _directives(policies[0])
    for name, source in (_WANTED | _CLOSED).items():
        others = set(directives.get(name, ())) - {f"https://{host}" for host in allowed_hosts}
        if others != {source}:
            told = " ".join(directives[name]) if name in directives else "missing"
            yield Diagnostic("policy", path, f"{name} is {told}, not {source}", _REPAIR)
    for name, sources in directives.items():
        if name not in _WANTED | _CLOSED:
            fine = _HARMLESS | {f"https://{host}" for host in allowed_hosts}
            fine |= _IMAGES if name == "img-src" else set()
            for source in sorted(set(sources) - fine):
                yield Diagnostic("policy", path, f"{name} lets in {source}", _REPAIR)
