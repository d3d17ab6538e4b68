// Runs in every document before any script of the page. Tells the suite which
// route is shown and which alerts, from the first moment on.
(() => {
  if (window.top !== window) return;
  const tell = (kind, text, visible) => {
    try {
      window.conformanceObserve({ kind, text, visible, at: Date.now() });
    } catch {
      // The binding is missing only in a document that is being torn down.
    }
  };

  let path;
  const route = () => {
    if (location.protocol === 'about:' || path === location.pathname) return;
    path = location.pathname;
    tell('routed', path, true);
  };
  for (const name of ['pushState', 'replaceState']) {
    const original = history[name];
    history[name] = function (...args) {
      const result = original.apply(this, args);
      route();
      return result;
    };
  }
  addEventListener('popstate', route);
  addEventListener('hashchange', route);
  route();

  let alerts = new Map();
  const look = () => {
    const now = new Map();
    for (const element of document.querySelectorAll('[role="alert"]')) {
      const text = element.textContent.trim().replace(/\s+/g, ' ');
      if (!text) continue;
      const visible = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
      now.set(text, visible || now.get(text) === true);
    }
    for (const [text, visible] of now) {
      if (alerts.get(text) !== visible) tell('alert-shown', text, visible);
    }
    for (const [text, visible] of alerts) {
      if (!now.has(text)) tell('alert-hidden', text, visible);
    }
    alerts = now;
  };
  new MutationObserver(look).observe(document, {
    subtree: true, childList: true, characterData: true,
    attributes: true, attributeFilter: ['role', 'hidden', 'style', 'class', 'aria-hidden'],
  });
})();
