/**
 * The conversation. The voice is the picture; beneath it what was said, the time that is left, and the few things one
 * can always do: pause, mute, type, volume, add time, end.
 */
import { Hand, Keyboard } from 'lucide-react';
import { useMemo, useState } from 'react';
import { TOOL_NAMES, type ToolName } from '../../../src-shared/agent-link.ts';
import type { MeterState } from '../../../src-shared/visit.ts';
import { Button } from '../../components/Button.tsx';
import { Orb } from '../../components/Orb.tsx';
import { Frame } from '../frame/Frame.tsx';
import { ProblemNotice } from '../frame/ProblemNotice.tsx';
import { usePreferences } from '../frame/preferences.tsx';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import { Captions } from './Captions.tsx';
import { Controls, EndButton, type Panel } from './Controls.tsx';
import { mergedCaptions } from './captions.ts';
import { useCues } from './cues.ts';
import { inLastMinute, voicePicture } from './picture.ts';
import css from './TalkScreen.module.css';
import { TopUp } from './TopUp.tsx';
import { useTalkEngine } from './use-engine.ts';
import { useHistory } from './use-history.ts';
import { VolumeDialog } from './VolumeDialog.tsx';
import { WriteDialog } from './WriteDialog.tsx';

export function TalkScreen() {
  const { t } = useWords();
  const { snapshot } = useVisit();
  const { engine, state } = useTalkEngine();
  const [panel, setPanel] = useState<Panel | null>(null);
  const { talk } = snapshot;
  const meter = talk?.meter ?? 'connecting';
  const picture = voicePicture(meter, state);
  const lastMinute = talk !== null && meter === 'charging' && inLastMinute(talk.remainingSeconds);
  useCues(picture, lastMinute);
  const history = useHistory(talk?.talkId ?? null);
  const captions = useMemo(() => mergedCaptions(history, state.captions), [history, state.captions]);
  const level = () => engine?.level(picture === 'speaking' ? 'assistant' : 'customer') ?? 0;
  return (
    <Frame title={t('talk.title')} hideTitle fill back={false} startOver={false} primary={<EndButton />}>
      <div className={css['talk']}>
        <div className={css['voice']}>
          <div className={css['picture']}>
            <Orb state={picture} level={level} />
            {lastMinute && (
              <p className={css['countdown']} aria-hidden="true">
                {talk.remainingSeconds}
              </p>
            )}
          </div>
          <VoiceWords picture={picture} lastMinute={lastMinute} />
        </div>
        <div className={css['said']}>
          <ProblemNotice />
          {state.needsTouch && (
            <Button
              kind="primary"
              icon={Hand}
              onPress={() => engine?.allowSound()}
              testId="action-allow-sound"
            >
              {t('talk.hear')}
            </Button>
          )}
          {isSoundLost(meter) && (
            <Button
              kind="primary"
              icon={Keyboard}
              onPress={() => setPanel('write')}
              testId="action-type-instead"
            >
              {t('talk.typeInstead')}
            </Button>
          )}
          <Captions captions={captions} />
          <Activity tool={talk?.activity ?? null} />
          <Controls microphone={state.microphone} onPanel={setPanel} />
        </div>
      </div>
      {panel === 'volume' && <VolumeDialog onClose={() => setPanel(null)} />}
      {panel === 'write' && engine && <WriteDialog engine={engine} onClose={() => setPanel(null)} />}
      {talk?.topUp && <TopUp step={talk.topUp} />}
    </Frame>
  );
}

function VoiceWords(props: { picture: ReturnType<typeof voicePicture>; lastMinute: boolean }) {
  const { t } = useWords();
  const { muted } = usePreferences();
  const { talk } = useVisit().snapshot;
  const meter = talk?.meter ?? 'connecting';
  const { picture } = props;
  const hint =
    meter !== 'charging' ? t(`talk.meter.${meter}`) : picture === 'paused' ? '' : t(`talk.hint.${picture}`);
  return (
    <div data-testid="meter-state" data-meter={meter}>
      <p className={css['state']} role="status" data-testid="voice-state" data-state={props.picture}>
        {isSoundLost(meter) ? t(`talk.lost.${meter}`) : t(`talk.state.${props.picture}`)}
      </p>
      <p className={css['hint']}>{muted && props.picture === 'listening' ? t('talk.muted') : hint}</p>
      {props.lastMinute && (
        <p className={css['last']} role="status">
          {t('talk.lastMinute')}
        </p>
      )}
    </div>
  );
}

/** One side can't be heard; one can write instead. */
function isSoundLost(meter: MeterState): meter is 'microphone_lost' | 'speaker_lost' | 'ears_lost' {
  return meter === 'microphone_lost' || meter === 'speaker_lost' || meter === 'ears_lost';
}

function Activity(props: { tool: string | null }) {
  const { t } = useWords();
  const known = isTool(props.tool) ? props.tool : 'other';
  return (
    <p className={css['activity']} role="status" data-testid="activity">
      {props.tool ? t(`talk.activity.${known}`) : ''}
    </p>
  );
}

function isTool(name: string | null): name is ToolName {
  return TOOL_NAMES.some((tool) => tool === name);
}
