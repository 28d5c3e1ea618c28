-- Inbox of webhooks, redemption tries, memories, support tickets, audit log; and what may never be changed again.

create table public.webhook_inbox (
  event_id text primary key,
  type text not null,
  created timestamptz not null,
  livemode boolean not null,
  payload jsonb not null,
  received_at timestamptz not null default now(),
  processed_at timestamptz,
  attempts integer not null default 0,
  last_error text,
  next_attempt_at timestamptz not null default now()
);
comment on table public.webhook_inbox is
  'Stripe events, stored before they are answered, each worked off once.';
create index webhook_inbox_pending_idx on public.webhook_inbox (next_attempt_at) where processed_at is null;

create table public.redeem_attempts (
  id bigint generated always as identity primary key,
  kiosk_id uuid not null references public.kiosks (id),
  visit_id uuid not null,
  accepted boolean not null,
  at timestamptz not null default clock_timestamp()
);
comment on table public.redeem_attempts is
  'Tries of codes, for the limits; the codes themselves are not kept.';
create index redeem_attempts_wrong_idx on public.redeem_attempts (at) where not accepted;
create index redeem_attempts_kiosk_id_idx on public.redeem_attempts (kiosk_id, at);

create table public.memories (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete cascade,
  content text not null check (char_length(content) between 1 and 2000),
  consented_at timestamptz not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
comment on table public.memories is 'What a customer allowed the assistant to remember.';
create index memories_user_id_idx on public.memories (user_id);
create index memories_expires_at_idx on public.memories (expires_at);

create table public.support_tickets (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references public.users (id),
  kiosk_id uuid references public.kiosks (id),
  voice_session_id uuid references public.voice_sessions (id),
  subject text not null check (char_length(subject) between 1 and 200),
  body text not null default '' check (char_length(body) <= 8000),
  status text not null default 'open' check (status in ('open', 'answered', 'closed')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.support_tickets is 'Questions and complaints, and the talk they are about.';
create index support_tickets_user_id_idx on public.support_tickets (user_id);
create index support_tickets_kiosk_id_idx on public.support_tickets (kiosk_id);
create index support_tickets_voice_session_id_idx on public.support_tickets (voice_session_id);
create index support_tickets_status_created_at_idx on public.support_tickets (status, created_at desc);

create table public.audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor_kind text not null,
  actor_id uuid,
  action text not null,
  subject text,
  details jsonb not null default '{}'
);
comment on table public.audit_log is
  'Append-only: what operators and the system did that somebody may ask about.';
create index audit_log_at_idx on public.audit_log (at desc);
create index audit_log_action_at_idx on public.audit_log (action, at desc);

create function app.refuse_change() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  raise exception using errcode = 'P0001', message = 'append_only',
    detail = format('Rows of %I are never changed or removed; write a new one.', tg_table_name);
end
$$;

create trigger ledger_entries_are_append_only before update or delete on public.ledger_entries
  for each row execute function app.refuse_change();
create trigger ledger_entries_are_not_truncated before truncate on public.ledger_entries
  for each statement execute function app.refuse_change();
create trigger audit_log_is_append_only before update or delete on public.audit_log
  for each row execute function app.refuse_change();
create trigger audit_log_is_not_truncated before truncate on public.audit_log
  for each statement execute function app.refuse_change();
