import { describe, expect, it } from 'vitest';
import { claimStatus, renderClaimPage } from './claim-page.ts';

describe('renderClaimPage', () => {
  it('shows the code in three groups and escapes what comes from the database', () => {
    const html = renderClaimPage({ kind: 'code', code: 'ABCD1234WXYZ', tierName: '<b>"Starter"&' });
    expect(html).toContain('<span>ABCD</span><span>1234</span><span>WXYZ</span>');
    expect(html).not.toContain('<b>');
    expect(html).toContain('&#60;b&#62;&#34;Starter&#34;&#38;');
    expect(html).not.toContain('http-equiv="refresh"');
  });

  it('loads itself again only while there is something to wait for', () => {
    const refreshing = (
      ['confirming', 'unavailable', 'not_paid', 'refunded', 'saved', 'not_found'] as const
    ).filter((kind) => renderClaimPage({ kind }).includes('http-equiv="refresh"'));
    expect(refreshing).toEqual(['confirming', 'unavailable']);
    expect([claimStatus({ kind: 'not_found' }), claimStatus({ kind: 'confirming' })]).toEqual([404, 200]);
  });
});
