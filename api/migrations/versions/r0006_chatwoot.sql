create table chatwoot_connections (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  name text not null default '',
  base_url text not null,
  account_id bigint not null,
  bot_token text not null default '',
  secret text not null default '',
  require_signature boolean not null default true,
  team_id bigint,
  labels text[] not null default '{}',
  created_at timestamptz not null default livecrew_now(),
  received_at timestamptz,
  reached_at timestamptz,
  failed_at timestamptz,
  error text not null default ''
);
create index chatwoot_connections_shop on chatwoot_connections (shop_id, created_at);
-- One conversation of ours for each of theirs, until its shopper turns out to be another. `planned_offset` is how far its
-- stream was read; whoever holds `busy_until` works on it alone.
create table chatwoot_conversations (
  conversation_id text primary key references conversations (id) on delete cascade,
  shop_id text not null references shops (id) on delete cascade,
  connection_id text not null references chatwoot_connections (id) on delete cascade,
  chatwoot_id bigint not null,
  is_current boolean not null default true,
  planned_offset bigint not null default 0,
  busy_by text,
  busy_until timestamptz,
  created_at timestamptz not null default livecrew_now()
);
create unique index chatwoot_conversations_one on chatwoot_conversations (connection_id, chatwoot_id) where is_current;
create index chatwoot_conversations_shop on chatwoot_conversations (shop_id);
-- What Chatwoot delivered. The body is kept only until it was taken in.
create table chatwoot_deliveries (
  seq bigint generated always as identity primary key,
  shop_id text not null references shops (id) on delete cascade,
  connection_id text not null references chatwoot_connections (id) on delete cascade,
  delivery_id text not null,
  event text not null,
  chatwoot_id bigint,
  signed boolean not null,
  payload jsonb,
  state text not null default 'waiting' check (state in ('waiting', 'taken', 'ignored', 'dead')),
  why text not null default '',
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default livecrew_now(),
  received_at timestamptz not null default livecrew_now(),
  unique (connection_id, delivery_id)
);
create index chatwoot_deliveries_due on chatwoot_deliveries (shop_id, connection_id, chatwoot_id, seq)
  where state = 'waiting';
-- Messages of theirs that are messages of ours: each is taken once, whatever delivery brings it.
create table chatwoot_messages (
  connection_id text not null references chatwoot_connections (id) on delete cascade,
  chatwoot_message_id bigint not null,
  shop_id text not null references shops (id) on delete cascade,
  message_id text not null references messages (id) on delete cascade,
  primary key (connection_id, chatwoot_message_id)
);
create index chatwoot_messages_message on chatwoot_messages (message_id);
-- What must be done there, in this order within a conversation. Holds ids, never words: those are read when it is done.
create table chatwoot_steps (
  seq bigint generated always as identity primary key,
  shop_id text not null references shops (id) on delete cascade,
  connection_id text not null references chatwoot_connections (id) on delete cascade,
  conversation_id text not null references conversations (id) on delete cascade,
  kind text not null check (kind in ('reply', 'operator', 'open', 'note', 'attributes', 'priority', 'team', 'labels',
                                     'tell', 'give_back')),
  subject_id text not null,
  state text not null default 'waiting' check (state in ('waiting', 'done', 'skipped', 'dead')),
  why text not null default '',
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default livecrew_now(),
  started_at timestamptz,
  finished_at timestamptz,
  chatwoot_message_id bigint,
  created_at timestamptz not null default livecrew_now(),
  unique (conversation_id, kind, subject_id)
);
create index chatwoot_steps_due on chatwoot_steps (shop_id, conversation_id, seq) where state = 'waiting';
create index chatwoot_steps_connection on chatwoot_steps (connection_id, state);
-- Whoever erases a conversation erases what was delivered of it and not yet taken in.
create function livecrew_forget_deliveries() returns trigger language plpgsql as $$
  begin
    update chatwoot_deliveries set state = 'ignored', why = 'erased', payload = null
      where shop_id = old.shop_id and connection_id = old.connection_id and chatwoot_id = old.chatwoot_id
      and state = 'waiting';
    return null;
  end
$$;
create trigger chatwoot_conversations_forget after delete on chatwoot_conversations
  for each row execute function livecrew_forget_deliveries();

do $$
declare t text;
begin
  foreach t in array array['chatwoot_connections', 'chatwoot_conversations', 'chatwoot_deliveries', 'chatwoot_messages',
                           'chatwoot_steps'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy own_shop on %I using (shop_id = livecrew_shop()) with check (shop_id = livecrew_shop())', t);
  end loop;
end $$;
-- A webhook names its connection before the shop is known.
create policy by_id on chatwoot_connections for select
  using (id = nullif(current_setting('livecrew.chatwoot_connection', true), ''));
