/** The settings as a whole: all that is wrong at once, else what is embedded and what is the operator's own. */
import { type Check, fail, ok, warn } from '../check.ts';

export const checkSettings: Check = ({ settings, settingProblems, parts }) => {
  if (!settings) {
    return settingProblems.map((problem) =>
      fail('Settings', problem, 'mend it in .env or the environment; nothing starts before'),
    );
  }
  const embedded = Object.entries(parts).flatMap(([name, isEmbedded]) => (isEmbedded ? [name] : []));
  const list = embedded.length > 0 ? `embedded: ${embedded.join(', ')}` : 'nothing is embedded';
  const summary = ok('Settings', `${settings.ENVIRONMENT}; ${list}`);
  const isTestMoney = /_test_/.test(settings.STRIPE_SECRET_KEY ?? '');
  if (settings.ENVIRONMENT !== 'production' || !isTestMoney) return [summary];
  const text = 'STRIPE_SECRET_KEY is a test key, and ENVIRONMENT is production: no money will move';
  return [summary, warn('Settings', text, 'use the live key when the kiosk opens to customers')];
};
