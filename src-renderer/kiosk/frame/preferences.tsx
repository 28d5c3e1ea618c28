/**
 * How this customer likes the screen and the sound: text size, colours, volume, mute, speak or type. Kept in memory
 * only and back to normal for the next visit (the provider is keyed by the visit).
 */
import { createContext, type ReactNode, useContext, useLayoutEffect, useMemo, useState } from 'react';

export const TEXT_SIZES = [100, 125, 150] as const;
export type TextSize = (typeof TEXT_SIZES)[number];
export const THEMES = ['system', 'light', 'dark', 'contrast'] as const;
export type Theme = (typeof THEMES)[number];

export interface Preferences {
  textSize: TextSize;
  theme: Theme;
  /** 0 … 1 */
  volume: number;
  muted: boolean;
  /** True when the customer types instead of speaking. */
  typing: boolean;
}

const NORMAL: Preferences = { textSize: 100, theme: 'system', volume: 0.8, muted: false, typing: false };

interface PreferencesHandle extends Preferences {
  change(part: Partial<Preferences>): void;
}

const PreferencesContext = createContext<PreferencesHandle>({ ...NORMAL, change: () => undefined });

export function PreferencesProvider(props: { children: ReactNode; start?: Partial<Preferences> }) {
  const [preferences, setPreferences] = useState<Preferences>({ ...NORMAL, ...props.start });
  useLayoutEffect(() => {
    const page = document.documentElement;
    page.style.setProperty('--text-scale', String(preferences.textSize / 100));
    if (preferences.theme === 'system') delete page.dataset['theme'];
    else page.dataset['theme'] = preferences.theme;
  }, [preferences.textSize, preferences.theme]);
  const handle = useMemo(
    () => ({
      ...preferences,
      change: (part: Partial<Preferences>) => setPreferences((before) => ({ ...before, ...part })),
    }),
    [preferences],
  );
  return <PreferencesContext.Provider value={handle}>{props.children}</PreferencesContext.Provider>;
}

export function usePreferences(): PreferencesHandle {
  return useContext(PreferencesContext);
}
