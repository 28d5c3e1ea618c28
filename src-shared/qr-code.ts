/** A QR code as one SVG path, for the screen and for paper alike: always dark on white, so that every phone reads it. */
import { create } from 'qrcode';

/** Light modules around the code that readers need (ISO/IEC 18004 asks for four). */
const QUIET_ZONE_MODULES = 4;

/** One unit is one module; (0, 0) is the upper left module of the code itself. */
export interface QrCodeDrawing {
  /** The dark modules, a run of neighbours at a time: the `d` of an SVG path. */
  path: string;
  /** The whole picture with the quiet zone around it. */
  viewBox: string;
}

/** Draws `text`. @throws Error when it is longer than a QR code holds (2,331 bytes) */
export function drawQrCode(text: string): QrCodeDrawing {
  const { data, size } = create(text, { errorCorrectionLevel: 'M' }).modules;
  const side = size + 2 * QUIET_ZONE_MODULES;
  const viewBox = `${-QUIET_ZONE_MODULES} ${-QUIET_ZONE_MODULES} ${side} ${side}`;
  return { path: qrPath(data, size), viewBox };
}

/**
 * @param modules row by row, truthy = dark
 * @param size modules per row
 */
export function qrPath(modules: ArrayLike<number | boolean>, size: number): string {
  let path = '';
  for (let y = 0; y < size; y += 1) {
    let x = 0;
    while (x < size) {
      if (!modules[y * size + x]) {
        x += 1;
        continue;
      }
      const start = x;
      while (x < size && modules[y * size + x]) x += 1;
      path += `M${start} ${y}h${x - start}v1h-${x - start}z`;
    }
  }
  return path;
}
