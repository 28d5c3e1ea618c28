/**
 * What one can always do during a talk: five labelled keys, and the end beneath. Their places never change: when time
 * can't be bought just now, the line that says why takes its room from what was said, above them.
 */
import {
  Clock,
  Keyboard,
  type LucideIcon,
  Mic,
  MicOff,
  Pause,
  Play,
  Square,
  Volume2,
  VolumeX,
} from 'lucide-react';
import { useId } from 'react';
import { Button } from '../../components/Button.tsx';
import { usePreferences } from '../frame/preferences.tsx';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import css from './Controls.module.css';
import type { TalkState } from './talk-engine.ts';

export type Panel = 'volume' | 'write';

export function Controls(props: { microphone: TalkState['microphone']; onPanel(panel: Panel): void }) {
  const { t } = useWords();
  const { snapshot, send } = useVisit();
  const { muted, volume, change } = usePreferences();
  const paused = snapshot.talk?.meter === 'paused_by_customer';
  const noMicrophone = props.microphone === 'none' || props.microphone === 'lost';
  const { buy } = snapshot.services;
  const reason = useId();
  return (
    <fieldset className={css['controls']}>
      <legend className="visually-hidden">{t('top.where.talk')}</legend>
      {!buy.ok && (
        <p className={css['reason']} id={reason} data-testid="action-top-up-reason">
          <Clock aria-hidden="true" />
          <span>{t(`unavailable.${buy.reason}`)}</span>
        </p>
      )}
      <Key
        icon={paused ? Play : Pause}
        word={paused ? t('talk.resume') : t('talk.pause')}
        testId={paused ? 'action-resume' : 'action-pause'}
        pressed={paused}
        onPress={() => send({ type: paused ? 'resume' : 'pause' })}
      />
      <Key
        icon={muted || noMicrophone ? MicOff : Mic}
        word={noMicrophone ? t('talk.noMic') : muted ? t('talk.unmute') : t('talk.mute')}
        testId="action-mute"
        pressed={muted}
        disabled={noMicrophone}
        onPress={() => change({ muted: !muted })}
      />
      <Key
        icon={Keyboard}
        word={t('talk.type')}
        testId="action-type"
        onPress={() => props.onPanel('write')}
      />
      <Key
        icon={volume === 0 ? VolumeX : Volume2}
        word={t('talk.volume')}
        testId="action-volume"
        onPress={() => props.onPanel('volume')}
      />
      <Key
        icon={Clock}
        word={t('talk.topUp')}
        testId="action-top-up"
        reasonId={buy.ok ? undefined : reason}
        onPress={() => send({ type: 'openTopUp' })}
      />
    </fieldset>
  );
}

export function EndButton() {
  const { t } = useWords();
  const { send, snapshot } = useVisit();
  return (
    <Button
      icon={Square}
      busy={snapshot.busy}
      onPress={() => send({ type: 'endTalk' })}
      testId="action-end-talk"
    >
      {t('talk.end')}
    </Button>
  );
}

interface KeyProps {
  icon: LucideIcon;
  word: string;
  testId: string;
  pressed?: boolean;
  disabled?: boolean;
  /** Where it is written why this can't be had just now. The key then stays in its place and does nothing. */
  reasonId?: string | undefined;
  onPress(): void;
}

function Key(props: KeyProps) {
  const { icon: Icon, reasonId } = props;
  return (
    <button
      type="button"
      className={css['key']}
      data-testid={props.testId}
      data-pressed={props.pressed || undefined}
      disabled={props.disabled}
      aria-disabled={reasonId !== undefined || undefined}
      aria-describedby={reasonId}
      onClick={() => {
        if (reasonId === undefined) props.onPress();
      }}
    >
      <Icon aria-hidden="true" />
      <span>{props.word}</span>
    </button>
  );
}
