'use strict';
// Everything can be read without this script: it only zooms, and says what is
// under the pointer.
(() => {
  const widest = 64;
  for (const part of document.querySelectorAll('.script')) part.hidden = false;

  const details = [...document.querySelectorAll('details.spec')];
  for (const button of document.querySelectorAll('[data-all]')) {
    button.addEventListener('click', () => { for (const one of details) one.open = button.dataset.all !== ''; });
  }
  // A link to a scenario, from the list or from elsewhere, shows it.
  const openTarget = () => {
    const target = details.find((one) => '#' + one.id === location.hash);
    if (target) { target.open = true; target.scrollIntoView(); }
  };
  addEventListener('hashchange', openTarget);
  openTarget();
  addEventListener('beforeprint', () => { for (const one of details) one.open = true; });

  for (const plot of document.querySelectorAll('.plot')) {
    const scroll = plot.querySelector('.scroll');
    const marks = plot.querySelector('.marks');
    const tools = plot.previousElementSibling;
    const readout = plot.parentElement.querySelector('.readout');
    const says = (mark) => mark.querySelector(':scope > title').textContent;
    let zoom = 1;
    let ordered = null;
    let current = -1;

    const zoomTo = (wanted, at) => {
      const next = Math.min(widest, Math.max(1, wanted));
      const place = at ?? scroll.clientWidth / 2;
      const share = (scroll.scrollLeft + place) / (scroll.clientWidth * zoom);
      zoom = next;
      for (const drawn of scroll.children) drawn.style.width = zoom * 100 + '%';
      scroll.scrollLeft = share * scroll.clientWidth * zoom - place;
    };
    const show = (mark) => {
      for (const other of marks.querySelectorAll('.on')) other.classList.remove('on');
      mark.classList.add('on');
      readout.textContent = says(mark);
    };
    const step = (by) => {
      ordered ??= [...marks.querySelectorAll('rect')].filter((mark) => mark.querySelector(':scope > title'))
        .sort((a, b) => parseFloat(a.getAttribute('x')) - parseFloat(b.getAttribute('x')));
      if (ordered.length === 0) return;
      current = Math.min(ordered.length - 1, Math.max(0, current + by));
      show(ordered[current]);
      const x = parseFloat(ordered[current].getAttribute('x')) / 100 * scroll.clientWidth * zoom;
      if (x < scroll.scrollLeft || x > scroll.scrollLeft + scroll.clientWidth) scroll.scrollLeft = x - scroll.clientWidth / 2;
    };

    scroll.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const actions = {
        '+': () => zoomTo(zoom * 2), '=': () => zoomTo(zoom * 2), '-': () => zoomTo(zoom / 2), '0': () => zoomTo(1),
        n: () => step(1), p: () => step(-1),
      };
      if (!actions[event.key]) return;
      actions[event.key]();
      event.preventDefault();
    });
    scroll.addEventListener('wheel', (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoomTo(zoom * (event.deltaY < 0 ? 1.5 : 1 / 1.5), event.clientX - scroll.getBoundingClientRect().left);
    }, { passive: false });
    tools.addEventListener('click', (event) => {
      const { zoom: how, step: by } = event.target.dataset;
      if (how) zoomTo(how === 'in' ? zoom * 2 : how === 'out' ? zoom / 2 : 1);
      if (by) step(Number(by));
    });
    marks.addEventListener('pointerover', (event) => {
      if (event.target.querySelector(':scope > title') && event.target !== marks) show(event.target);
    });
  }
})();
