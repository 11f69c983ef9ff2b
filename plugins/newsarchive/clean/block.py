"""The block: the unit of segmentation, and the unit that boilerplate removal keeps or drops.

A block is a paragraph, a heading, a list, a table and the like (as in Kohlschütter et al., *Boilerplate Detection using
Shallow Text Features*, 2010).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from newsarchive.clean.dom import markup_to_text
from newsarchive.models import TAG


@dataclass(slots=True)
class Block:
    """One block of the article: its tag ("p", "h2", "ul", "table", "pre", "figure", …) and its whole HTML.

    Blocks are never changed, only replaced. The class is not frozen, because a frozen dataclass takes four times as
    long to create.
    """

    tag: str
    html: str
    continues: bool = False  # the block before it is a line of the same paragraph
    caption: str = ""  # why it may be an image's caption: "named" or "centred"
    _text: str | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def text(self) -> str:
        """Return the text of the block, with white space folded."""
        if self._text is None:
            self._text = " ".join(markup_to_text(self.html).split())
        return self._text

    @property
    def has_image(self) -> bool:
        """Return True if the block holds an image."""
        return "<img" in self.html

    @property
    def inner(self) -> str:
        """Return the HTML between the block's own tags.

        The block's opening tag holds no `>` in an attribute.
        """
        return self.html[self.html.index(">") + 1 : self.html.rindex("</")] if "</" in self.html else self.html

    @property
    def link_share(self) -> float:
        """Return how much of the text is link text, from 0 to 1 (the *link density* of boilerplate removal)."""
        whole = len(self.text)
        linked = sum(len(TAG.sub("", link)) for link in re.findall(r"<a\b.*?</a>", self.html, re.DOTALL))
        return min(1.0, linked / whole) if whole else 0.0
