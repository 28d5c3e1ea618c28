/** How loud the assistant is. A slider for the finger, two buttons for certainty; back to normal for the next person. */
import * as Slider from '@radix-ui/react-slider';
import { Volume1, Volume2 } from 'lucide-react';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { usePreferences } from '../frame/preferences.tsx';
import { useWords } from '../frame/use-words.ts';
import css from './VolumeDialog.module.css';

const STEP = 0.1;

export function VolumeDialog(props: { onClose(): void }) {
  const { t } = useWords();
  const { volume, change } = usePreferences();
  const set = (value: number) => change({ volume: Math.min(1, Math.max(0, Math.round(value * 10) / 10)) });
  return (
    <Dialog
      title={t('talk.volume')}
      onClose={props.onClose}
      testId="volume-dialog"
      actions={
        <Button kind="primary" onPress={props.onClose}>
          {t('display.done')}
        </Button>
      }
    >
      <Slider.Root
        className={css['slider']}
        min={0}
        max={1}
        step={STEP}
        value={[volume]}
        dir={document.documentElement.dir === 'rtl' ? 'rtl' : 'ltr'}
        onValueChange={([value]) => set(value ?? volume)}
      >
        <Slider.Track className={css['track']}>
          <Slider.Range className={css['range']} />
        </Slider.Track>
        <Slider.Thumb className={css['thumb']} aria-label={t('talk.volume')} data-testid="volume-thumb" />
      </Slider.Root>
      <div className={css['steps']}>
        <Button icon={Volume1} onPress={() => set(volume - STEP)}>
          {t('talk.quieter')}
        </Button>
        <Button icon={Volume2} onPress={() => set(volume + STEP)}>
          {t('talk.louder')}
        </Button>
      </div>
    </Dialog>
  );
}
