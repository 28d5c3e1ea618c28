import { describe, expect, it } from 'vitest';
import { mergeMetrics } from './metrics.ts';

describe('merged metrics', () => {
  it('keep the samples of one metric together, each with its process', () => {
    const one = '# HELP a Things.\n# TYPE a counter\na 1\n# HELP b Other.\n# TYPE b gauge\nb{x="y z"} 2\n';
    const merged = mergeMetrics([
      { process: 'relay', text: one },
      { process: 'station', text: one },
    ]);
    expect(merged).toBe(
      [
        '# HELP a Things.',
        '# TYPE a counter',
        'a{process="relay"} 1',
        'a{process="station"} 1',
        '# HELP b Other.',
        '# TYPE b gauge',
        'b{process="relay",x="y z"} 2',
        'b{process="station",x="y z"} 2',
        '',
      ].join('\n'),
    );
  });

  it('leave out a process that does not answer', () => {
    expect(mergeMetrics([{ process: 'agent', text: '' }])).toBe('\n');
  });
});
