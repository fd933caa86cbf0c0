-- Order of the queue: the lower rank goes first. Constant while an item waits, so that an index keeps the order although
-- everybody ages: a point of priority is worth six seconds of waiting (agents/handoff/priority.py, τ).
create function livecrew_rank(priority integer, enqueued_at timestamptz) returns bigint language sql immutable as $$
  select floor(extract(epoch from enqueued_at) / 6)::bigint - priority
$$;
alter table handoffs
  add column rank bigint not null generated always as (livecrew_rank(priority, enqueued_at)) stored,
  add column vip boolean not null default false,
  add column skills text[] not null default '{}',
  add column sticky_operator text,
  add column incident_id text,
  add column queued_at timestamptz not null default livecrew_now(),
  add column claimed_at timestamptz,
  add column first_reply_at timestamptz,
  add column last_reply_at timestamptz,
  add column returns integer not null default 0,
  add column paused_s integer not null default 0,
  add column sla_warned text[] not null default '{}',
  add column sla_breached text[] not null default '{}';
-- Rows of all shops are touched here, so the second lock stands open for its owner until they are.
alter table handoffs no force row level security;
update handoffs set queued_at = enqueued_at;
drop index handoffs_queue;
create index handoffs_rank on handoffs (shop_id, rank, (not vip), enqueued_at, id) where state = 'queued';
create index handoffs_age on handoffs (shop_id, enqueued_at, id) where state = 'queued';
create index handoffs_held on handoffs (shop_id, claimed_by) where state = 'claimed';
create index handoffs_incident on handoffs (shop_id, incident_id) where incident_id is not null;
create index handoffs_recent on handoffs (shop_id, resolved_at desc) where resolved_at is not null;

-- Every trigger that ever led to a handoff, merged ones too: the same again changes nothing.
create table handoff_triggers (
  shop_id text not null references shops (id) on delete cascade,
  subject_id text not null,
  trigger_id text not null,
  handoff_id text not null references handoffs (id) on delete cascade,
  reason text not null,
  body_sha256 text not null,
  created_at timestamptz not null default livecrew_now(),
  primary key (shop_id, subject_id, trigger_id)
);
create index handoff_triggers_handoff on handoff_triggers (handoff_id);
insert into handoff_triggers (shop_id, subject_id, trigger_id, handoff_id, reason, body_sha256, created_at)
  select shop_id, subject_id, trigger_id, id, reason, '', created_at from handoffs;
alter table handoffs force row level security;
-- The place a shopper was last told, apart from the handoff: telling it must not lock what somebody may claim.
create table handoff_places (
  handoff_id text primary key references handoffs (id) on delete cascade,
  shop_id text not null references shops (id) on delete cascade,
  position integer not null
);
create table handoff_notes (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  handoff_id text not null references handoffs (id) on delete cascade,
  operator_id text not null,
  fence integer not null,
  text text not null,
  created_at timestamptz not null default livecrew_now()
);
create index handoff_notes_handoff on handoff_notes (handoff_id, created_at);

create table operator_presence (
  shop_id text not null references shops (id) on delete cascade,
  operator_id text not null,
  name text not null default '',
  skills text[] not null default '{}',
  capacity integer not null default 5 check (capacity between 0 and 100),
  status text not null default 'online' check (status in ('online', 'away', 'offline')),
  last_seen_at timestamptz not null default livecrew_now(),
  primary key (shop_id, operator_id)
);

-- Burst: many conversations with one cause, one decision, a draft for each.
create table incidents (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  title text not null,
  cause text not null,
  state text not null default 'open' check (state in ('open', 'ended')),
  decision text not null default '',
  decided_by text,
  decided_at timestamptz,
  created_by text not null,
  created_at timestamptz not null default livecrew_now(),
  ended_at timestamptz
);
create unique index incidents_one_a_cause on incidents (shop_id, cause) where state = 'open';
create table handoff_drafts (
  shop_id text not null references shops (id) on delete cascade,
  handoff_id text not null references handoffs (id) on delete cascade,
  incident_id text not null references incidents (id) on delete cascade,
  text text not null,
  state text not null default 'draft' check (state in ('draft', 'sent', 'dropped')),
  message_id text,
  created_at timestamptz not null default livecrew_now(),
  primary key (handoff_id, incident_id)
);
create index handoff_drafts_incident on handoff_drafts (incident_id);

-- Audit: append-only, chained by hash within a shop. `body` is what was hashed, the columns repeat it for looking up.
-- It holds ids, codes and digests, never words of a shopper: erasing a shopper leaves the chain whole.
create table handoff_audit (
  shop_id text not null references shops (id),
  seq bigint not null,
  handoff_id text not null,
  subject_id text not null,
  order_ids text[] not null,
  action text not null,
  actor text not null,
  fence integer not null,
  at timestamptz not null,
  body text not null,
  prev_hash text not null,
  hash text not null,
  primary key (shop_id, seq)
);
create index handoff_audit_handoff on handoff_audit (shop_id, handoff_id, seq);
create index handoff_audit_subject on handoff_audit (shop_id, subject_id, seq);
create index handoff_audit_orders on handoff_audit using gin (order_ids);
create trigger handoff_audit_never_changes before update or delete on handoff_audit
  for each row execute function livecrew_refuse_change();
