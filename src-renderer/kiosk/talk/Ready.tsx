/** Before the talk: time on hand, and whether we hear the customer. Without a microphone one types instead. */
import { Keyboard, Mic, ShoppingBag } from 'lucide-react';
import { Button } from '../../components/Button.tsx';
import { Frame } from '../frame/Frame.tsx';
import { ProblemNotice } from '../frame/ProblemNotice.tsx';
import { usePreferences } from '../frame/preferences.tsx';
import { staleSinceOf } from '../frame/remaining.ts';
import { UnavailableNotice } from '../frame/UnavailableNotice.tsx';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import { LevelMeter } from './LevelMeter.tsx';
import { useMicrophoneCheck } from './microphone.ts';
import css from './Ready.module.css';

export function Ready() {
  const { t, time, date, clock } = useWords();
  const { snapshot, send, busy } = useVisit();
  const { typing, change } = usePreferences();
  const microphone = useMicrophoneCheck(!typing);
  const { wallet, services } = snapshot;
  const missing = !typing && microphone.state === 'missing';
  const empty = wallet !== null && wallet.availableSeconds === 0;
  const staleSince = staleSinceOf(snapshot);
  const [card] = wallet?.cards ?? [];

  const start = () => {
    if (missing) change({ typing: true });
    send({ type: 'startTalk' });
  };
  const buy = (
    <Button
      kind="primary"
      icon={ShoppingBag}
      onPress={() => send({ type: 'chooseBuy' })}
      testId="action-buy-more"
    >
      {t('ready.buyMore')}
    </Button>
  );
  const begin = (
    <Button
      kind="primary"
      busy={busy}
      disabled={!services.talk.ok}
      onPress={start}
      testId="action-start-talk"
    >
      {typing || missing ? t('ready.startTyping') : t('ready.start')}
    </Button>
  );
  return (
    <Frame
      title={empty ? t('ready.noTime') : t('ready.title')}
      line={empty ? undefined : t('ready.line')}
      confirmStartOver={snapshot.code !== null}
      primary={empty ? buy : begin}
    >
      <ProblemNotice />
      <UnavailableNotice availability={services.talk} />
      <div className={css['columns']}>
        {wallet && !empty && (
          <div>
            <p className={css['have']}>{t('ready.have', { time: time(wallet.availableSeconds) })}</p>
            {card && <p className={css['until']}>{t('ready.expires', { date: date(card.expiresAt) })}</p>}
            {staleSince && (
              <p className={css['until']} role="status" data-testid="balance-as-of">
                {t('ready.asOf', { clock: clock(staleSince) })}
              </p>
            )}
          </div>
        )}
        {!empty && (
          <div className={css['check']}>
            {!typing && !missing && <LevelMeter level={microphone.level} label={t('ready.level')} />}
            <p
              className={css['state']}
              role="status"
              data-testid="microphone-state"
              data-state={microphone.state}
            >
              {t(`ready.mic.${typing ? 'typing' : microphone.state}`)}
            </p>
            {!missing && (
              <div>
                <Button
                  icon={typing ? Mic : Keyboard}
                  onPress={() => change({ typing: !typing })}
                  testId="action-type-instead"
                >
                  {typing ? t('ready.speak') : t('ready.type')}
                </Button>
              </div>
            )}
          </div>
        )}
      </div>
    </Frame>
  );
}
