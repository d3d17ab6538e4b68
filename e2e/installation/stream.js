async (own, path, protocols, says, hears) => new Promise(resolve => {
  const url = new URL(path, location.href);
  url.protocol = 'wss:';
  const socket = own.socket(url, protocols);
  // As the page's own terminal and log have it.
  socket.binaryType = 'arraybuffer';
  let heard = '', opened = false, awaited = 0;
  const end = problem => {
    clearTimeout(timer);
    socket.onclose = socket.onmessage = null;
    socket.close();
    resolve(problem);
  };
  const so = () => `after it said ${JSON.stringify(heard.slice(0, 200))}`;
  const timer = setTimeout(() => end(opened ? `it said nothing more within 20 s, ${so()}` : 'it was not opened within 20 s'), 20000);
  socket.onopen = () => { opened = true; };
  socket.onclose = () => end(opened ? `it closed, ${so()}` : 'it was refused');
  const decoder = new TextDecoder();
  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') {
      heard += atob(data);
    } else if (new Uint8Array(data)[0] === 1) {
      heard += decoder.decode(data.slice(1), { stream: true });
    }
    while (awaited < hears.length && heard.includes(hears[awaited])) {
      awaited++;
      if (awaited === 1 && says) socket.send(new TextEncoder().encode(`\0${says}`));
    }
    if (awaited === hears.length) end('');
  };
})
