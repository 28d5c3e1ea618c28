/** Every question the simulation asks: how it is put to the server, and what the oracle expects for an answer. */
import type { UsageRow } from '../../src-shared/database.ts';
import { availableSeconds, heldSeconds } from './books/cards.ts';
import {
  extendLease,
  hasGrant,
  isKioskLive,
  openLease,
  postUsage,
  settleSilent,
  voidLease,
} from './books/leases.ts';
import {
  cleanUp,
  createPurchase,
  deduct,
  type Fulfilment,
  failPurchase,
  fulfil,
  merge,
  type NewPurchase,
  type Package,
  type Redemption,
  redeem,
  refund,
  revokeCard,
} from './books/payments.ts';
import { answers, type Expected, refused, type State } from './books/state.ts';
import type { Call } from './server.ts';
import { must } from './violation.ts';

/** What a kiosk asks, as its door knows it. */
export type KioskCall =
  | { name: 'get_user_time_balance'; userId: string }
  | { name: 'open_lease'; leaseId: string; userId: string; visitId: string; seconds: number }
  | { name: 'extend_lease'; leaseId: string; n: number; seconds: number }
  | { name: 'post_usage'; epoch: string; rows: readonly UsageRow[] };

export interface Device {
  kioskId: string;
  authUserId: string;
}

/** One question: for the server, and for the oracle (which may need ids that the server made). */
export interface Question {
  call: Call;
  expect: (state: State, nowUs: number, value: Readonly<Record<string, unknown>>) => Expected;
}

export class Questions {
  readonly #packages: ReadonlyMap<string, Package>;

  constructor(packages: readonly Package[]) {
    this.#packages = new Map(packages.map((offer) => [offer.id, offer]));
  }

  kiosk(device: Device, call: KioskCall): Question {
    const { kioskId } = device;
    const from = { kind: 'kiosk' as const, ...device };
    switch (call.name) {
      case 'get_user_time_balance':
        return {
          call: { caller: from, name: call.name, args: { user_id: call.userId } },
          expect: (state, nowUs) => balance(state, kioskId, call.userId, nowUs),
        };
      case 'open_lease':
        return {
          call: {
            caller: from,
            name: call.name,
            args: {
              p_lease_id: call.leaseId,
              p_user_id: call.userId,
              p_visit_id: call.visitId,
              p_seconds: call.seconds,
            },
          },
          expect: (state, nowUs) => openLease(state, { kioskId, ...call }, nowUs),
        };
      case 'extend_lease':
        return {
          call: {
            caller: from,
            name: call.name,
            args: { p_lease_id: call.leaseId, p_n: call.n, p_seconds: call.seconds },
          },
          expect: (state, nowUs) => extendLease(state, { kioskId, ...call }, nowUs),
        };
      case 'post_usage':
        return {
          call: {
            caller: from,
            name: call.name,
            args: { p_epoch: call.epoch, p_rows: JSON.stringify(call.rows) },
          },
          expect: (state, nowUs) => postUsage(state, { kioskId, ...call }, nowUs),
        };
    }
  }

  createPurchase(purchase: NewPurchase): Question {
    const args = {
      p_purchase_id: purchase.purchaseId,
      p_tier_id: purchase.tierId,
      p_kiosk_id: purchase.kioskId,
      p_visit_id: purchase.visitId,
      p_user_id: purchase.userId,
      p_livemode: false,
      p_claim_token_hash: `hash of ${purchase.purchaseId}`,
    };
    return {
      call: service('create_purchase', args),
      expect: (state, nowUs) => createPurchase(state, purchase, nowUs),
    };
  }

  fulfil(tierId: string, fulfilment: Fulfilment): Question {
    const offer = this.#packages.get(tierId);
    must(offer !== undefined, 'no such package', tierId);
    const args = {
      p_purchase_id: fulfilment.purchaseId,
      p_payment_intent_id: fulfilment.paymentIntentId,
      p_amount_cents: fulfilment.amountCents,
      p_currency: 'usd',
      p_livemode: false,
      p_code_nonce: 'nonce',
      p_code_key_id: 'k1',
      p_code_lookup: fulfilment.lookup,
    };
    return {
      call: service('fulfil_payment', args),
      expect: (state, nowUs, value) => fulfil(state, fulfilment, offer, nowUs, String(value['cardId'] ?? '')),
    };
  }

  failPurchase(purchaseId: string, status: 'pending' | 'processing' | 'failed' | 'expired'): Question {
    return {
      call: service('fail_purchase', { p_purchase_id: purchaseId, p_status: status, p_message: 'declined' }),
      expect: (state) => failPurchase(state, purchaseId, status),
    };
  }

