"""Input methods, by which Chinese is typed. Chromium lets tests drive a real one; in Firefox it has to be played."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Page as Tab

# The events and values that Firefox produces for a composition, in its order (UI Events, section 4.8).
PLAY = """([steps, text]) => {
  const field = document.activeElement;
  const [before, after] = [field.value.slice(0, field.selectionStart), field.value.slice(field.selectionEnd)];
  const tell = (kind, data) => field.dispatchEvent(new CompositionEvent(kind, {data, bubbles: true}));
  const input = (data, isComposing) => {
    field.value = before + data + after;
    const inputType = 'insertCompositionText';
    field.dispatchEvent(new InputEvent('input', {data, isComposing, inputType, bubbles: true}));
  };
  tell('compositionstart', '');
  for (const step of steps) { tell('compositionupdate', step); input(step, true); }
  tell('compositionupdate', text);
  input(text, true);
  tell('compositionend', text);
  input(text, false);
}"""


def compose_in_chromium(tab: Tab, steps: Sequence[str], text: str) -> None:
    """Drive Chromium's own input method through the DevTools protocol: the events are trusted ones."""
    session = tab.context.new_cdp_session(tab)
    for step in steps:
        caret = {"selectionStart": len(step), "selectionEnd": len(step)}
        session.send("Input.imeSetComposition", {"text": step, **caret})
    session.send("Input.insertText", {"text": text})
    session.detach()


def compose_by_events(tab: Tab, steps: Sequence[str], text: str) -> None:
    """Play a composition by events. They are not trusted (``isTrusted`` is false), but our scripts cannot tell."""
    tab.evaluate(PLAY, [list(steps), text])
