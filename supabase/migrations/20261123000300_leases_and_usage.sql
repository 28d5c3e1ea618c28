-- Reservations before use (leases), the ledger, and what kiosks report.

create table public.visit_grants (
  user_id uuid not null references public.users (id),
  kiosk_id uuid not null references public.kiosks (id),
  visit_id uuid not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (user_id, kiosk_id, visit_id)
);
comment on table public.visit_grants is
  'Which kiosk may act for which wallet, for one visit; written by a redemption, never by the kiosk itself.';
create index visit_grants_kiosk_id_idx on public.visit_grants (kiosk_id);

create table public.leases (
  id uuid primary key,
  user_id uuid not null references public.users (id),
  kiosk_id uuid not null references public.kiosks (id),
  visit_id uuid not null,
  -- open: in use. lapsed: past its validity and replaced by another of the same kiosk, still unreported.
  -- closed: reported to the end. voided: by an operator. settled: silent for 7 days, given back.
  status text not null default 'open' check (status in ('open', 'lapsed', 'closed', 'voided', 'settled')),
  granted_seconds integer not null default 0 check (granted_seconds >= 0),
  spent_seconds integer not null default 0 check (spent_seconds >= 0),
  valid_until timestamptz not null,
  closed_at timestamptz,
  created_at timestamptz not null default now(),
  check (spent_seconds <= granted_seconds),
  check ((status in ('open', 'lapsed')) = (closed_at is null))
);
comment on table public.leases is
  'Seconds reserved for one kiosk before they are used: what is not reported stays held, so nothing is spent twice.';
create unique index leases_one_open_per_user_and_kiosk_idx on public.leases (user_id, kiosk_id) where status = 'open';
create index leases_user_id_idx on public.leases (user_id);
create index leases_kiosk_id_idx on public.leases (kiosk_id);
create index leases_silent_idx on public.leases (valid_until) where status in ('open', 'lapsed');

create table public.lease_steps (
  lease_id uuid not null references public.leases (id),
  n integer not null check (n >= 0),
  asked_seconds integer not null check (asked_seconds > 0),
  granted_seconds integer not null check (granted_seconds >= 0 and granted_seconds <= asked_seconds),
  total_seconds integer not null check (total_seconds >= granted_seconds),
  created_at timestamptz not null default now(),
  primary key (lease_id, n)
);
comment on table public.lease_steps is
  'The opening (0) and each extension of a lease with its answer, so that asking again changes nothing.';

create table public.lease_allocations (
  lease_id uuid not null references public.leases (id),
  card_id uuid not null references public.time_cards (id),
  -- Order in which the cards are used up: the order of reservation.
  position integer not null check (position > 0),
  paid_held_seconds integer not null default 0 check (paid_held_seconds >= 0),
  bonus_held_seconds integer not null default 0 check (bonus_held_seconds >= 0),
  paid_spent_seconds integer not null default 0 check (paid_spent_seconds >= 0),
  bonus_spent_seconds integer not null default 0 check (bonus_spent_seconds >= 0),
  paid_released_seconds integer not null default 0 check (paid_released_seconds >= 0),
  bonus_released_seconds integer not null default 0 check (bonus_released_seconds >= 0),
  primary key (lease_id, card_id),
  unique (lease_id, position)
);
comment on table public.lease_allocations is 'Which cards a lease holds seconds of, and what became of them.';
create index lease_allocations_card_id_idx on public.lease_allocations (card_id);

