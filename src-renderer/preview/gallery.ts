/**
 * `npm run preview`: all screens beside each other, each a frame with its own preview page. What they look like is
 * chosen above and kept in the address, so that a reload or a colleague sees the same.
 */
import './gallery.css';
import { LOCALES, screenSchema } from '../../src-shared/visit.ts';
import { DESK_SCREENS } from '../admin/preview/reports.ts';
import { TEXT_SIZES, THEMES } from '../kiosk/frame/preferences.tsx';
import { VARIANTS } from '../kiosk/preview/snapshots.ts';

const FORMATS: Readonly<Record<string, readonly [widthPx: number, heightPx: number]>> = {
  'portrait 1080×1920': [1080, 1920],
  'landscape 1920×1080': [1920, 1080],
  'small 1280×800': [1280, 800],
};

/** How large a screen is drawn here. */
const SCALE = 0.3;

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  format: Object.keys(FORMATS),
  lang: LOCALES,
  theme: THEMES,
  size: TEXT_SIZES.map(String),
};

const KIOSK_SCREENS = [...screenSchema.options, ...Object.keys(VARIANTS)];

const query = new URLSearchParams(location.search);
const chosen = (name: string) => query.get(name) ?? CHOICES[name]?.[0] ?? '';

/** Loads a screen when it comes into view: forty pages at once keep a machine busy for a minute. */
const seen = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting || !(target instanceof HTMLIFrameElement)) continue;
      seen.unobserve(target);
      target.src = target.dataset['address'] ?? '';
    }
  },
  { rootMargin: '200px' },
);

function draw(): void {
  seen.disconnect();
  const look = new URLSearchParams(['lang', 'theme', 'size'].map((name) => [name, chosen(name)]));
  const screens = [
    ...KIOSK_SCREENS.map((name) => frame(name, `../kiosk/preview/preview.html?screen=${name}&${look}`)),
    ...DESK_SCREENS.map((name) => frame(`desk: ${name}`, `../admin/preview/preview.html?screen=${name}`)),
  ];
  document.getElementById('screens')?.replaceChildren(...screens);
}

function frame(name: string, address: string): HTMLElement {
  const [widthPx, heightPx] = FORMATS[chosen('format')] ?? [1080, 1920];
  const inner = document.createElement('iframe');
  Object.assign(inner, { title: name, width: widthPx, height: heightPx });
  inner.dataset['address'] = address;
  seen.observe(inner);
  inner.style.transform = `scale(${SCALE})`;
  const box = document.createElement('div');
  box.className = 'frame';
  Object.assign(box.style, { width: `${widthPx * SCALE}px`, height: `${heightPx * SCALE}px` });
  box.append(inner);
  const link = document.createElement('a');
  Object.assign(link, { href: address, textContent: name, target: '_blank' });
  const caption = document.createElement('figcaption');
  caption.append(link);
  const figure = document.createElement('figure');
  figure.append(caption, box);
  return figure;
}

function drawChoices(): void {
  const labels = Object.entries(CHOICES).map(([name, values]) => {
    const select = document.createElement('select');
    select.append(...values.map((value) => new Option(value, value, false, value === chosen(name))));
    select.addEventListener('change', () => {
      query.set(name, select.value);
      history.replaceState(null, '', `?${query}`);
      draw();
    });
    const label = document.createElement('label');
    label.append(`${name} `, select);
    return label;
  });
  document.getElementById('looks')?.replaceChildren(...labels);
}

drawChoices();
draw();
