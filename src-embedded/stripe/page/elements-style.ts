/** Style sheet of the card fields; colours, size and corners are the product's (Appearance API), set by the script. */
export const ELEMENTS_STYLE = `
:root {
  --colorPrimary: #00626b; --colorBackground: #fff; --colorText: #0b222b; --colorTextSecondary: #3d565d;
  --colorDanger: #8a3d00; --fontSizeBase: 18px; --borderRadius: 14px; color-scheme: light;
}
:root.night { color-scheme: dark; }
* { box-sizing: border-box; margin: 0; }
html { font: 400 var(--fontSizeBase)/1.35 'Atkinson Hyperlegible Next', 'Noto Sans', 'Noto Sans Arabic', system-ui, sans-serif; }
/* Room for the ring around what has the focus. */
body { background: var(--colorBackground); color: var(--colorText); padding: 6px; }
.banner { color: var(--colorTextSecondary); font-size: .86rem; margin-bottom: .6rem; }
.banner bdi { user-select: all; white-space: nowrap; }
.field { margin-bottom: .7rem; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; align-items: start; }
label { display: block; font-weight: 600; margin-bottom: .2rem; }
input {
  inline-size: 100%; min-height: max(3rem, 56px); padding: 0 .9rem; border: 2px solid var(--colorTextSecondary);
  border-radius: var(--borderRadius); background: transparent; color: inherit; font: inherit; font-size: 1.1rem;
  font-variant-numeric: tabular-nums; text-align: start;
}
:root[dir='rtl'] input { text-align: end; }
input::placeholder { color: var(--colorTextSecondary); }
input[aria-invalid='true'] { border-color: var(--colorDanger); border-width: 3px; }
:focus-visible { outline: 3px solid var(--colorText); outline-offset: 2px; }
.mistake { color: var(--colorDanger); font-weight: 600; font-size: .9rem; }
[hidden] { display: none; }
h2 { font-size: 1.25rem; }
button {
  display: block; inline-size: 100%; min-height: max(3rem, 56px); margin-top: .7rem; padding: .3rem 1rem; font: inherit;
  border: 2px solid var(--colorPrimary); border-radius: var(--borderRadius); background: transparent; color: inherit;
}
`;
