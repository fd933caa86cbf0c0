-- Ids of products, skus, shoppers and orders are the shop's own: what it exports under one id it may import again.

-- catalogue -------------------------------------------------------------------------------------------------------
create table products (
  shop_id text not null references shops (id) on delete cascade,
  product_id text not null,
  revision integer not null,
  title text not null,
  category text not null,
  brand text not null default '',
  state text not null default 'on_sale' check (state in ('on_sale', 'off_sale')),
  updated_at timestamptz not null default livecrew_now(),
  primary key (shop_id, product_id)
);
create index products_category on products (shop_id, category);
-- Grows with every transaction that changes products, whoever makes it: what is built from their names asks one row
-- whether it is old. Once a transaction, since a row updated for each of many statements would be walked ever longer.
alter table shops add column catalog_version bigint not null default 0;
create function livecrew_count_catalog_change() returns trigger language plpgsql as $$
  begin
    if current_setting('livecrew.catalog_counted', true) is distinct from livecrew_shop() then
      update shops set catalog_version = catalog_version + 1 where id = livecrew_shop();
      perform set_config('livecrew.catalog_counted', livecrew_shop(), true);
    end if;
    return null;
  end
$$;
create trigger products_count_changes after insert or update or delete on products
  for each statement execute function livecrew_count_catalog_change();
create table product_revisions (
  shop_id text not null references shops (id) on delete cascade,
  product_id text not null,
  revision integer not null,
  facts jsonb not null,
  sha256 text not null,
  source text not null,
  created_at timestamptz not null default livecrew_now(),
  primary key (shop_id, product_id, revision),
  foreign key (shop_id, product_id) references products on delete cascade
);
create function livecrew_refuse_change() returns trigger language plpgsql as $$
  begin raise exception 'rows of % never change', tg_table_name; end
$$;
create trigger product_revisions_never_change before update on product_revisions
  for each row execute function livecrew_refuse_change();
create table skus (
  shop_id text not null references shops (id) on delete cascade,
  sku_id text not null,
  product_id text not null,
  name text not null default '',
  price_fen bigint not null check (price_fen >= 0),
  stock integer check (stock >= 0),
  stock_at timestamptz,
  primary key (shop_id, sku_id),
  foreign key (shop_id, product_id) references products on delete cascade
);
create index skus_product on skus (shop_id, product_id);
create table price_points (
  shop_id text not null references shops (id) on delete cascade,
  sku_id text not null,
  from_at timestamptz not null,
  price_fen bigint not null check (price_fen >= 0),
  source text not null,
  primary key (shop_id, sku_id, from_at),
  foreign key (shop_id, sku_id) references skus on delete cascade
);
create table offers (
  shop_id text not null references shops (id) on delete cascade,
  offer_id text not null,
  kind text not null check (kind in ('sale', 'live', 'flash', 'coupon', 'threshold', 'gift')),
  name text not null,
  product_id text,
  sku_id text,
  price_fen bigint check (price_fen >= 0),
  off_fen bigint check (off_fen >= 0),
  threshold_fen bigint check (threshold_fen >= 0),
  audience text not null default 'all',
  terms text not null default '',
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  primary key (shop_id, offer_id),
  check (starts_at < ends_at)
);
create index offers_product on offers (shop_id, product_id, starts_at);
create table trace_records (
  shop_id text not null references shops (id) on delete cascade,
  code text not null,
  product_id text not null,
  sku_id text,
  batch text not null default '',
  produced_on date,
  expires_on date,
  origin text not null default '',
  steps jsonb not null default '[]',
  primary key (shop_id, code)
);

-- policy terms: the figures the shop's own rules compute with, by the day they are in force -------------------------
create table policy_terms (
  shop_id text not null references shops (id) on delete cascade,
  version integer not null,
  terms jsonb not null,
  effective_from date not null,
  effective_to date,
  created_at timestamptz not null default livecrew_now(),
  primary key (shop_id, version)
);

