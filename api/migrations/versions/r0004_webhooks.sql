-- A shop's own addresses. `previous_secret` signs too until `previous_until`, so that a secret can be changed without a gap.
create table webhooks (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  url text not null,
  topics text[] not null,
  secret text not null,
  previous_secret text,
  previous_until timestamptz,
  enabled boolean not null default true,
  created_at timestamptz not null default livecrew_now()
);
create index webhooks_shop on webhooks (shop_id, created_at);
-- One row an outbox row and address: its id is what the receiver sees, the same with every try. What is told stands in the
-- outbox alone, so that erasing it there erases what is still to be told.
create table webhook_deliveries (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  webhook_id text not null references webhooks (id) on delete cascade,
  outbox_id text not null references outbox (id) on delete cascade,
  topic text not null,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'dead')),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default livecrew_now(),
  last_status integer,
  error text not null default '',
  created_at timestamptz not null default livecrew_now(),
  finished_at timestamptz,
  unique (outbox_id, webhook_id)
);
create index webhook_deliveries_due on webhook_deliveries (shop_id, next_attempt_at) where state = 'pending';
create index webhook_deliveries_recent on webhook_deliveries (webhook_id, created_at desc, id desc);
create index outbox_unsent on outbox (shop_id, created_at) where sent_at is null;

do $$
declare t text;
begin
  foreach t in array array['webhooks', 'webhook_deliveries'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy own_shop on %I using (shop_id = livecrew_shop()) with check (shop_id = livecrew_shop())', t);
  end loop;
end $$;
