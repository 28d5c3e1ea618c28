/** The hosted pages' only style sheet, inline: light, dark and more contrast, by what the phone asks for. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f4f3ef; --surface: #ffffff; --line: #d9d8d2; --field-line: #83868b; --text: #1b1f24; --quiet: #565d66;
  --accent: #14606f; --accent-press: #0d4a56; --on-accent: #ffffff; --focus: #14606f;
  --notice: #fff2cf; --on-notice: #4a3500; --error: #a3241b; --error-surface: #fdecea; --good: #1b6b3a;
  --radius: 14px;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #111518; --surface: #1a2024; --line: #2f373d; --field-line: #77828b; --text: #eef1f2; --quiet: #aab4bb;
    --accent: #7fd0df; --accent-press: #a5e0eb; --on-accent: #06242a; --focus: #7fd0df;
    --notice: #3a2f0f; --on-notice: #ffe4a0; --error: #ffb0a8; --error-surface: #3a1c1a; --good: #8ddba8;
  }
}
@media (prefers-contrast: more) {
  :root { --line: currentColor; --field-line: currentColor; --quiet: var(--text); }
}
* { box-sizing: border-box; margin: 0; }
html { -webkit-text-size-adjust: 100%; }
body {
  background: var(--page); color: var(--text); min-height: 100dvh;
  font: 400 1.0625rem/1.5 'Atkinson Hyperlegible Next', system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
}
.banner {
  background: var(--notice); color: var(--on-notice); text-align: center; font-weight: 700;
  padding: .7rem 1rem; position: sticky; top: 0; z-index: 1;
}
main { max-width: 29rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
h1 { font-size: 1.125rem; font-weight: 500; color: var(--quiet); line-height: 1.3; }
.amount {
  font-size: clamp(2.75rem, 14vw, 3.5rem); line-height: 1.1; font-weight: 700; letter-spacing: -.02em;
  font-variant-numeric: tabular-nums; margin: .15rem 0 .85rem;
}
.items { list-style: none; padding: .8rem 0; border-block: 1px solid var(--line); margin-bottom: 1.5rem; }
.items li { display: flex; justify-content: space-between; gap: 1rem; }
.items li + li { margin-top: .4rem; }
.items span:last-child { font-variant-numeric: tabular-nums; white-space: nowrap; }
.field { margin-bottom: 1.1rem; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; align-items: start; }
label { display: block; font-weight: 600; margin-bottom: .35rem; }
input {
  width: 100%; height: 3.5rem; padding: 0 1rem; border: 1.5px solid var(--field-line); border-radius: var(--radius);
  background: var(--surface); color: inherit; font: inherit; font-size: 1.1875rem; font-variant-numeric: tabular-nums;
}
input::placeholder { color: var(--quiet); opacity: .85; }
input[readonly] { background: transparent; border-color: var(--line); }
input[aria-invalid='true'] { border-color: var(--error); border-width: 2.5px; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.mistake { color: var(--error); font-weight: 600; margin-top: .4rem; line-height: 1.35; font-size: 1rem; }
.alert {
  background: var(--error-surface); color: var(--error); border-inline-start: 5px solid currentColor; border-radius: 8px;
  padding: .85rem 1rem; margin-bottom: 1.25rem;
}
.alert strong { display: block; }
.alert span { color: var(--text); }
button, .button {
  display: flex; align-items: center; justify-content: center; width: 100%; min-height: 4rem; padding: .5rem 1rem;
  border: 0; border-radius: var(--radius); background: var(--accent); color: var(--on-accent); font: inherit;
  font-size: 1.3125rem; font-weight: 700; font-variant-numeric: tabular-nums; cursor: pointer; text-decoration: none;
}
button:hover, button:active, .button:hover { background: var(--accent-press); }
button.second { background: transparent; color: var(--text); box-shadow: inset 0 0 0 1.5px var(--field-line); margin-top: 1rem; }
.back { text-align: center; color: var(--quiet); margin-top: .6rem; }
.back a { display: inline-block; padding: .75rem; color: var(--text); font-weight: 600; }
.cards { margin-top: 1.75rem; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); padding: 1rem 1.1rem; }
.cards h2 { font-size: 1rem; }
.cards p { color: var(--quiet); font-size: .9375rem; }
.cards dl { display: grid; grid-template-columns: auto 1fr; gap: .3rem .9rem; margin-top: .6rem; font-size: .9375rem; }
.cards dt { font-variant-numeric: tabular-nums; font-weight: 600; white-space: nowrap; user-select: all; }
.cards dd { color: var(--quiet); }
.privacy { color: var(--quiet); font-size: .9375rem; margin-top: 1.25rem; }
.state { padding-top: clamp(2rem, 14vh, 9rem); text-align: center; }
.state .items { text-align: start; }
.state h1 { color: var(--text); font-weight: 700; font-size: 2rem; margin: 1.25rem 0 .5rem; }
.state p { color: var(--quiet); font-size: 1.1875rem; margin-bottom: 1.75rem; text-wrap: pretty; }
.mark { width: 5.5rem; height: 5.5rem; border-radius: 50%; border: 4px solid currentColor; display: inline-grid; place-items: center; font-size: 2.75rem; line-height: 1; }
.mark.good { color: var(--good); }
.mark.ended { color: var(--quiet); }
`;
