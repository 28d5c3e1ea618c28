/** A QR code drawn as one SVG path, always dark on white so that every phone reads it. No network, no canvas. */
import { create } from 'qrcode';
import { useMemo } from 'react';
import css from './QrCode.module.css';
import { qrPath } from './qr-path.ts';

/** Light modules around the code that readers need (ISO/IEC 18004 asks for four). */
const QUIET_ZONE = 4;

export function QrCode(props: { text: string; label: string; testId?: string }) {
  const { path, size } = useMemo(() => {
    const { modules } = create(props.text, { errorCorrectionLevel: 'M' });
    return { path: qrPath(modules.data, modules.size), size: modules.size };
  }, [props.text]);
  const side = size + 2 * QUIET_ZONE;
  return (
    <svg
      className={css['qr']}
      viewBox={`${-QUIET_ZONE} ${-QUIET_ZONE} ${side} ${side}`}
      role="img"
      aria-label={props.label}
      data-testid={props.testId}
      data-text={props.text}
      shapeRendering="crispEdges"
    >
      <rect className={css['paper']} x={-QUIET_ZONE} y={-QUIET_ZONE} width={side} height={side} />
      <path className={css['ink']} d={path} />
    </svg>
  );
}
