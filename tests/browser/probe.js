// An attack on the page's policy, made on purpose: which of these inline scripts run? Then an outside host is asked; the
// page's records tell whether the question left the site.
async (outside) => {
  const ran = [];
  window.probe = (way) => ran.push(way);

  const script = document.createElement('script');
  script.textContent = 'probe("script element")';
  document.head.append(script);
  script.remove();

  const button = document.createElement('button');
  button.setAttribute('onclick', 'probe("on-handler")');
  document.body.append(button);
  button.click();
  button.remove();

  delete window.probe;
  await fetch(outside).catch(() => null);
  return ran;
}
