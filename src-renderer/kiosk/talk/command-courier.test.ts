import { describe, expect, it } from 'vitest';
import type { AgentCommand } from '../../../src-shared/visit.ts';
import { CommandCourier } from './command-courier.ts';

const pause: AgentCommand = { id: 'c1', kind: 'pause' };
const resume: AgentCommand = { id: 'c2', kind: 'resume' };

function setUp(options: { agentFailures?: number; stationFailures?: number } = {}) {
  let { agentFailures = 0, stationFailures = 0 } = options;
  const log: string[] = [];
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const courier = new CommandCourier({
    deliver: async ({ id }) => {
      if (agentFailures > 0) {
        agentFailures -= 1;
        throw new Error('no agent');
      }
      log.push(`deliver ${id}`);
    },
    acknowledge: async (id) => {
      if (stationFailures > 0) {
        stationFailures -= 1;
        throw new Error('unreachable');
      }
      log.push(`done ${id}`);
      if (id === 'c2') finish();
    },
    wait: async () => undefined,
  });
  return { courier, log, done };
}

describe('commands to the agent', () => {
  it('go in order and are acknowledged each', async () => {
    const { courier, log, done } = setUp();
    courier.offer([pause, resume]);
    await done;
    expect(log).toEqual(['deliver c1', 'done c1', 'deliver c2', 'done c2']);
  });

  it('wait for an agent that is not there yet', async () => {
    const { courier, log, done } = setUp({ agentFailures: 3 });
    courier.offer([pause, resume]);
    await done;
    expect(log).toEqual(['deliver c1', 'done c1', 'deliver c2', 'done c2']);
  });

  it('are not delivered twice when only the acknowledgement failed, nor when offered again', async () => {
    const { courier, log, done } = setUp({ stationFailures: 2 });
    courier.offer([pause, resume]);
    courier.offer([pause, resume]);
    await done;
    expect(log).toEqual(['deliver c1', 'done c1', 'deliver c2', 'done c2']);
  });

  it('stop when the leg is over', async () => {
    const { courier, log } = setUp();
    courier.stop();
    courier.offer([pause]);
    await Promise.resolve();
    expect(log).toEqual([]);
  });
});
