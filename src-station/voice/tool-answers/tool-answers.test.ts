import { describe, expect, it } from 'vitest';
import { toolResultSchema } from '../../../src-shared/agent-link.ts';
import { balanceOf, PREMIUM, STARTER } from '../../visit/visit.test-kit.ts';
import { spokenPrice } from './facts.ts';
import { answerTool, type ToolFacts } from './index.ts';

function facts(change: Partial<ToolFacts> = {}): ToolFacts & { opened: string[] } {
  const opened: string[] = [];
  return {
    remainingSeconds: 3_900,
    chargedSeconds: 600,
    wallet: balanceOf(3_600),
    packages: [STARTER, PREMIUM],
    canBuy: true,
    customerTurns: 3,
    assistantTurns: 4,
    openPurchase: (id) => opened.push(id) > 0,
    opened,
    ...change,
  };
}

describe('answers of the tools', () => {
  it('say the time left as people do', () => {
    const answer = answerTool({ tool: 'check_time_balance', arguments: {} }, facts());
    expect(answer.spoken).toBe('You have 1 hour and 5 minutes left.');
    expect(toolResultSchema.parse(answer)).toEqual(answer);
  });

  it('name every package with its price, and the best by price per hour', () => {
    const answer = answerTool({ tool: 'get_pricing_packages', arguments: {} }, facts());
    expect(answer.spoken).toContain('Starter: 1 hour for 9 dollars and 99 cents.');
    expect(answer.spoken).toContain('Premium: 12 hours for 79 dollars and 99 cents.');
    expect(answer.data).toMatchObject({ bestValuePackageId: 'premium' });
  });

  it('admit it when prices are not known', () => {
    const answer = answerTool({ tool: 'get_pricing_packages', arguments: {} }, facts({ packages: [] }));
    expect(answer.ok).toBe(false);
  });

  it('estimate by the card in use, and say that nothing is charged again', () => {
    const answer = answerTool({ tool: 'estimate_session_cost', arguments: {} }, facts());
    // 600 s of 3,600 s for 9.99
    expect(answer.data).toMatchObject({ estimatedCents: 167, chargedSeconds: 600 });
    expect(answer.spoken).toContain('about 1 dollar and 67 cents');
    expect(answer.spoken).toContain('nothing on top');
  });

  it('give no figure for a card whose price is not known', () => {
    const answer = answerTool({ tool: 'estimate_session_cost', arguments: {} }, facts({ wallet: null }));
    expect(answer.data['estimatedCents']).toBeNull();
    expect(answer.spoken).not.toMatch(/\bcents?\b|dollar/);
  });

  it.each(['starter', 'Starter', ' STARTER '])('open the package that is meant by “%s”', (package_id) => {
    const known = facts();
    const answer = answerTool({ tool: 'start_purchase_process', arguments: { package_id } }, known);
    expect(answer.ok).toBe(true);
    expect(known.opened).toEqual(['starter']);
  });

  it('open nothing that is not on sale, nor while buying is out of reach', () => {
    for (const [package_id, canBuy] of [
      ['gold', true],
      ['starter', false],
    ] as const) {
      const known = facts({ canBuy });
      const answer = answerTool({ tool: 'start_purchase_process', arguments: { package_id } }, known);
      expect(answer.ok).toBe(false);
      expect(known.opened).toEqual([]);
    }
  });

  it('sum the talk up in figures', () => {
    const answer = answerTool({ tool: 'get_session_summary', arguments: {} }, facts());
    expect(answer.spoken).toBe(
      'We have talked for 10 minutes. You spoke 3 times. You have 1 hour and 5 minutes left.',
    );
  });
});

it('prices are spoken with the cents only where there are some', () => {
  expect(spokenPrice(100, 'usd')).toBe('1 dollar');
  expect(spokenPrice(1, 'usd')).toBe('1 cent');
  expect(spokenPrice(999, 'eur')).toBe('9.99 EUR');
});