create trigger handoff_audit_is_never_emptied before truncate on handoff_audit
  for each statement execute function livecrew_refuse_change();

-- Appends under a lock of the shop's chain that lasts until the transaction ends.
create function livecrew_audit(p_shop text, p_handoff text, p_subject text, p_orders text[], p_action text,
                               p_actor text, p_fence integer, p_detail jsonb) returns bigint language plpgsql as $$
declare v_seq bigint; v_prev text; v_at timestamptz := livecrew_now(); v_body text;
begin
  perform pg_advisory_xact_lock(hashtextextended(p_shop || ' handoff_audit', 3));
  select seq, hash into v_seq, v_prev from handoff_audit where shop_id = p_shop order by seq desc limit 1;
  v_seq := coalesce(v_seq, 0) + 1;
  v_prev := coalesce(v_prev, repeat('0', 64));
  v_body := jsonb_build_object('shop', p_shop, 'seq', v_seq, 'handoff', p_handoff, 'subject', p_subject,
    'orders', to_jsonb(p_orders), 'action', p_action, 'actor', p_actor, 'fence', p_fence,
    'at', to_char(v_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'detail', p_detail)::text;
  insert into handoff_audit values (p_shop, v_seq, p_handoff, p_subject, p_orders, p_action, p_actor, p_fence, v_at,
    v_body, v_prev, encode(sha256(convert_to(v_prev || v_body, 'UTF8')), 'hex'));
  return v_seq;
end
$$;
create function livecrew_is_there(p_shop text, p_operator text, p_seen timestamptz) returns boolean
language sql stable as $$
  select exists (select from operator_presence where shop_id = p_shop and operator_id = p_operator
                 and status = 'online' and last_seen_at > p_seen)
$$;
-- What knowledge/kit/events.py does in three statements, for moves that are one.
create function livecrew_append_event(p_shop text, p_stream text, p_kind text, p_data jsonb) returns bigint
language plpgsql as $$
declare v_offset bigint;
begin
  insert into event_streams (shop_id, stream, last_offset) values (p_shop, p_stream, 1)
    on conflict (shop_id, stream) do update set last_offset = event_streams.last_offset + 1
    returning last_offset into v_offset;
  insert into events (shop_id, stream, "offset", kind, data) values (p_shop, p_stream, v_offset, p_kind, p_data);
  perform pg_notify('livecrew_events', p_shop || ' ' || p_stream);
  return v_offset;
end
$$;

-- A move is told by a row here; at commit, when every row lock it needs is held, it is audited, told to the desk's stream
-- (where `data` is given) and gone. So the shop's chain is locked no longer than the commit takes.
create table handoff_moves (
  id bigint generated always as identity primary key,
  shop_id text not null,
  handoff_id text not null,
  subject_id text not null,
  order_ids text[] not null,
  action text not null,
  actor text not null,
  fence integer not null,
  detail jsonb not null,
  data jsonb
);
create function livecrew_tell_move() returns trigger language plpgsql as $$
begin
  perform livecrew_audit(new.shop_id, new.handoff_id, new.subject_id, new.order_ids, new.action, new.actor, new.fence,
                         new.detail);
  if new.data is not null then
    perform livecrew_append_event(new.shop_id, 'queue', new.action, new.data);
  end if;
  delete from handoff_moves where id = new.id;
  return null;
end
$$;
create constraint trigger handoff_moves_are_told after insert on handoff_moves
  deferrable initially deferred for each row execute function livecrew_tell_move();

-- One claim: picks, takes, fences and tells in one round trip, under plans made once. The next in line where p_handoff
-- is null. `outcome` is claimed, empty, at_capacity, or why the operator cannot claim: unknown, away, offline, silent.
create function livecrew_claim(p_shop text, p_operator text, p_handoff text, p_pushed boolean, p_actor text, p_kind text,
                               p_detail jsonb, p_outbox text, p_defaults jsonb)
returns table (outcome text, capacity integer, id text, subject_id text, origin text, fence integer,
               lease_until timestamptz)
language plpgsql set plan_cache_mode to force_generic_plan as $$
#variable_conflict use_column
declare
  v_now timestamptz; v_top bigint; v_overflow timestamptz; v_unstuck timestamptz; v_seen timestamptz;
  v_first bigint; v_id text; h handoffs; o operator_presence; v_rules jsonb; v_skills text[]; v_data jsonb; v_more jsonb;
begin
  -- An operator's claims take turns: two windows of one never exceed the capacity.
  select * into o from operator_presence p where p.shop_id = p_shop and p.operator_id = p_operator for update;
  select p_defaults || coalesce(s.settings->'queue', '{}') into v_rules from shops s where s.id = p_shop;
  v_now := livecrew_now();
  v_top := livecrew_rank(800, v_now);
  v_overflow := v_now - make_interval(secs => (v_rules->>'t3_s')::integer);
  v_unstuck := v_now - make_interval(secs => (v_rules->>'sticky_s')::integer);
  v_seen := v_now - make_interval(secs => (v_rules->>'offline_s')::integer);
  v_skills := o.skills;
  if o.operator_id is null or o.status <> 'online' or o.last_seen_at <= v_seen then
    return query select case when o.operator_id is null then 'unknown' when o.status <> 'online' then o.status
      else 'silent' end, o.capacity, null::text, null::text, null::text, null::integer, null::timestamptz;
    return;
  end if;
  if not p_pushed and o.capacity <= (select count(*) from handoffs b where b.shop_id = p_shop
                                     and b.claimed_by = p_operator and b.state = 'claimed') then
    return query select 'at_capacity', o.capacity, null::text, null::text, null::text, null::integer, null::timestamptz;
    return;
  end if;
  if p_handoff is not null then
    select q.id into v_id from handoffs q where q.shop_id = p_shop and q.id = p_handoff and q.state = 'queued' for update;
  else
    select q.rank into v_first from handoffs q where q.shop_id = p_shop and q.state = 'queued'
      order by q.rank, (not q.vip), q.enqueued_at, q.id limit 1;
    if v_first <= v_top then  -- what stands at the top goes by age alone
      select q.id into v_id from handoffs q
        where q.shop_id = p_shop and q.state = 'queued' and q.rank <= v_top
          and q.enqueued_at <= v_now - interval '600 seconds'
          and (q.skills <@ v_skills or q.queued_at <= v_overflow)
          and (q.sticky_operator is null or q.sticky_operator = p_operator or q.queued_at <= v_unstuck
               or not livecrew_is_there(p_shop, q.sticky_operator, v_seen))
        order by q.enqueued_at, q.id limit 1 for update skip locked;
    end if;
    if v_id is null then
      select q.id into v_id from handoffs q
        where q.shop_id = p_shop and q.state = 'queued'
          and (q.skills <@ v_skills or q.queued_at <= v_overflow)
          and (q.sticky_operator is null or q.sticky_operator = p_operator or q.queued_at <= v_unstuck
               or not livecrew_is_there(p_shop, q.sticky_operator, v_seen))
        order by q.rank, (not q.vip), q.enqueued_at, q.id limit 1 for update skip locked;
    end if;
  end if;
  if v_id is null then
    return query select 'empty', o.capacity, null::text, null::text, null::text, null::integer, null::timestamptz;
    return;
  end if;
  update handoffs q set state = 'claimed', fence = q.fence + 1, claimed_by = p_operator, claimed_at = v_now,
    lease_until = v_now + make_interval(secs => (v_rules->>'lease_s')::integer)
    where q.shop_id = p_shop and q.id = v_id returning q.* into h;
  if h.origin = 'support' then
    update conversations c set owner = 'handoff', fence = c.fence + 1, updated_at = v_now
      where c.shop_id = p_shop and c.id = h.subject_id;
  end if;
  v_data := jsonb_build_object('handoff_id', h.id, 'subject_id', h.subject_id, 'origin', h.origin, 'state', h.state,
    'reason', h.reason, 'priority', h.priority, 'fence', h.fence, 'claimed_by', h.claimed_by);
  insert into outbox (id, shop_id, topic, payload) values (p_outbox, p_shop, 'handoff.claimed', v_data);
  if h.origin = 'support' then
    perform livecrew_append_event(p_shop, 'conversation:' || h.subject_id, 'handoff', jsonb_build_object('id', h.id,
      'state', 'claimed', 'reason', h.reason, 'position', 0, 'expected_wait_s', 0, 'opens_in_s', 0,
      'operator_name', o.name));
  end if;
  v_more := jsonb_build_object('state', h.state, 'reason', h.reason, 'priority', h.priority) || p_detail;
  insert into handoff_moves (shop_id, handoff_id, subject_id, order_ids, action, actor, fence, detail, data)
    values (p_shop, h.id, h.subject_id, array(select jsonb_array_elements_text(coalesce(h.packet->'order_ids', '[]'))),
      p_kind, p_actor, h.fence, v_more, v_data || jsonb_build_object('actor', p_actor) || p_detail);
  return query select 'claimed', o.capacity, h.id, h.subject_id, h.origin, h.fence, h.lease_until;
end
$$;

do $$
declare t text;
begin
  foreach t in array array['handoff_triggers', 'handoff_places', 'handoff_moves', 'handoff_notes',
                           'operator_presence', 'incidents', 'handoff_drafts', 'handoff_audit'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy own_shop on %I using (shop_id = livecrew_shop()) with check (shop_id = livecrew_shop())', t);
  end loop;
end $$;