  refund(
    entry: { paymentIntentId: string; refundId: string; amountCents: number },
    reason: string,
  ): Question {
    const args = {
      p_payment_intent_id: entry.paymentIntentId,
      p_refund_id: entry.refundId,
      p_amount_cents: entry.amountCents,
      p_reason: reason,
    };
    return { call: service('refund_payment', args), expect: (state, nowUs) => refund(state, entry, nowUs) };
  }

  redeem(redemption: Redemption): Question {
    const args = {
      p_lookups: [redemption.lookup],
      p_kiosk_id: redemption.kioskId,
      p_visit_id: redemption.visitId,
      p_user_id: redemption.userId,
    };
    return {
      call: service('redeem_code', args),
      expect: (state, nowUs, value) => redeem(state, redemption, nowUs, String(value['userId'] ?? '')),
    };
  }

  deduct(userId: string, minutes: number, requestId: string): Question {
    return {
      call: service('deduct_user_time', { user_id: userId, minutes, request_id: requestId }),
      expect: (state, nowUs) => deduct(state, { userId, minutes, requestId }, nowUs),
    };
  }

  merge(from: string, into: string): Question {
    return {
      call: service('merge_wallet', { p_from_user_id: from, p_into_user_id: into }),
      expect: (state, nowUs) => merge(state, from, into, nowUs),
    };
  }

  revokeCard(cardId: string): Question {
    return {
      call: service('revoke_card', { p_card_id: cardId, p_reason: 'lost' }),
      expect: (state) => revokeCard(state, cardId),
    };
  }

  cleanUp(): Question {
    return {
      call: service('cleanup_expired_time_cards', {}),
      expect: (state, nowUs) => answers({ '': cleanUp(state, nowUs) }),
    };
  }

  settleSilent(): Question {
    return {
      call: service('settle_silent_leases', {}),
      expect: (state, nowUs) => answers({ '': settleSilent(state, nowUs) }),
    };
  }

  pruneOldData(): Question {
    return { call: service('prune_old_data', { p_limit: 50_000 }), expect: () => answers({ isMore: false }) };
  }

  voidLease(leaseId: string): Question {
    return {
      call: service('void_lease', { p_lease_id: leaseId, p_reason: 'the kiosk is lost' }),
      expect: (state, nowUs) => voidLease(state, leaseId, nowUs),
    };
  }

  enrol({ kioskId, authUserId }: Device): Question {
    return {
      call: service('enrol_kiosk', { p_kiosk_id: kioskId, p_auth_user_id: authUserId, p_name: 'Entrance' }),
      expect: (state) => {
        state.kiosks.set(kioskId, false);
        return answers({ kioskId });
      },
    };
  }

  revoke(kioskId: string): Question {
    return {
      call: service('revoke_kiosk', { p_kiosk_id: kioskId, p_reason: 'stolen' }),
      expect: (state) => {
        if (state.kiosks.has(kioskId)) state.kiosks.set(kioskId, true);
        return answers({ kioskId, revoked: state.kiosks.has(kioskId) });
      },
    };
  }

  storeEvent(eventId: string): Question {
    const event = { eventId, type: 'sim', created: '2026-01-01', livemode: false, payload: {} };
    return {
      call: service('store_webhook_events', { p_events: JSON.stringify([event]) }),
      expect: (state) => {
        const stored = !state.inbox.has(eventId);
        if (stored) state.inbox.set(eventId, false);
        return answers({ 0: { stored, processed: state.inbox.get(eventId) } });
      },
    };
  }

  finishEvent(eventId: string): Question {
    return {
      call: service('finish_webhook_event', { p_event_id: eventId, p_error: null }),
      expect: (state) => {
        state.inbox.set(eventId, true);
        return answers({ setAside: false });
      },
    };
  }
}

function service(name: string, args: Call['args']): Call {
  return { caller: { kind: 'service' }, name, args };
}

function balance(state: State, kioskId: string, userId: string, nowUs: number): Expected {
  if (!isKioskLive(state, kioskId)) return refused('kiosk_revoked');
  const visits = [...state.grants.keys()].filter((key) => key.startsWith(`${userId}|${kioskId}|`));
  const may = visits.some((key) => hasGrant(state, userId, kioskId, key.split('|')[2] ?? '', nowUs));
  if (!may) return refused('no_visit_grant');
  return answers({
    userId,
    availableSeconds: availableSeconds(state, userId, nowUs),
    heldSeconds: heldSeconds(state, userId),
  });
}
