"""The unit that structure makes and boilerplate is judged by: one block of the article."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from newsarchive.clean.dom import words_of
from newsarchive.models import TAG


@dataclass(slots=True)
class Block:
    """`tag` is what the block will be ("p", "h2", "ul", "table", "pre", "figure", …), `html` the whole of it.

    Never changed, only replaced; dataclasses that hold to that take four times as long to make.
    """

    tag: str
    html: str
    continues: bool = False  # the line before it is of the same paragraph
    caption: str = ""  # what says that it may be an image's caption: "named" or "centred"
    _text: str | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def text(self) -> str:
        """Its words, white space folded."""
        if self._text is None:
            self._text = " ".join(words_of(self.html).split())
        return self._text

    @property
    def has_image(self) -> bool:
        """True when there is an image in it."""
        return "<img" in self.html

    @property
    def inner(self) -> str:
        """What stands between the block's own tags; the engine writes opening tags without a `>` in them."""
        return self.html[self.html.index(">") + 1 : self.html.rindex("</")] if "</" in self.html else self.html

    @property
    def link_share(self) -> float:
        """How much of the text is link text, from 0 to 1."""
        whole = len(self.text)
        linked = sum(len(TAG.sub("", link)) for link in re.findall(r"<a\b.*?</a>", self.html, re.DOTALL))
        return min(1.0, linked / whole) if whole else 0.0
