-- The operator's write-offs, to be seen: seconds that kiosks reported too late or without a reservation (parked rows,
-- which nobody is ever charged for), and seconds of cards that ended before they were used.

create function public.report_written_off() returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform app.require_staff();
  return pg_catalog.jsonb_build_object(
    'reportedSeconds', (select coalesce(sum(k.seconds), 0) from public.usage_parked as k),
    'unreviewedRows', (select count(*) from public.usage_parked as k where k.reviewed_at is null),
    'cardPaidSeconds', (select coalesce(sum(c.paid_written_off_seconds), 0) from public.time_cards as c),
    'cardBonusSeconds', (select coalesce(sum(c.bonus_written_off_seconds), 0) from public.time_cards as c),
    'reasons', coalesce((
      select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('kioskId', r.kiosk_id, 'kioskName', r.name,
        'reason', r.reason, 'rows', r.row_count, 'seconds', r.seconds, 'unreviewedRows', r.unreviewed,
        'lastAt', app.iso(r.last_at)) order by r.last_at desc, r.kiosk_id, r.reason)
      from (
        select k.kiosk_id, i.name, k.reason, count(*) as row_count, sum(k.seconds) as seconds,
          count(*) filter (where k.reviewed_at is null) as unreviewed, max(k.created_at) as last_at
        from public.usage_parked as k join public.kiosks as i on i.id = k.kiosk_id
        group by 1, 2, 3
      ) as r), '[]'));
end
$$;
comment on function public.report_written_off() is
  'What the operator bears: reported seconds nobody is charged for, by kiosk and reason, and written-off card time.';

create function public.review_parked_usage(p_kiosk_id uuid, p_note text) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_facts jsonb;
begin
  perform app.require_staff();
  with reviewed as (
    update public.usage_parked as k set reviewed_at = pg_catalog.clock_timestamp()
    where k.kiosk_id = p_kiosk_id and k.reviewed_at is null returning k.seconds
  )
  select pg_catalog.jsonb_build_object('kioskId', p_kiosk_id, 'rows', count(*), 'seconds', coalesce(sum(r.seconds), 0))
  into v_facts from reviewed as r;
  if (v_facts ->> 'rows')::integer > 0 then
    perform app.audit('parked_usage_reviewed', p_kiosk_id::text, v_facts || pg_catalog.jsonb_build_object('note', p_note));
  end if;
  return v_facts;
end
$$;
comment on function public.review_parked_usage(uuid, text) is
  'Staff has looked at the parked rows of a kiosk. They stay, and stay written off.';

revoke all on function public.report_written_off(), public.review_parked_usage(uuid, text)
  from public, anon, authenticated, service_role;
grant execute on function public.report_written_off(), public.review_parked_usage(uuid, text)
  to authenticated, service_role;