create table public.ledger_entries (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  card_id uuid not null references public.time_cards (id),
  -- Owner of the card at that moment; none for a card not activated yet.
  user_id uuid references public.users (id),
  lease_id uuid references public.leases (id),
  request_id uuid,
  kind text not null check (kind in
    ('bought', 'held', 'spent', 'released', 'deducted', 'refunded', 'expired', 'written_off')),
  from_bucket text not null check (from_bucket in ('outside', 'available', 'held')),
  to_bucket text not null check (to_bucket in ('available', 'held', 'spent', 'refunded', 'expired', 'written_off')),
  paid_seconds integer not null check (paid_seconds >= 0),
  bonus_seconds integer not null check (bonus_seconds >= 0),
  idempotency_key text not null unique check (char_length(idempotency_key) <= 300),
  check (from_bucket <> to_bucket),
  check (paid_seconds + bonus_seconds > 0)
);
comment on table public.ledger_entries is
  'Append-only: each row moves seconds of one card from one bucket to another. Balances follow from it.';
create index ledger_entries_card_id_idx on public.ledger_entries (card_id);
create index ledger_entries_user_id_at_idx on public.ledger_entries (user_id, at desc);
create index ledger_entries_lease_id_idx on public.ledger_entries (lease_id) where lease_id is not null;
create index ledger_entries_request_id_idx on public.ledger_entries (request_id) where request_id is not null;

create table public.voice_sessions (
  id uuid primary key,
  user_id uuid not null references public.users (id),
  kiosk_id uuid not null references public.kiosks (id),
  visit_id uuid,
  seconds integer not null default 0 check (seconds >= 0),
  started_at timestamptz not null,
  ended_at timestamptz,
  end_reason text check (char_length(end_reason) <= 100),
  received_at timestamptz not null default now()
);
comment on table public.voice_sessions is 'Talks, as reported by kiosks; seconds are those charged.';
comment on column public.voice_sessions.started_at is
  'Wall clock of the kiosk: for people, never for counting.';
create index voice_sessions_user_id_started_at_idx on public.voice_sessions (user_id, started_at desc);
create index voice_sessions_kiosk_id_idx on public.voice_sessions (kiosk_id);
create index voice_sessions_started_at_idx on public.voice_sessions (started_at desc);

create table public.kiosk_streams (
  kiosk_id uuid not null references public.kiosks (id),
  epoch uuid not null,
  last_seq bigint not null default 0 check (last_seq >= 0),
  chain_hash text not null default repeat('0', 64) check (chain_hash ~ '^[0-9a-f]{64}$'),
  -- Last time that rows came which contradict the ones known: a restored or swapped disk.
  forked_at timestamptz,
  fork_count integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (kiosk_id, epoch)
);
comment on table public.kiosk_streams is 'How far the usage log of each kiosk store has arrived.';

create table public.usage_batches (
  kiosk_id uuid not null,
  epoch uuid not null,
  from_seq bigint not null,
  to_seq bigint not null,
  -- SHA-256 of each row, 32 bytes each, in order: tells a resend from a fork.
  hashes bytea not null,
  received_at timestamptz not null default now(),
  primary key (kiosk_id, epoch, to_seq),
  foreign key (kiosk_id, epoch) references public.kiosk_streams (kiosk_id, epoch),
  check (from_seq <= to_seq),
  check (octet_length(hashes) = 32 * (to_seq - from_seq + 1))
);
-- Not compressible, and read in slices.
alter table public.usage_batches alter column hashes set storage external;
comment on table public.usage_batches is 'Hashes of the usage rows received, kept for 30 days.';
create index usage_batches_received_at_idx on public.usage_batches (received_at);

create table public.usage_parked (
  kiosk_id uuid not null,
  epoch uuid not null,
  seq bigint not null,
  reason text not null,
  -- Seconds used that nobody is charged for: the operator's write-off.
  seconds integer not null default 0 check (seconds >= 0),
  row_data jsonb not null,
  created_at timestamptz not null default now(),
  reviewed_at timestamptz,
  primary key (kiosk_id, epoch, seq),
  foreign key (kiosk_id, epoch) references public.kiosk_streams (kiosk_id, epoch)
);
comment on table public.usage_parked is
  'Reported rows that make no sense, kept for a person to look at, never dropped.';
create index usage_parked_unreviewed_idx on public.usage_parked (created_at) where reviewed_at is null;
