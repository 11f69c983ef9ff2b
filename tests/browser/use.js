// Do with an article what a reader might: point at everything, focus it, click it, send its forms. Plain links and forms
// are held back, so that only those that carry script get their way.
async () => {
  const scope = document.querySelector('article') || document.body;
  const carriesScript = (address) => {
    try {
      return /^(javascript|vbscript|data):$/.test(new URL(address, document.baseURI).protocol);
    } catch {
      return false;
    }
  };
  const target = (event) => event.target.closest('a, area, form, button, input');
  const holdBack = (event) => {
    const element = target(event);
    const addresses = ['href', 'xlink:href', 'action', 'formaction'].map((name) => element && element.getAttribute(name));
    const given = addresses.filter(Boolean);
    if (!given.some(carriesScript)) event.preventDefault();
  };
  addEventListener('click', holdBack, true);
  addEventListener('submit', holdBack, true);

  for (const element of [...scope.querySelectorAll('*')].slice(0, 2000)) {
    for (const kind of ['pointerover', 'mouseover', 'mouseenter', 'mousemove', 'toggle', 'input', 'wheel']) {
      element.dispatchEvent(new Event(kind, {bubbles: kind !== 'mouseenter'}));
    }
    if (element.focus) element.focus();
    if (element.localName === 'form') HTMLFormElement.prototype.requestSubmit.call(element);
    else element.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true, view: window}));
  }
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}
