/** Where am I, help, language, text and contrast, remaining time when there is any, and the demo banner. */
import { CircleQuestionMark, Contrast, Languages } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/Button.tsx';
import { DisplayDialog } from '../help/DisplayDialog.tsx';
import { HelpDialog } from '../help/HelpDialog.tsx';
import { LanguageDialog } from '../help/LanguageDialog.tsx';
import { demoOf } from './demo.ts';
import { remainingSecondsOf } from './remaining.ts';
import css from './TopBar.module.css';
import { useWords } from './use-words.ts';
import { useVisit } from './visit-context.tsx';

export function TopBar() {
  const { t, time, longTime } = useWords();
  const { snapshot } = useVisit();
  const [open, setOpen] = useState<'help' | 'language' | 'display' | null>(null);
  const seconds = remainingSecondsOf(snapshot);
  const demo = demoOf(snapshot);
  const close = () => setOpen(null);
  return (
    <header>
      {demo && (
        <p className={css['demo']} data-testid="demo-banner">
          {t(`top.demo.${demo}`)}
        </p>
      )}
      <div className={css['bar']}>
        <p className={css['where']}>{t(`top.where.${snapshot.screen}`)}</p>
        {seconds !== null && (
          <p
            className={css['time']}
            data-testid="remaining-seconds"
            data-seconds={seconds}
            aria-label={t('common.timeLeft', { time: longTime(seconds) })}
            role="timer"
          >
            {t('common.timeLeft', { time: time(seconds) })}
          </p>
        )}
        <div className={css['tools']}>
          <Button
            kind="quiet"
            icon={CircleQuestionMark}
            onPress={() => setOpen('help')}
            testId="action-help"
            label={t('help.open')}
          >
            <span className={css['spare']}>{t('help.open')}</span>
          </Button>
          <Button
            kind="quiet"
            icon={Languages}
            onPress={() => setOpen('language')}
            testId="action-language"
            label={`${t('language.choose')}: ${t('language.name')}`}
          >
            {t('language.name')}
          </Button>
          <Button
            kind="quiet"
            icon={Contrast}
            onPress={() => setOpen('display')}
            testId="action-display"
            label={t('top.display')}
          >
            <span className={css['spare']}>{t('top.display')}</span>
          </Button>
        </div>
      </div>
      {open === 'help' && <HelpDialog onClose={close} />}
      {open === 'language' && <LanguageDialog onClose={close} />}
      {open === 'display' && <DisplayDialog onClose={close} />}
    </header>
  );
}
