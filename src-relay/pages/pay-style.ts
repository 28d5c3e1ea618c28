/** Style sheet of the page with the card fields: the colours of the kiosk around it (src-renderer/components/tokens.css). */
export const PAY_STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#ffffff, #10232c); --ink: light-dark(#0b222b, #eef6f5); --ink-soft: light-dark(#3d565d, #b3c8cc);
  --accent: light-dark(#00626b, #7fe0d4); --on-accent: light-dark(#ffffff, #04191c);
  --warn: light-dark(#8a3d00, #ffc48a); --warn-wash: light-dark(#fdebdc, #3a2716); --focus: light-dark(#0b222b, #ffffff);
  font: 420 18px/1.4 'Atkinson Hyperlegible Next', 'Noto Sans', 'Noto Sans Arabic', system-ui, sans-serif;
}
[data-theme='light'] { color-scheme: light; }
[data-theme='dark'] { color-scheme: dark; }
[data-theme='contrast'] {
  color-scheme: dark; --ground: #000; --ink: #fff; --ink-soft: #fff; --accent: #ffe600; --on-accent: #000;
  --warn: #ffe600; --warn-wash: #000; --focus: #fff;
}
* { box-sizing: border-box; margin: 0; }
body { background: var(--ground); color: var(--ink); padding: .75rem; }
#pay > p, .end p, .paid p { padding: 1rem .25rem; }
#pay > * { display: none; }
#pay[data-state='loading'] > .loading, #pay[data-state='failed'] > .failed, #pay[data-state='ended'] > .ended,
#pay[data-state='paid'] > .paid { display: block; }
#pay[data-state='form'] > .form { display: grid; gap: .9rem; }
#pay > .hidden { display: block; position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.alert { border-inline-start: .3rem solid var(--warn); border-radius: .4rem; background: var(--warn-wash); padding: .6rem .8rem; }
.alert[hidden] { display: none; }
.alert strong { color: var(--warn); }
#fields { min-height: 9rem; }
button {
  min-height: max(72px, 3.1rem); border: 0; border-radius: 1.1rem; padding: .4rem 1rem; background: var(--accent);
  color: var(--on-accent); font: inherit; font-size: 1.25rem; font-weight: 640; cursor: pointer;
}
button[aria-disabled='true'] { opacity: .75; cursor: default; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.quiet { color: var(--ink-soft); font-size: .86rem; }
bdi { display: block; color: var(--ink); overflow-wrap: anywhere; }
`;
