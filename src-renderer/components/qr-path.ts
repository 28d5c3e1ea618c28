/** The dark modules of a QR code as one SVG path, a run of neighbours at a time. */

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
