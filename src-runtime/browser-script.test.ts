import { expect, it } from 'vitest';
import { browserScript } from './browser-script.ts';

it('gives a script as plain JavaScript, from its source beside the module that asks', async () => {
  const module = new URL('../src-relay/pages/pay-page.ts', import.meta.url).href;
  const script = await browserScript(module, 'pay-page');
  expect(script).toContain('confirmPayment');
  expect(script).not.toMatch(/\binterface\b/);
  expect(() => new Function(script)).not.toThrow();
});

it('knows no other name', async () => {
  await expect(browserScript(import.meta.url, 'nothing')).rejects.toThrow('ENOENT');
});
