-- Time for leases, timers and SLA. Overridable per connection only by a setting no product code makes.
create function livecrew_now() returns timestamptz language sql volatile as $$
  select coalesce(nullif(current_setting('livecrew.now', true), '')::timestamptz, clock_timestamp())
$$;
create function livecrew_shop() returns text language sql stable as $$
  select nullif(current_setting('livecrew.shop_id', true), '')
$$;

-- shops and keys --------------------------------------------------------------------------------------------------
create table shops (
  id text primary key,
  name text not null,
  settings jsonb not null default '{}',
  created_at timestamptz not null default livecrew_now()
);
create table api_keys (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  name text not null,
  key_hash text not null unique,
  scopes text[] not null,
  created_at timestamptz not null default livecrew_now(),
  revoked_at timestamptz
);

-- documents -------------------------------------------------------------------------------------------------------
create table documents (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  doc text not null,
  source text not null,
  title text not null,
  kind text not null,
  version integer not null,
  file_name text not null,
  content bytea not null,
  sha256 text not null,
  effective_from date,
  effective_to date,
  state text not null default 'pending' check (state in ('pending', 'ready', 'failed', 'deleted')),
  error text not null default '',
  chunk_count integer not null default 0,
  created_at timestamptz not null default livecrew_now(),
  unique (shop_id, doc, version)
);
create index documents_doc on documents (shop_id, doc, effective_from);
create table chunks (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  document_id text not null references documents (id) on delete cascade,
  ordinal integer not null,
  kind text not null,
  article integer,
  path text[] not null,
  text text not null,
  tokens integer not null,
  unique (document_id, ordinal)
);
create index chunks_shop on chunks (shop_id, document_id);
create table units (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  chunk_id text not null references chunks (id) on delete cascade,
  kind text not null,
  text text not null,
  sha256 text not null
);
create index units_chunk on units (shop_id, chunk_id);
create index units_sha on units (shop_id, sha256);
create table vectors (
  shop_id text not null references shops (id) on delete cascade,
  embedder text not null,
  sha256 text not null,
  vector bytea not null,
  primary key (shop_id, embedder, sha256)
);
create table index_log (
  seq bigint generated always as identity primary key,
  shop_id text not null references shops (id) on delete cascade,
  document_id text not null,
  op text not null check (op in ('add', 'remove', 'erase')),
  at timestamptz not null default livecrew_now()
);
create index index_log_shop on index_log (shop_id, seq);
create table index_state (
  shop_id text not null references shops (id) on delete cascade,
  collection text not null,
  applied_seq bigint not null,
  at timestamptz not null default livecrew_now(),
  primary key (shop_id, collection)
);

-- conversations ---------------------------------------------------------------------------------------------------
create table conversations (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  shopper_id text,
  token_hash text not null,
  channel text not null default 'web',
  owner text not null default 'bot' check (owner in ('bot', 'handoff')),
  fence integer not null default 0,
  state text not null default 'open' check (state in ('open', 'closed')),
  created_at timestamptz not null default livecrew_now(),
  updated_at timestamptz not null default livecrew_now()
);
create index conversations_recent on conversations (shop_id, updated_at desc);
create table messages (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  conversation_id text not null references conversations (id) on delete cascade,
  position integer not null,
  author text not null check (author in ('shopper', 'bot', 'operator', 'system')),
  text text not null,
  citations jsonb not null default '[]',
  turn_id text,
  client_key text,
  created_at timestamptz not null default livecrew_now(),
  unique (conversation_id, position)
);
create unique index messages_client_key on messages (conversation_id, client_key) where client_key is not null;
create table turns (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  conversation_id text not null references conversations (id) on delete cascade,
  message_id text not null references messages (id) on delete cascade,
  state text not null default 'accepted'
    check (state in ('accepted', 'working', 'sent', 'handed_off', 'superseded', 'failed')),
  fence integer not null,
  attempts integer not null default 0,
  lease_until timestamptz,
  outcome text,
  writer text,
  record jsonb not null default '{}',
  created_at timestamptz not null default livecrew_now(),
  finished_at timestamptz
);
create index turns_waiting on turns (shop_id, created_at) where state in ('accepted', 'working');
create unique index turns_bot_reply on messages (turn_id) where author = 'bot' and turn_id is not null;

-- events, outbox --------------------------------------------------------------------------------------------------
create table event_streams (
  shop_id text not null references shops (id) on delete cascade,
  stream text not null,
  last_offset bigint not null,
  primary key (shop_id, stream)
);
create table events (
  shop_id text not null references shops (id) on delete cascade,
  stream text not null,
  "offset" bigint not null,
  kind text not null,
  data jsonb not null,
  at timestamptz not null default livecrew_now(),
  primary key (shop_id, stream, "offset")
);
create table outbox (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  topic text not null,
  payload jsonb not null,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default livecrew_now(),
  sent_at timestamptz,
  error text not null default '',
  created_at timestamptz not null default livecrew_now()
);
create index outbox_due on outbox (next_attempt_at) where sent_at is null;

-- handoffs --------------------------------------------------------------------------------------------------------
create table handoffs (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  origin text not null check (origin in ('support', 'narration', 'selection')),
  subject_id text not null,
  trigger_id text not null,
  reason text not null,
  reasons text[] not null,
  state text not null default 'queued'
    check (state in ('queued', 'claimed', 'resolved', 'returned_to_bot', 'cancelled')),
  priority integer not null,
  fence integer not null default 0,
  packet jsonb not null,
  claimed_by text,
  lease_until timestamptz,
  enqueued_at timestamptz not null default livecrew_now(),
  resolved_at timestamptz,
  resolution text not null default '',
  created_at timestamptz not null default livecrew_now(),
  unique (shop_id, subject_id, trigger_id)
);
create unique index handoffs_one_open on handoffs (shop_id, subject_id) where state in ('queued', 'claimed');
create index handoffs_queue on handoffs (shop_id, priority desc, enqueued_at) where state = 'queued';

-- model ledger ----------------------------------------------------------------------------------------------------
create table model_calls (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  subject_id text not null,
  prompt text not null,
  prompt_sha256 text not null,
  model text not null,
  input_tokens integer not null,
  output_tokens integer not null,
  ms integer not null,
  cost_fen numeric(14, 4) not null,
  outcome text not null,
  at timestamptz not null default livecrew_now()
);
create index model_calls_shop on model_calls (shop_id, at);

-- The second lock: row-level security on every table that carries a shop, forced on the owner too.
do $$
declare t text;
begin
  foreach t in array array['documents', 'chunks', 'units', 'vectors', 'index_log', 'index_state', 'conversations',
                           'messages', 'turns', 'event_streams', 'events', 'outbox', 'handoffs', 'model_calls'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy own_shop on %I using (shop_id = livecrew_shop()) with check (shop_id = livecrew_shop())', t);
  end loop;
end $$;
-- A key is looked up before its shop is known: by its hash alone, which only its holder can state.
alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy own_shop on api_keys using (shop_id = livecrew_shop()) with check (shop_id = livecrew_shop());
create policy by_hash on api_keys for select using (key_hash = nullif(current_setting('livecrew.key_hash', true), ''));
