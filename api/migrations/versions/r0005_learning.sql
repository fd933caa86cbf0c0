-- A question of a shopper with the answer an operator gave. The ids of provenance are bare: erasing a shopper blanks them.
create table knowledge_candidates (
  id text primary key,
  shop_id text not null references shops (id) on delete cascade,
  state text not null default 'proposed'
    check (state in ('proposed', 'edited', 'approved', 'published', 'rejected', 'withdrawn')),
  revision integer not null default 1,
  question text not null,
  wordings text[] not null default '{}',
  answer text not null,
  effective_from date,
  effective_to date,
  proposed_question text not null,
  proposed_answer text not null,
  findings jsonb not null default '[]',
  accepted text[] not null default '{}',
  handoff_id text not null,
  subject_id text not null,
  reason text not null,
  operator_id text not null,
  question_message_id text not null,
  answer_message_ids text[] not null,
  proposed_by text not null,
  decided_by text,
  decided_at timestamptz,
  why text not null default '',
  published_at timestamptz,
  withdrawn_at timestamptz,
  document_version integer,
  created_at timestamptz not null default livecrew_now(),
  updated_at timestamptz not null default livecrew_now(),
  check (effective_from is null or effective_to is null or effective_from <= effective_to)
);
create unique index knowledge_candidates_one_a_point on knowledge_candidates (shop_id, handoff_id, question_message_id);
create index knowledge_candidates_state on knowledge_candidates (shop_id, state, updated_at desc);
create index knowledge_candidates_subject on knowledge_candidates (shop_id, subject_id);

-- Ended handoffs that were looked at for something to learn; each once.
create table handoffs_considered (
  handoff_id text primary key references handoffs (id) on delete cascade,
  shop_id text not null references shops (id) on delete cascade,
  outcome text not null,
  at timestamptz not null default livecrew_now()
);
create index handoffs_considered_shop on handoffs_considered (shop_id);

do $$
declare t text;
begin
  foreach t in array array['knowledge_candidates', 'handoffs_considered'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy own_shop on %I using (shop_id = livecrew_shop()) with check (shop_id = livecrew_shop())', t);
  end loop;
end $$;
