cluster => {
  // Up to Headlamp 0.34 the page keeps its token in localStorage, sends it itself,
  // and takes over the one that an answer brings. A later page has none there, and
  // its cookie does all that.
  const tokens = () => JSON.parse(localStorage.getItem('tokens') || '{}');
  return {
    token: () => tokens()[cluster] || '',
    fetch: async (url, options = {}) => {
      const token = tokens()[cluster];
      const response = await fetch(url, {
        credentials: 'include',
        ...options,
        headers: { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) },
      });
      const renewed = response.headers.get('X-Authorization');
      if (token && renewed) localStorage.setItem('tokens', JSON.stringify({ ...tokens(), [cluster]: renewed }));
      return response;
    },
    socket: (url, additional = []) => {
      const token = tokens()[cluster];
      const encoded = token && btoa(token).replace(/=/g, '');
      return new WebSocket(url, ['base64.binary.k8s.io', ...additional, ...(token ? [`base64url.bearer.authorization.k8s.io.${encoded}`] : [])]);
    },
  };
}