-- shoppers and orders ---------------------------------------------------------------------------------------------
create table shoppers (
  shop_id text not null references shops (id) on delete cascade,
  shopper_id text not null,
  name text not null default '',
  tier text not null default '',
  phone text not null default '',
  email text not null default '',
  address text not null default '',
  updated_at timestamptz not null default livecrew_now(),
  primary key (shop_id, shopper_id)
);
create table orders (
  shop_id text not null references shops (id) on delete cascade,
  order_id text not null,
  shopper_id text not null,
  state text not null
    check (state in ('unpaid', 'paid', 'shipped', 'delivered', 'completed', 'cancelled', 'refunding', 'refunded')),
  channel text not null default 'shelf' check (channel in ('shelf', 'live')),
  broadcast_id text,
  placed_at timestamptz not null,
  paid_at timestamptz,
  signed_at timestamptz,
  cancelled_at timestamptz,
  promised_ship_at timestamptz,
  paid_fen bigint not null default 0 check (paid_fen >= 0),
  freight_fen bigint not null default 0 check (freight_fen >= 0),
  discount_fen bigint not null default 0 check (discount_fen >= 0),
  freight_insured boolean not null default false,
  invoice_state text not null default 'none' check (invoice_state in ('none', 'requested', 'issued')),
  address text not null default '',
  phone text not null default '',
  note text not null default '',
  updated_at timestamptz not null default livecrew_now(),
  primary key (shop_id, order_id),
  foreign key (shop_id, shopper_id) references shoppers on delete cascade
);
create index orders_shopper on orders (shop_id, shopper_id, placed_at desc);
create table order_items (
  shop_id text not null references shops (id) on delete cascade,
  order_id text not null,
  line integer not null check (line >= 1),
  product_id text not null default '',
  sku_id text not null default '',
  title text not null,
  sku_name text not null default '',
  quantity integer not null check (quantity >= 1),
  unit_price_fen bigint not null check (unit_price_fen >= 0),
  paid_fen bigint not null check (paid_fen >= 0),
  customised boolean not null default false,
  confirmed_no_return boolean not null default false,
  primary key (shop_id, order_id, line),
  foreign key (shop_id, order_id) references orders on delete cascade
);
create table shipments (
  shop_id text not null references shops (id) on delete cascade,
  order_id text not null,
  tracking_no text not null,
  courier text not null,
  state text not null check (state in ('packed', 'in_transit', 'out_for_delivery', 'signed', 'exception', 'returned')),
  shipped_at timestamptz,
  signed_at timestamptz,
  expected_on date,
  steps jsonb not null default '[]',
  primary key (shop_id, order_id, tracking_no),
  foreign key (shop_id, order_id) references orders on delete cascade
);
create table refunds (
  shop_id text not null references shops (id) on delete cascade,
  refund_id text not null,
  order_id text not null,
  line integer,
  kind text not null check (kind in ('refund', 'return_refund', 'exchange', 'price_protection')),
  state text not null
    check (state in ('requested', 'approved', 'returning', 'received', 'paid_out', 'refused', 'withdrawn')),
  amount_fen bigint not null default 0 check (amount_fen >= 0),
  reason text not null default '',
  requested_at timestamptz not null,
  received_at timestamptz,
  paid_out_at timestamptz,
  primary key (shop_id, refund_id),
  foreign key (shop_id, order_id) references orders on delete cascade
);
create index refunds_order on refunds (shop_id, order_id);

-- identity of shoppers, what they send besides words, what they think of us -----------------------------------------
create table identity_keys (
  shop_id text not null references shops (id) on delete cascade,
  id text not null,
  secret text not null,
  created_at timestamptz not null default livecrew_now(),
  retired_at timestamptz,
  primary key (shop_id, id)
);
alter table conversations add column previous_token_hash text;
alter table conversations add column identified_at timestamptz;
alter table conversations add column shopper_name text not null default '';
alter table conversations add column identity_failures integer not null default 0;
create index conversations_shopper on conversations (shop_id, shopper_id) where shopper_id is not null;
alter table messages add column cards jsonb not null default '[]';
alter table messages add column attachment_ids text[] not null default '{}';
create table attachments (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  conversation_id text not null references conversations (id) on delete cascade,
  media_type text not null check (media_type in ('image/jpeg', 'image/png', 'image/webp')),
  width integer not null,
  height integer not null,
  sha256 text not null,
  content bytea not null,
  created_at timestamptz not null default livecrew_now()
);
create index attachments_conversation on attachments (shop_id, conversation_id);
create table ratings (
  shop_id text not null references shops (id) on delete cascade,
  conversation_id text primary key references conversations (id) on delete cascade,
  score integer not null check (score between 1 and 5),
  solved boolean,
  comment text not null default '',
  created_at timestamptz not null default livecrew_now()
);

-- people who work in the console, and the model a shop writes with --------------------------------------------------
create table operators (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  login text not null unique,
  name text not null,
  password_hash text not null,
  roles text[] not null,
  epoch integer not null default 1,
  failed_logins integer not null default 0,
  locked_until timestamptz,
  disabled_at timestamptz,
  created_at timestamptz not null default livecrew_now(),
  last_login_at timestamptz
);
create table model_settings (
  shop_id text primary key references shops (id) on delete cascade,
  base_url text not null default '',
  model text not null default '',
  api_key text not null default '',
  updated_at timestamptz not null default livecrew_now()
);
create table imports (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  kind text not null,
  file_name text not null,
  sha256 text not null,
  row_count integer not null,
  new_count integer not null,
  changed_count integer not null,
  unchanged_count integer not null,
  created_by text not null default '',
  created_at timestamptz not null default livecrew_now()
);
create index imports_recent on imports (shop_id, created_at desc);

do $$
declare t text;
begin
  foreach t in array array['products', 'product_revisions', 'skus', 'price_points', 'offers', 'trace_records',
                           'policy_terms', 'shoppers', 'orders', 'order_items', 'shipments', 'refunds', 'identity_keys',
                           'attachments', 'ratings', 'operators', 'model_settings', 'imports'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy own_shop on %I using (shop_id = livecrew_shop()) with check (shop_id = livecrew_shop())', t);
  end loop;
end $$;
-- Somebody who signs in states a login before the shop is known.
create policy by_login on operators for select using (login = nullif(current_setting('livecrew.login', true), ''));
