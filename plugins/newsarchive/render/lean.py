"""What stands in templates for those who write them, and browsers do not need, is left out when a template is read:
line ends at tags of blocks, quotes round single words, and end tags that HTML makes optional.

Of a page this concerns what its template says, never what is put into it. A parser makes the same of it as before,
white space between blocks aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

# https://html.spec.whatwg.org/multipage/syntax.html#optional-tags
_AFTER_P = (
    r"(?:article|aside|blockquote|details|div|dl|figcaption|figure|footer|form|h[1-6]|header|main|nav|ol|p|pre|section"
    r"|table|ul)\b"
)
_END = re.compile(
    rf"</(?:body|dd|dt|html|li|tbody|td|th|thead|tr)>|</p>(?=\s*(?:</?{_AFTER_P}|</(?:dd|li|td)>))", re.ASCII
)
_BLOCK = rf"</?(?:{_AFTER_P}|(?:body|caption|dd|dt|head|html|li|link|meta|tbody|td|th|thead|title|tr)\b)"
_LINE_END = re.compile(rf"[ \n]*\n(?={_BLOCK})|({_BLOCK}[^<>]*>)[ \n]*\n", re.ASCII)
_TAG = re.compile(r'(?:<[a-z]|\A"(?=[\s>]))[^<>]*>?', re.ASCII)  # or what follows a value in one
_QUOTED_WORD = re.compile(r'(\s[a-z-]+=)"([\w.#-]+)"(?=[\s>])', re.ASCII)


class Lean(Extension):
    """Makes what a template says lean, once for all pages."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """The tokens of a template; those that are not Jinja's are lean."""
        for token in stream:
            yield Token(token.lineno, token.type, lean(token.value)) if token.type == "data" else token


def lean(text: str) -> str:
    """A piece of a template. It may begin or end in a tag, or in a text; values of attributes hold no tags."""
    text = _LINE_END.sub(r"\1", text)
    text = _TAG.sub(lambda tag: _QUOTED_WORD.sub(r"\1\2", tag[0]), text)
    return _END.sub("", text)
