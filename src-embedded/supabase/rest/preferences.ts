/** The headers that shape an answer: `Accept`, `Prefer`, `Range` and the schema profiles. Unknown ones are refused. */
import { RestError, unsupported } from './errors.ts';

export interface Preferences {
  returning: 'minimal' | 'representation';
  resolution: 'merge' | 'ignore' | undefined;
  countExact: boolean;
  missingDefault: boolean;
}

/** Parses `Prefer`. @throws RestError for a preference that this server would not honour. */
export function parsePrefer(header: string | undefined): Preferences {
  const found: Preferences = {
    returning: 'minimal',
    resolution: undefined,
    countExact: false,
    missingDefault: false,
  };
  for (const part of (header ?? '').split(',')) {
    switch (part.trim()) {
      case '':
      case 'handling=lenient':
      case 'handling=strict':
      case 'return=minimal':
      case 'return=headers-only':
        break;
      case 'return=representation':
        found.returning = 'representation';
        break;
      case 'resolution=merge-duplicates':
        found.resolution = 'merge';
        break;
      case 'resolution=ignore-duplicates':
        found.resolution = 'ignore';
        break;
      case 'count=exact':
        found.countExact = true;
        break;
      case 'missing=default':
        found.missingDefault = true;
        break;
      default:
        throw unsupported(`Prefer: ${part.trim()}`);
    }
  }
  return found;
}

/** Whether a single object is wanted. @throws RestError for a media type other than JSON. */
export function wantsObject(accept: string | undefined): boolean {
  const types = (accept ?? '*/*').split(',').map((type) => type.trim().toLowerCase());
  if (types.includes('application/vnd.pgrst.object+json')) return true;
  const json = types.some((type) => /^(\*\/\*|application\/(json|\*))(\s*;.*)?$/.test(type));
  if (json) return false;
  throw new RestError(406, 'PGRST107', `None of these media types are available: ${types.join(', ')}`);
}

/** @throws RestError when another schema than `public` is asked for. */
export function requirePublicSchema(profile: string | string[] | undefined): void {
  if (profile === undefined || profile === 'public') return;
  throw new RestError(406, 'PGRST106', `Invalid schema: ${String(profile)}`, null, 'Only public is exposed.');
}

export interface RowRange {
  offset: number;
  limit: number | undefined;
}

/** Parses `Range: 0-9`. Undefined when there is no such header. */
export function parseRange(header: string | undefined): RowRange | undefined {
  if (header === undefined) return undefined;
  const [, from, to] = /^(?:items=)?(\d{1,9})-(\d{1,9})?$/.exec(header.trim()) ?? [];
  if (from === undefined) throw new RestError(416, 'PGRST103', 'Requested range not satisfiable');
  const offset = Number(from);
  if (to === undefined) return { offset, limit: undefined };
  if (Number(to) < offset) throw new RestError(416, 'PGRST103', 'Requested range not satisfiable');
  return { offset, limit: Number(to) - offset + 1 };
}
