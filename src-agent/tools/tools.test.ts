import { expect, test } from 'vitest';
import { type StationCall, stationCallSchema, TOOL_NAMES } from '../../src-shared/agent-link.ts';
import { agentTools } from './index.ts';

const calls: StationCall[] = [];
const tools = agentTools({
  call: async (request) => {
    calls.push(stationCallSchema.parse(request));
    return { ok: true, spoken: `Answer of ${request.tool}.`, data: {} };
  },
});

test('the tools are those of the contract, name by name', () => {
  expect(tools.map((tool) => tool.name).sort()).toEqual([...TOOL_NAMES].sort());
});

test.each([...TOOL_NAMES])('%s asks the station and hands on its answer', async (name) => {
  const tool = tools.find((candidate) => candidate.name === name);
  const wanted = name === 'start_purchase_process' ? { package_id: 'basic' } : {};
  calls.length = 0;
  const options = { ctx: undefined, toolCallId: '1' } as unknown as Parameters<
    NonNullable<typeof tool>['execute']
  >[1];
  const result = await tool?.execute(wanted as never, options);
  expect(calls).toEqual([{ tool: name, arguments: wanted }]);
  expect(result).toEqual({ ok: true, spoken: `Answer of ${name}.`, data: {} });
});
