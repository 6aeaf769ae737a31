// What the page does by itself: filters and sorts the inventory, shows more of it, and opens all folds for paper.
// It writes text into cells, never HTML.

export const SCRIPT = String.raw`
(() => {
  'use strict';
  const data = document.getElementById('contexts');
  const table = document.getElementById('inventory');
  if (!data || !table) return;
  const PAGE = 100;
  const WIDE = 7;
  const { columns, rows } = JSON.parse(data.textContent);
  let haystacks;
  const body = table.tBodies[0];
  const find = document.getElementById('find');
  const selects = [...document.querySelectorAll('select[data-column]')];
  const count = document.getElementById('count');
  const more = document.getElementById('more');
  let sorted = rows.map((_, i) => i);
  let found = sorted;
  let shown = PAGE;

  const cell = (value, label, i) => {
    const td = document.createElement('td');
    td.dataset.label = label;
    if (i >= WIDE) td.className = 'wide';
    const [text, below, tone] = Array.isArray(value) ? value : [value];
    if (tone) {
      const tag = document.createElement('span');
      tag.className = 'tag ' + tone;
      tag.textContent = text;
      td.append(tag);
    } else {
      const span = document.createElement('span');
      span.className = i === 0 || i > 2 ? 'mono' : '';
      span.textContent = text;
      td.append(span);
    }
    if (below) {
      const small = document.createElement('small');
      small.className = 'mono';
      small.textContent = below;
      td.append(small);
    }
    return td;
  };

  const draw = () => {
    const fragment = document.createDocumentFragment();
    for (const at of found.slice(0, shown)) {
      const tr = document.createElement('tr');
      rows[at].forEach((value, i) => tr.append(cell(value, columns[i], i)));
      fragment.append(tr);
    }
    body.replaceChildren(fragment);
    const left = found.length - Math.min(shown, found.length);
    more.hidden = left === 0;
    more.textContent = 'Show ' + Math.min(left, PAGE * 5) + ' more of ' + left;
    count.textContent = found.length === rows.length
      ? rows.length + (rows.length === 1 ? ' context' : ' contexts')
      : found.length + ' of ' + rows.length + ' contexts';
  };

  const filter = () => {
    haystacks ??= rows.map((row) => row.flat().join('\u0000').toLowerCase());
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = selects.filter((one) => one.value !== '').map((one) => [Number(one.dataset.column), one.value]);
    const first = (value) => (Array.isArray(value) ? value[0] : value);
    found = sorted.filter((at) =>
      words.every((word) => haystacks[at].includes(word)) &&
      wanted.every(([column, value]) => first(rows[at][column]) === value));
    shown = PAGE;
    draw();
  };

  const collator = new Intl.Collator('en', { numeric: true });
  for (const button of table.tHead.querySelectorAll('button')) {
    button.addEventListener('click', () => {
      const th = button.closest('th');
      const down = th.getAttribute('aria-sort') === 'ascending';
      for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
      th.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const column = th.cellIndex;
      const keys = rows.map((row) => String(Array.isArray(row[column]) ? row[column].join(' ') : row[column]));
      sorted = rows.map((_, i) => i).sort((a, b) => (down ? -1 : 1) * collator.compare(keys[a], keys[b]) || a - b);
      filter();
    });
  }
  find.addEventListener('input', filter);
  for (const one of selects) one.addEventListener('change', filter);
  more.addEventListener('click', () => { shown += PAGE * 5; draw(); });
  const unfold = document.getElementById('unfold');
  unfold?.addEventListener('click', () => {
    const folds = [...document.querySelectorAll('#differences details')];
    const open = folds.some((one) => !one.open);
    for (const one of folds) one.open = open;
    unfold.textContent = open ? 'Fold all' : 'Unfold all';
  });

  let closed = [];
  addEventListener('beforeprint', () => {
    shown = Math.max(shown, 2000);
    draw();
    closed = [...document.querySelectorAll('details:not([open])')];
    for (const one of closed) one.open = true;
  });
  addEventListener('afterprint', () => {
    for (const one of closed) one.open = false;
    shown = PAGE;
    draw();
  });
  for (const one of document.querySelectorAll('.tools[hidden]')) one.hidden = false;
  draw();
})();
`;
