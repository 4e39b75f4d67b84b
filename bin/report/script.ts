/**
 * The only script of the page: it hides what is not looked for. Everything is there without it, and the boxes that it listens to are
 * hidden until it runs. It must stay free of text from files.
 */
export const script = `
(() => {
  const form = document.getElementById('filter');
  const [text, level, shown] = ['text', 'level', 'shown'].map((name) => document.getElementById(name));
  const all = [...document.querySelectorAll('[data-level]')].map((item) => ({ item, words: item.textContent.toLowerCase() }));
  const rank = { error: 3, warning: 2, missing: 2, note: 1, good: 0 };
  const apply = () => {
    const wanted = text.value.trim().toLowerCase();
    const least = Number(level.value);
    let count = 0;
    for (const { item, words } of all) {
      const fits = rank[item.dataset.level] >= least && words.includes(wanted);
      item.toggleAttribute('data-off', !fits);
      if (fits) count += 1;
    }
    shown.textContent = wanted === '' && least === 0 ? '' : count + ' of ' + all.length + ' entries shown';
  };
  form.hidden = false;
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', apply);
  apply();
})();
`;
