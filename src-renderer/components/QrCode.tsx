/** A QR code on the screen. No network, no canvas. */
import { useMemo } from 'react';
import { drawQrCode } from '../../src-shared/qr-code.ts';
import css from './QrCode.module.css';

export function QrCode(props: { text: string; label: string; testId?: string }) {
  const { path, viewBox } = useMemo(() => drawQrCode(props.text), [props.text]);
  const [left, top, width, height] = viewBox.split(' ');
  return (
    <svg
      className={css['qr']}
      viewBox={viewBox}
      role="img"
      aria-label={props.label}
      data-testid={props.testId}
      data-text={props.text}
      shapeRendering="crispEdges"
    >
      <rect className={css['paper']} x={left} y={top} width={width} height={height} />
      <path className={css['ink']} d={path} />
    </svg>
  );
}
