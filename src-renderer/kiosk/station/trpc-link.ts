/**
 * The station over tRPC on the page's own origin: one event stream for snapshots, plain requests for the rest. Promises
 * to come back by itself: the stream is opened anew after every error, with a growing pause.
 */
import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink, TRPCClientError } from '@trpc/client';
import { z } from 'zod';
import { type Backoff, backoffMs } from '../../../src-shared/retry.ts';
import { captionSchema, visitSnapshotSchema } from '../../../src-shared/visit.ts';
import type { AppRouter } from '../../../src-station/local-api/router.ts';
import type { StationLink, StationListener } from './link.ts';

/** Short at first, never long: someone is waiting. */
export const RECONNECT: Backoff = { firstMs: 250, longestMs: 3_000 };

function makeClient(url: string) {
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({ url }),
        false: httpLink({ url }),
      }),
    ],
  });
}

export function createStationLink(url = '/trpc'): StationLink {
  const client = makeClient(url);
  return {
    follow: (listener) => follow(client, listener),
    intent: async (intent) => {
      await client.visit.intent.mutate(intent);
    },
    heartbeat: async (beat) => {
      await client.talk.heartbeat.mutate(beat);
    },
    caption: async (talkId, caption) => {
      await client.talk.caption.mutate({ talkId, caption });
    },
    history: async (talkId) => z.array(captionSchema).parse(await client.talk.history.query({ talkId })),
    stationCall: (call) => client.talk.stationCall.mutate(call),
    commandDone: async (id) => {
      await client.talk.commandDone.mutate({ id });
    },
  };
}

function follow(client: ReturnType<typeof makeClient>, listener: StationListener): () => void {
  let stopped = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let subscription: { unsubscribe(): void } | undefined;

  const again = (refused: boolean) => {
    if (stopped) return;
    listener.onLink(refused ? 'refused' : 'connecting');
    subscription?.unsubscribe();
    clearTimeout(timer);
    failures += 1;
    timer = setTimeout(open, backoffMs(RECONNECT, failures));
  };
  const open = () => {
    if (stopped) return;
    subscription = client.visit.snapshot.subscribe(undefined, {
      onData: (data) => {
        failures = 0;
        listener.onLink('open');
        // Across versions of page and station the schema decides, not the compiler.
        listener.onSnapshot(visitSnapshotSchema.parse(data));
      },
      onConnectionStateChange: (state) => {
        if (state.state === 'connecting' && state.error) listener.onLink('connecting');
      },
      onError: (error) => again(isRefusal(error)),
      onComplete: () => again(false),
    });
  };
  open();
  return () => {
    stopped = true;
    clearTimeout(timer);
    subscription?.unsubscribe();
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof TRPCClientError && error.data?.code === 'UNAUTHORIZED';
}
