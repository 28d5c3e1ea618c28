/**
 * Paying with a card typed at this computer: the relay's page with Stripe's fields in a frame. That page tells only
 * that something happened and how tall it is; how the payment stands comes from the station, as for the other ways.
 */
import { Smartphone } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { PurchaseView } from '../../../src-shared/visit.ts';
import { Button } from '../../components/Button.tsx';
import { usePreferences } from '../frame/preferences.tsx';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import css from './Payment.module.css';
import { PaymentStatus } from './PaymentStatus.tsx';
import { payFrameHeight, payFrameUrl } from './pay-frame.ts';

export function HerePayment(props: { purchase: PurchaseView }) {
  const { status, payUrl } = props.purchase;
  const { t } = useWords();
  const { send, busy } = useVisit();
  if (status !== 'pending' || payUrl === null) return <PaymentStatus status={status} />;
  return (
    <div className={css['here']}>
      <PayFrame key={payUrl} payUrl={payUrl} />
      <Button
        icon={Smartphone}
        busy={busy}
        onPress={() => send({ type: 'chooseWay', way: 'phone' })}
        testId="action-pay-by-phone"
      >
        {t('pay.here.phone')}
      </Button>
    </div>
  );
}

/** Not more often than it is of use: each key in the frame is told. */
const LIFE_AT_MOST_EVERY_MS = 3_000;

function PayFrame(props: { payUrl: string }) {
  const { t } = useWords();
  const { snapshot, send } = useVisit();
  const { theme, textSize } = usePreferences();
  const frame = useRef<HTMLIFrameElement>(null);
  const lastLifeMs = useRef(Number.NEGATIVE_INFINITY);
  const [size, setSize] = useState<number | null>(null);
  const { origin } = new URL(props.payUrl);
  // While the question "still there?" is up only its own buttons answer it.
  const isAsked = snapshot.stillThere !== null;

  // The size of text follows the screen and the customer's wish, so it is read from what is drawn with them.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text size is what changes it
  useEffect(() => {
    setSize(Number.parseFloat(getComputedStyle(document.documentElement).fontSize));
  }, [textSize]);

  useEffect(() => {
    const told = (event: MessageEvent<unknown>) => {
      if (event.origin !== origin || event.source !== frame.current?.contentWindow) return;
      const height = payFrameHeight(event.data);
      if (height !== null && frame.current) frame.current.style.blockSize = `${height}px`;
      const nowMs = performance.now();
      if (isAsked || nowMs - lastLifeMs.current < LIFE_AT_MOST_EVERY_MS) return;
      lastLifeMs.current = nowMs;
      send({ type: 'stillHere' });
    };
    window.addEventListener('message', told);
    return () => window.removeEventListener('message', told);
  }, [origin, isAsked, send]);

  if (size === null) return null;
  return (
    <iframe
      ref={frame}
      className={css['fields']}
      title={t('pay.here.frame')}
      src={payFrameUrl(props.payUrl, { lang: snapshot.locale, theme, size })}
      // No way out of its frame: it may not lead the kiosk's own page anywhere.
      sandbox="allow-scripts allow-same-origin allow-forms"
      referrerPolicy="no-referrer"
      data-testid="pay-frame"
    />
  );
}
