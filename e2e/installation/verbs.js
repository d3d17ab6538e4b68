async (path, own) => {
  const problems = [];
  const call = async (method, url, body) => {
    const response = await own.fetch(url, {
      method,
      headers: body ? { 'Content-Type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' } : {},
      body: body && JSON.stringify(body),
    });
    if (!response.ok) problems.push(`${method} was answered ${response.status}`);
    await response.text();
  };
  // The watch is open before the object is made, and over when it was told of it.
  const watched = new Promise(resolve => {
    const url = new URL(path, location.href);
    url.protocol = 'wss:';
    url.search = '?watch=1';
    const socket = own.socket(url);
    const end = problem => {
      clearTimeout(timer);
      if (problem) problems.push(problem);
      socket.close();
      resolve();
    };
    const timer = setTimeout(() => end('the watch told nothing within 20 s'), 20000);
    socket.onerror = () => end('the watch could not be opened');
    socket.onmessage = () => end();
  });
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'verbs' } };
  await call('POST', path, object);
  await call('GET', `${path}/verbs`);
  await call('PATCH', `${path}/verbs`, { data: { changed: 'yes' } });
  await call('PUT', `${path}/verbs`, { ...object, data: { changed: 'again' } });
  await call('GET', path);
  await watched;
  await call('DELETE', `${path}/verbs`);
  return problems;
}
