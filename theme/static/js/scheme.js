// Switches between light, dark and the scheme of the system. Pages are complete without this script.
(function () {
  'use strict';
  var root = document.documentElement;
  var words = (document.currentScript.getAttribute('data-words') || '').split('|');
  var schemes = ['', 'light', 'dark'];

  function remembered() {
    try { return localStorage.getItem('scheme') || ''; } catch (error) { return ''; }
  }

  function remember(scheme) {
    try { localStorage.setItem('scheme', scheme); } catch (error) { /* then it holds for this page */ }
  }

  function apply(scheme) {
    if (scheme === 'light' || scheme === 'dark') root.setAttribute('data-scheme', scheme);
    else root.removeAttribute('data-scheme');
  }

  function addButton() {
    var foot = document.querySelector('.colophon');
    if (!foot) return;
    var place = foot.querySelector('ul') || foot.appendChild(document.createElement('ul'));
    var item = place.appendChild(document.createElement('li'));
    var button = item.appendChild(document.createElement('button'));
    var current = function () { return Math.max(0, schemes.indexOf(root.getAttribute('data-scheme') || '')); };
    var label = function () { button.textContent = words[current()]; };
    button.type = 'button';
    button.className = 'scheme';
    button.setAttribute('aria-live', 'polite');
    button.addEventListener('click', function () {
      var next = schemes[(current() + 1) % schemes.length];
      apply(next);
      remember(next);
      label();
    });
    label();
  }

  apply(remembered());
  document.addEventListener('DOMContentLoaded', addButton);
})();
