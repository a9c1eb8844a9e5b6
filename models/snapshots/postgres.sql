-- The schema after migration 0050_kinds_of_past_tickets

CREATE TABLE action (
    id character varying(30) NOT NULL,
    version integer NOT NULL,
    kind character varying(32) NOT NULL,
    status character varying(16) NOT NULL,
    scope jsonb NOT NULL,
    open_scope character varying(200),
    reason text,
    item_count integer NOT NULL,
    finished_count integer NOT NULL,
    attention_count integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    company_id character varying(30),
    operator_id character varying(30),
    opportunity_id character varying(30),
    ticket_id character varying(30)
);
CREATE TABLE action_attempt (
    id character varying(30) NOT NULL,
    number integer NOT NULL,
    step character varying(16) NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    result character varying(32),
    explanation text,
    item_id character varying(30) NOT NULL,
    crm_words text
);
CREATE TABLE action_item (
    id character varying(30) NOT NULL,
    "position" integer NOT NULL,
    lane character varying(64) NOT NULL,
    kind character varying(32) NOT NULL,
    key character varying(64) NOT NULL,
    open_key character varying(100),
    reference character varying(64) NOT NULL,
    label character varying(500) NOT NULL,
    state character varying(16) NOT NULL,
    outcome character varying(24),
    explanation text,
    claim_id character varying(36),
    sent_at timestamp with time zone,
    absent_since timestamp with time zone,
    attempt_count integer NOT NULL,
    next_try_at timestamp with time zone NOT NULL,
    crm_id bigint,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    action_id character varying(30) NOT NULL,
    expected jsonb,
    unanswered_count integer DEFAULT 0 NOT NULL,
    postponed_at timestamp with time zone,
    crm_words text,
    reason character varying(32)
);
CREATE TABLE answered_request (
    id character varying(32) NOT NULL,
    contents character varying(64) NOT NULL,
    answer_id character varying(30) NOT NULL
);
CREATE TABLE call_circuit (
    name character varying(32) NOT NULL,
    failure_count integer NOT NULL,
    opened_at double precision,
    next_try_at double precision,
    succeeded_at double precision
);
CREATE TABLE call_cost (
    name character varying(64) NOT NULL,
    calls double precision NOT NULL
);
CREATE TABLE call_slot (
    name character varying(32) NOT NULL,
    free_at double precision NOT NULL,
    paused_until double precision NOT NULL,
    promised_to character varying(80) DEFAULT ''::character varying NOT NULL
);
CREATE TABLE comment (
    version integer NOT NULL,
    id character varying(30) NOT NULL,
    tree_id character varying(30) NOT NULL,
    subject_id character varying(30) NOT NULL,
    body text NOT NULL,
    mention_ids jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    edited_at timestamp with time zone,
    deleted_at timestamp with time zone,
    author_id character varying(30) NOT NULL,
    reply_to_id character varying(30),
    ticket_id character varying(30) NOT NULL
);
CREATE TABLE company (
    id character varying(30) NOT NULL,
    version integer NOT NULL,
    crm_id bigint NOT NULL,
    name character varying(300) NOT NULL,
    vat_number character varying(32),
    refreshed_at timestamp with time zone NOT NULL,
    sort_name character varying(200) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    defects jsonb
);
CREATE TABLE crm_activity (
    id character varying(30) NOT NULL,
    version integer NOT NULL,
    role character varying(16) NOT NULL,
    tree_id character varying(30),
    crm_id bigint NOT NULL,
    subject text NOT NULL,
    sub_type_id bigint,
    owner_crm_id bigint,
    occurred_at timestamp with time zone,
    due_on date,
    completed boolean NOT NULL,
    desired_revision integer NOT NULL,
    applied_revision integer NOT NULL,
    wanted jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    opportunity_id character varying(30),
    ticket_id character varying(30),
    milestone_id character varying(30),
    relink_to bigint,
    missing_since timestamp with time zone,
    unseen_since timestamp with time zone,
    compared_at timestamp with time zone,
    crm_company_id bigint,
    kit_named character varying(64)
);
CREATE TABLE crm_login (
    account character varying(64) NOT NULL,
    token text,
    renew_at timestamp with time zone,
    claim_id character varying(36),
    claimed_until timestamp with time zone
);
CREATE TABLE event (
    id character varying(30) NOT NULL,
    seq bigint NOT NULL,
    change_id character varying(30) NOT NULL,
    kind character varying(48) NOT NULL,
    entity character varying(32) NOT NULL,
    entity_id character varying(30) NOT NULL,
    schema_version integer NOT NULL,
    actor character varying(64) NOT NULL,
    cause character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    before jsonb,
    stored_after jsonb,
    stream_id character varying(30) NOT NULL,
    consequences jsonb
);
CREATE TABLE intake_item (
    id character varying(30) NOT NULL,
    version integer NOT NULL,
    crm_activity_id bigint NOT NULL,
    status character varying(16) NOT NULL,
    reason character varying(32) NOT NULL,
    explanation text NOT NULL,
    subject text NOT NULL,
    description text NOT NULL,
    crm_company_id bigint,
    candidates jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    ticket_id character varying(30),
    activity_modified_at timestamp with time zone,
    attempt_count integer DEFAULT 0 NOT NULL,
    next_try_at timestamp with time zone,
    shown_subject text,
    shown_description text,
    evidence jsonb,
    crm_words text
);
CREATE TABLE kit (
    id character varying(30) NOT NULL,
    version integer NOT NULL,
    code character varying(10) NOT NULL,
    name character varying(200) NOT NULL,
    description text NOT NULL,
    aliases jsonb NOT NULL,
    active boolean NOT NULL,
    digest character varying(64) NOT NULL,
    main_service_id character varying(30) NOT NULL,
    sort_name character varying(200) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE kit_line (
    id character varying(30) NOT NULL,
    "position" integer NOT NULL,
    quantity integer NOT NULL,
    mandatory boolean NOT NULL,
    kit_id character varying(30) NOT NULL,
    service_id character varying(30) NOT NULL
);
CREATE TABLE kpi_day (
    id integer NOT NULL,
    source_id character varying(30) NOT NULL,
    entity character varying(16) NOT NULL,
    row_id character varying(30) NOT NULL,
    since_on date NOT NULL,
    until_on date NOT NULL,
    status character varying(24),
    reason character varying(32),
    company_id character varying(30),
    operator_id character varying(30),
    child_id character varying(30),
    priority character varying(16),
    due_on date,
    yellow_on date,
    red_on date,
    at_risk_on date,
    changed_at timestamp with time zone,
    task_count integer,
    finished_task_count integer,
    hours numeric(6,2),
    kind character varying(16)
);
CREATE SEQUENCE kpi_day_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE kpi_day_id_seq OWNED BY kpi_day.id;
CREATE TABLE kpi_mark (
    id integer NOT NULL,
    begins_on date NOT NULL,
    end_on date NOT NULL,
    basis character varying(100) NOT NULL,
    holder character varying(36),
    leased_until timestamp with time zone NOT NULL,
    revision character varying(36) DEFAULT ''::character varying NOT NULL
);
CREATE SEQUENCE kpi_mark_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE kpi_mark_id_seq OWNED BY kpi_mark.id;
CREATE TABLE kpi_target (
    version integer NOT NULL,
    id character varying(30) NOT NULL,
    key character varying(32) NOT NULL,
    subject character varying(16) NOT NULL,
    since date NOT NULL,
    value numeric(14,4),
    set_at timestamp with time zone NOT NULL,
    set_by_id character varying(30) NOT NULL
);
CREATE TABLE link (
    version integer NOT NULL,
    id character varying(30) NOT NULL,
    tree_id character varying(30) NOT NULL,
    subject_id character varying(30) NOT NULL,
    purpose character varying(32) NOT NULL,
    title character varying(200) NOT NULL,
    url text NOT NULL,
    added_at timestamp with time zone NOT NULL,
    added_by_id character varying(30) NOT NULL,
    ticket_id character varying(30) NOT NULL
);
CREATE TABLE milestone (
    id character varying(30) NOT NULL,
    version integer NOT NULL,
    tree_id character varying(30) NOT NULL,
    "position" integer NOT NULL,
    title character varying(200) NOT NULL,
    kind character varying(16) NOT NULL,
    status character varying(16) NOT NULL,
    sla_days integer NOT NULL,
    warning_days integer NOT NULL,
    escalation_days integer NOT NULL,
    depends_on jsonb NOT NULL,
    starts_on date NOT NULL,
    due_on date NOT NULL,
    original_due_on date NOT NULL,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    cancelled_at timestamp with time zone,
    cancelled_reason text,
    ticket_id character varying(30) NOT NULL,
    sort_title character varying(200) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    blocked boolean DEFAULT false NOT NULL,
    yellow_on date,
    red_on date,
    task_count integer DEFAULT 0 NOT NULL,
    finished_task_count integer DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    first_completed_at timestamp with time zone,
    reopened_count integer DEFAULT 0 NOT NULL,
    finished_owner_id character varying(30),
    rescheduled_reason text,
    at_risk_on date
);
CREATE TABLE milestone_template (
    id character varying(30) NOT NULL,
    "position" integer NOT NULL,
    title character varying(200) NOT NULL,
    kind character varying(16) NOT NULL,
    sla_days integer NOT NULL,
    warning_days integer NOT NULL,
    escalation_days integer NOT NULL,
    depends_on jsonb NOT NULL,
    template_id character varying(30) NOT NULL
);
CREATE TABLE operator (
    id character varying(30) NOT NULL,
    version integer NOT NULL,
    name character varying(200) NOT NULL,
    email character varying(200) NOT NULL,
    role character varying(16) NOT NULL,
    crm_user_id bigint,
    workflow_roles jsonb NOT NULL,
    active boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    sort_name character varying(200) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    weekly_hours numeric(5,2)
);
CREATE TABLE opportunity (
    id character varying(30) NOT NULL,
    version integer NOT NULL,
    tree_id character varying(30) NOT NULL,
    crm_id bigint NOT NULL,
    code character varying(40),
    title character varying(500) NOT NULL,
    amount numeric(14,2),
    phase character varying(100),
    status character varying(16) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    refreshed_at timestamp with time zone NOT NULL,
    missing_since timestamp with time zone,
    company_id character varying(30) NOT NULL,
    ticket_id character varying(30) NOT NULL,
    child_ticket_id character varying(30),
    ticket_line_id character varying(30),
    "position" integer,
    service_id character varying(30),
    carried_code character varying(40) DEFAULT ''::character varying NOT NULL,
    flag character varying(16),
    flag_crm_company_id bigint,
    flag_crm_id bigint,
    flagged_at timestamp with time zone,
    kept_at timestamp with time zone,
    kept_reason text,
    sort_title character varying(200) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    defects jsonb
);
CREATE TABLE poll_mark (
    name character varying(32) NOT NULL,
    begins_at timestamp with time zone NOT NULL,
    high_water timestamp with time zone NOT NULL,
    holder character varying(36),
    not_before timestamp with time zone NOT NULL,
    failures integer NOT NULL,
    highest_id bigint DEFAULT 0 NOT NULL,
    failed_at timestamp with time zone,
    failure character varying(32),
    failure_explanation text,
    odd_records jsonb,
    failure_crm_words text
);
CREATE TABLE service (
    id character varying(30) NOT NULL,
    version integer NOT NULL,
    code character varying(10) NOT NULL,
    name character varying(200) NOT NULL,
    description text NOT NULL,
    price numeric(12,2) NOT NULL,
    workflow_code character varying(10),
    digest character varying(64) NOT NULL,
    responsible_id character varying(30),
    sort_name character varying(200) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE sign_in_code (
    id character varying(30) NOT NULL,
    digest character varying(64) NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    operator_id character varying(30) NOT NULL
);
CREATE TABLE stream (
    id character varying(30) NOT NULL,
    seq bigint NOT NULL,
    occurred_at timestamp with time zone
);
CREATE TABLE task (
    id character varying(30) NOT NULL,
    version integer NOT NULL,
    tree_id character varying(30) NOT NULL,
    "position" integer NOT NULL,
    title character varying(200) NOT NULL,
    workflow_role character varying(200) NOT NULL,
    mandatory boolean NOT NULL,
    status character varying(16) NOT NULL,
    estimated_hours numeric(6,2) NOT NULL,
    sla_days integer NOT NULL,
    starts_on date NOT NULL,
    due_on date NOT NULL,
    original_due_on date NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    notes text NOT NULL,
    checklist jsonb NOT NULL,
    skipped_reason text,
    assignee_id character varying(30) NOT NULL,
    milestone_id character varying(30) NOT NULL,
    ticket_id character varying(30) NOT NULL,
    waived_reason text,
    reopened_reason text,
    sort_title character varying(200) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    ready boolean DEFAULT false NOT NULL,
    blocked boolean DEFAULT false NOT NULL,
    yellow_on date,
    red_on date,
    urgency integer DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    first_finished_at timestamp with time zone,
    reopened_count integer DEFAULT 0 NOT NULL,
    finished_owner_id character varying(30),
    rescheduled_reason text
);
CREATE TABLE task_template (
    id character varying(30) NOT NULL,
    "position" integer NOT NULL,
    title character varying(200) NOT NULL,
    workflow_role character varying(200) NOT NULL,
    mandatory boolean NOT NULL,
    estimated_hours numeric(6,2) NOT NULL,
    sla_days integer NOT NULL,
    checklist jsonb NOT NULL,
    milestone_id character varying(30) NOT NULL
);
CREATE TABLE tenant_binding (
    name character varying(32) NOT NULL,
    address character varying(300) NOT NULL,
    tenant character varying(64) NOT NULL,
    bound_at timestamp with time zone NOT NULL
);
CREATE TABLE tenant_profile (
    account character varying(64) NOT NULL,
    probed_at timestamp with time zone NOT NULL,
    profile jsonb NOT NULL
);
CREATE TABLE ticket (
    id character varying(30) NOT NULL,
    version integer NOT NULL,
    tree_id character varying(30) NOT NULL,
    kind character varying(16) NOT NULL,
    code character varying(40) NOT NULL,
    serial character varying(24),
    title character varying(500) NOT NULL,
    notes text NOT NULL,
    priority character varying(16) NOT NULL,
    status character varying(16) NOT NULL,
    "position" integer NOT NULL,
    starts_on date NOT NULL,
    due_on date NOT NULL,
    original_due_on date NOT NULL,
    created_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone,
    first_closed_at timestamp with time zone,
    closed_at timestamp with time zone,
    cancelled_at timestamp with time zone,
    cancelled_reason text,
    company_id character varying(30) NOT NULL,
    kit_id character varying(30),
    owner_id character varying(30) NOT NULL,
    parent_id character varying(30),
    service_id character varying(30),
    template_id character varying(30) NOT NULL,
    sort_title character varying(200) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    yellow_on date,
    red_on date,
    task_count integer DEFAULT 0 NOT NULL,
    finished_task_count integer DEFAULT 0 NOT NULL,
    urgency integer DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    facts_basis character varying(60) DEFAULT ''::character varying NOT NULL,
    reopened_count integer DEFAULT 0 NOT NULL,
    finished_owner_id character varying(30),
    search_notes text DEFAULT ''::text NOT NULL,
    at_risk_on date,
    lead_day_count integer,
    worked_day_count integer
);
CREATE TABLE ticket_line (
    id character varying(30) NOT NULL,
    tree_id character varying(30) NOT NULL,
    "position" integer NOT NULL,
    name character varying(200) NOT NULL,
    quantity integer NOT NULL,
    unit_price numeric(12,2) NOT NULL,
    amount numeric(14,2) NOT NULL,
    mandatory boolean NOT NULL,
    service_id character varying(30) NOT NULL,
    ticket_id character varying(30) NOT NULL,
    awaits_child boolean DEFAULT true NOT NULL
);
CREATE TABLE token (
    id character varying(30) NOT NULL,
    kind character varying(16) NOT NULL,
    label character varying(200) NOT NULL,
    digest character varying(64) NOT NULL,
    role character varying(16) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    operator_id character varying(30) NOT NULL
);
CREATE TABLE unmatched_opportunity (
    id character varying(30) NOT NULL,
    crm_id bigint NOT NULL,
    code character varying(100) NOT NULL,
    title character varying(500) NOT NULL,
    amount numeric(14,2),
    phase character varying(100),
    status character varying(16) NOT NULL,
    reason character varying(32) NOT NULL,
    candidate_line_ids jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    company_id character varying(30) NOT NULL,
    defects jsonb
);
CREATE TABLE workflow_template (
    id character varying(30) NOT NULL,
    code character varying(10) NOT NULL,
    version integer NOT NULL,
    current boolean NOT NULL,
    name character varying(200) NOT NULL,
    description text NOT NULL,
    digest character varying(64) NOT NULL,
    created_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY kpi_day ALTER COLUMN id SET DEFAULT nextval('kpi_day_id_seq'::regclass);
ALTER TABLE ONLY kpi_mark ALTER COLUMN id SET DEFAULT nextval('kpi_mark_id_seq'::regclass);
ALTER TABLE ONLY action_attempt
    ADD CONSTRAINT action_attempt_pkey PRIMARY KEY (id);
ALTER TABLE ONLY action_item
    ADD CONSTRAINT action_item_open_key_key UNIQUE (open_key);
ALTER TABLE ONLY action_item
    ADD CONSTRAINT action_item_pkey PRIMARY KEY (id);
ALTER TABLE ONLY action
    ADD CONSTRAINT action_open_scope_key UNIQUE (open_scope);
ALTER TABLE ONLY action
    ADD CONSTRAINT action_pkey PRIMARY KEY (id);
ALTER TABLE ONLY answered_request
    ADD CONSTRAINT answered_request_pkey PRIMARY KEY (id);
ALTER TABLE ONLY call_circuit
    ADD CONSTRAINT call_circuit_pkey PRIMARY KEY (name);
ALTER TABLE ONLY call_cost
    ADD CONSTRAINT call_cost_pkey PRIMARY KEY (name);
ALTER TABLE ONLY call_slot
    ADD CONSTRAINT call_slot_pkey PRIMARY KEY (name);
ALTER TABLE ONLY comment
    ADD CONSTRAINT comment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY company
    ADD CONSTRAINT company_crm_id_key UNIQUE (crm_id);
ALTER TABLE ONLY company
    ADD CONSTRAINT company_pkey PRIMARY KEY (id);
ALTER TABLE ONLY crm_activity
    ADD CONSTRAINT crm_activity_crm_id_key UNIQUE (crm_id);
ALTER TABLE ONLY crm_activity
    ADD CONSTRAINT crm_activity_milestone_id_key UNIQUE (milestone_id);
ALTER TABLE ONLY crm_activity
    ADD CONSTRAINT crm_activity_pkey PRIMARY KEY (id);
ALTER TABLE ONLY crm_activity
    ADD CONSTRAINT crm_activity_ticket_id_key UNIQUE (ticket_id);
ALTER TABLE ONLY crm_login
    ADD CONSTRAINT crm_login_pkey PRIMARY KEY (account);
ALTER TABLE ONLY event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id);
ALTER TABLE ONLY intake_item
    ADD CONSTRAINT intake_item_crm_activity_id_key UNIQUE (crm_activity_id);
ALTER TABLE ONLY intake_item
    ADD CONSTRAINT intake_item_pkey PRIMARY KEY (id);
ALTER TABLE ONLY kit
    ADD CONSTRAINT kit_code_key UNIQUE (code);
ALTER TABLE ONLY kit_line
    ADD CONSTRAINT kit_line_pkey PRIMARY KEY (id);
ALTER TABLE ONLY kit
    ADD CONSTRAINT kit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY kpi_day
    ADD CONSTRAINT kpi_day_pkey PRIMARY KEY (id);
ALTER TABLE ONLY kpi_mark
    ADD CONSTRAINT kpi_mark_pkey PRIMARY KEY (id);
ALTER TABLE ONLY kpi_target
    ADD CONSTRAINT kpi_target_pkey PRIMARY KEY (id);
ALTER TABLE ONLY link
    ADD CONSTRAINT link_pkey PRIMARY KEY (id);
ALTER TABLE ONLY milestone
    ADD CONSTRAINT milestone_pkey PRIMARY KEY (id);
ALTER TABLE ONLY milestone_template
    ADD CONSTRAINT milestone_template_pkey PRIMARY KEY (id);
ALTER TABLE ONLY operator
    ADD CONSTRAINT operator_crm_user_id_key UNIQUE (crm_user_id);
ALTER TABLE ONLY operator
    ADD CONSTRAINT operator_email_key UNIQUE (email);
ALTER TABLE ONLY operator
    ADD CONSTRAINT operator_pkey PRIMARY KEY (id);
ALTER TABLE ONLY opportunity
    ADD CONSTRAINT opportunity_child_ticket_id_key UNIQUE (child_ticket_id);
ALTER TABLE ONLY opportunity
    ADD CONSTRAINT opportunity_crm_id_key UNIQUE (crm_id);
ALTER TABLE ONLY opportunity
    ADD CONSTRAINT opportunity_pkey PRIMARY KEY (id);
ALTER TABLE ONLY opportunity
    ADD CONSTRAINT opportunity_ticket_line_id_key UNIQUE (ticket_line_id);
ALTER TABLE ONLY poll_mark
    ADD CONSTRAINT poll_mark_pkey PRIMARY KEY (name);
ALTER TABLE ONLY service
    ADD CONSTRAINT service_code_key UNIQUE (code);
ALTER TABLE ONLY service
    ADD CONSTRAINT service_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sign_in_code
    ADD CONSTRAINT sign_in_code_digest_key UNIQUE (digest);
ALTER TABLE ONLY sign_in_code
    ADD CONSTRAINT sign_in_code_pkey PRIMARY KEY (id);
ALTER TABLE ONLY stream
    ADD CONSTRAINT stream_pkey PRIMARY KEY (id);
ALTER TABLE ONLY task
    ADD CONSTRAINT task_pkey PRIMARY KEY (id);
ALTER TABLE ONLY task_template
    ADD CONSTRAINT task_template_pkey PRIMARY KEY (id);
ALTER TABLE ONLY tenant_binding
    ADD CONSTRAINT tenant_binding_pkey PRIMARY KEY (name);
ALTER TABLE ONLY tenant_profile
    ADD CONSTRAINT tenant_profile_pkey PRIMARY KEY (account);
ALTER TABLE ONLY ticket
    ADD CONSTRAINT ticket_code_key UNIQUE (code);
ALTER TABLE ONLY ticket
    ADD CONSTRAINT ticket_digits_key UNIQUE (serial);
ALTER TABLE ONLY ticket_line
    ADD CONSTRAINT ticket_line_pkey PRIMARY KEY (id);
ALTER TABLE ONLY ticket
    ADD CONSTRAINT ticket_pkey PRIMARY KEY (id);
ALTER TABLE ONLY token
    ADD CONSTRAINT token_digest_key UNIQUE (digest);
ALTER TABLE ONLY token
    ADD CONSTRAINT token_pkey PRIMARY KEY (id);
ALTER TABLE ONLY action_item
    ADD CONSTRAINT uid_action_item_action__9c6df1 UNIQUE (action_id, "position");
ALTER TABLE ONLY event
    ADD CONSTRAINT uid_event_stream__087d88 UNIQUE (stream_id, seq);
ALTER TABLE ONLY kit_line
    ADD CONSTRAINT uid_kit_line_kit_id_f06261 UNIQUE (kit_id, "position");
ALTER TABLE ONLY kpi_day
    ADD CONSTRAINT uid_kpi_day_row_id_3ab095 UNIQUE (row_id, since_on);
ALTER TABLE ONLY kpi_target
    ADD CONSTRAINT uid_kpi_target_key_0c37cc UNIQUE (key, subject, since);
ALTER TABLE ONLY milestone_template
    ADD CONSTRAINT uid_milestone_t_templat_f5462b UNIQUE (template_id, "position");
ALTER TABLE ONLY milestone
    ADD CONSTRAINT uid_milestone_ticket__fd62d6 UNIQUE (ticket_id, "position");
ALTER TABLE ONLY task
    ADD CONSTRAINT uid_task_milesto_ca6d78 UNIQUE (milestone_id, "position");
ALTER TABLE ONLY task_template
    ADD CONSTRAINT uid_task_templa_milesto_6a9f9a UNIQUE (milestone_id, "position");
ALTER TABLE ONLY ticket_line
    ADD CONSTRAINT uid_ticket_line_ticket__f2450b UNIQUE (ticket_id, "position");
ALTER TABLE ONLY workflow_template
    ADD CONSTRAINT uid_workflow_te_code_9c9b38 UNIQUE (code, version);
ALTER TABLE ONLY unmatched_opportunity
    ADD CONSTRAINT unmatched_opportunity_crm_id_key UNIQUE (crm_id);
ALTER TABLE ONLY unmatched_opportunity
    ADD CONSTRAINT unmatched_opportunity_pkey PRIMARY KEY (id);
ALTER TABLE ONLY workflow_template
    ADD CONSTRAINT workflow_template_pkey PRIMARY KEY (id);
CREATE INDEX idx_action_atte_item_id_320ff7 ON action_attempt USING btree (item_id, number);
CREATE INDEX idx_action_atte_result_8a056a ON action_attempt USING btree (result, id);
CREATE INDEX idx_action_attenti_6892fd ON action USING btree (attention_count, created_at, id);
CREATE INDEX idx_action_company_dc35c0 ON action USING btree (company_id);
CREATE INDEX idx_action_created_19f140 ON action USING btree (created_at, id);
CREATE INDEX idx_action_finishe_a1eeca ON action USING btree (finished_at, id);
CREATE INDEX idx_action_finished_at_last ON action USING btree (finished_at DESC NULLS LAST, id DESC);
CREATE INDEX idx_action_item_claimed ON action_item USING btree (kind, key) WHERE (NOT (claim_id IS NULL));
CREATE INDEX idx_action_item_kind_88a96f ON action_item USING btree (kind, key);
CREATE INDEX idx_action_item_lane_3ece4b ON action_item USING btree (lane, "position");
CREATE INDEX idx_action_item_lane_49c859 ON action_item USING btree (lane, "position", next_try_at) WHERE (NOT (open_key IS NULL));
CREATE INDEX idx_action_kind_ca6f32 ON action USING btree (kind, created_at, id);
CREATE INDEX idx_action_operato_ffd8e3 ON action USING btree (operator_id, created_at, id);
CREATE INDEX idx_action_opportu_470370 ON action USING btree (opportunity_id);
CREATE INDEX idx_action_status_1e5623 ON action USING btree (status, created_at, id);
CREATE INDEX idx_action_status_9eb97b ON action USING btree (status, finished_at, id);
CREATE INDEX idx_action_status_finished_at_last ON action USING btree (status, finished_at DESC NULLS LAST, id DESC);
CREATE INDEX idx_action_ticket__3cd3f7 ON action USING btree (ticket_id);
CREATE INDEX idx_comment_subject_0acca6 ON comment USING btree (subject_id, created_at, id);
CREATE INDEX idx_comment_ticket__2b6e0b ON comment USING btree (ticket_id);
CREATE INDEX idx_comment_tree_id_51c233 ON comment USING btree (tree_id);
CREATE INDEX idx_company_name_91ada6 ON company USING btree (name, id);
CREATE INDEX idx_company_sort_na_af2bfb ON company USING btree (sort_name, id);
CREATE INDEX idx_company_vat_num_2d957b ON company USING btree (vat_number);
CREATE INDEX idx_crm_activit_opportu_fcb328 ON crm_activity USING btree (opportunity_id);
CREATE INDEX idx_crm_activit_role_50513a ON crm_activity USING btree (role, occurred_at);
CREATE INDEX idx_crm_activit_role_9df1f9 ON crm_activity USING btree (role, compared_at);
CREATE INDEX idx_crm_activit_tree_id_5d3d08 ON crm_activity USING btree (tree_id);
CREATE INDEX idx_event_actor_46c223 ON event USING btree (actor, id);
CREATE INDEX idx_event_change__bc6f79 ON event USING btree (change_id);
CREATE INDEX idx_event_entity_9fb076 ON event USING btree (entity, id);
CREATE INDEX idx_event_entity__6b8825 ON event USING btree (entity_id, seq);
CREATE INDEX idx_event_kind_bbd066 ON event USING btree (kind, id);
CREATE INDEX idx_event_occurre_ac5023 ON event USING btree (occurred_at);
CREATE INDEX idx_intake_item_created_5631bf ON intake_item USING btree (created_at, id);
CREATE INDEX idx_intake_item_reason_85b81d ON intake_item USING btree (reason, created_at, id);
CREATE INDEX idx_intake_item_status_c7efeb ON intake_item USING btree (status, created_at, id);
CREATE INDEX idx_intake_item_ticket__1757ce ON intake_item USING btree (ticket_id);
CREATE INDEX idx_kit_line_service_556bd8 ON kit_line USING btree (service_id);
CREATE INDEX idx_kit_main_se_c4c5dd ON kit USING btree (main_service_id);
CREATE INDEX idx_kpi_day_entity_31d567 ON kpi_day USING btree (entity, until_on, since_on);
CREATE INDEX idx_kpi_day_source__dc3c20 ON kpi_day USING btree (source_id);
CREATE INDEX idx_link_subject_000553 ON link USING btree (subject_id, added_at, id);
CREATE INDEX idx_link_ticket__135e89 ON link USING btree (ticket_id);
CREATE INDEX idx_link_tree_id_5eb964 ON link USING btree (tree_id);
CREATE INDEX idx_milestone_blocked_7b2a1d ON milestone USING btree (blocked, due_on, id);
CREATE INDEX idx_milestone_blocked_title ON milestone USING btree (sort_title, id) WHERE (blocked = true);
CREATE INDEX idx_milestone_blocked_updated ON milestone USING btree (updated_at, id) WHERE (blocked = true);
CREATE INDEX idx_milestone_cancell_dc79e3 ON milestone USING btree (cancelled_at);
CREATE INDEX idx_milestone_due_on_e9a244 ON milestone USING btree (due_on, id);
CREATE INDEX idx_milestone_first_c_45f598 ON milestone USING btree (first_completed_at);
CREATE INDEX idx_milestone_origina_29918e ON milestone USING btree (original_due_on);
CREATE INDEX idx_milestone_red_on_60a1c6 ON milestone USING btree (red_on, id);
CREATE INDEX idx_milestone_sort_ti_c578a9 ON milestone USING btree (sort_title, id);
CREATE INDEX idx_milestone_status_29d575 ON milestone USING btree (status, completed_at);
CREATE INDEX idx_milestone_status_664cd5 ON milestone USING btree (status, due_on, id);
CREATE INDEX idx_milestone_status_aca560 ON milestone USING btree (status, sort_title, id);
CREATE INDEX idx_milestone_status_e94de7 ON milestone USING btree (status, updated_at, id);
CREATE INDEX idx_milestone_tree_id_c12a65 ON milestone USING btree (tree_id);
CREATE INDEX idx_milestone_updated_0397b5 ON milestone USING btree (updated_at, id);
CREATE INDEX idx_milestone_yellow__b7421e ON milestone USING btree (yellow_on, due_on, id);
CREATE INDEX idx_opportunity_code_aa35f4 ON opportunity USING btree (code, id);
CREATE INDEX idx_opportunity_company_12aeb8 ON opportunity USING btree (company_id, created_at, id);
CREATE INDEX idx_opportunity_created_feccbb ON opportunity USING btree (created_at, id);
CREATE INDEX idx_opportunity_flag_616792 ON opportunity USING btree (flag);
CREATE INDEX idx_opportunity_kept_at_9c5fb3 ON opportunity USING btree (kept_at);
CREATE INDEX idx_opportunity_missing_91d9da ON opportunity USING btree (missing_since);
CREATE INDEX idx_opportunity_service_890b44 ON opportunity USING btree (service_id);
CREATE INDEX idx_opportunity_sort_ti_e8fedb ON opportunity USING btree (sort_title, id);
CREATE INDEX idx_opportunity_status_1118fb ON opportunity USING btree (status, code, id);
CREATE INDEX idx_opportunity_status_2a6dd8 ON opportunity USING btree (status, sort_title, id);
CREATE INDEX idx_opportunity_status_c33bc3 ON opportunity USING btree (status, created_at, id);
CREATE INDEX idx_opportunity_ticket__dda789 ON opportunity USING btree (ticket_id);
CREATE INDEX idx_opportunity_tree_id_cf5a8b ON opportunity USING btree (tree_id);
CREATE INDEX idx_service_respons_224b22 ON service USING btree (responsible_id);
CREATE INDEX idx_sign_in_cod_operato_51928f ON sign_in_code USING btree (operator_id);
CREATE INDEX idx_task_assigne_58f716 ON task USING btree (assignee_id, ready, due_on, urgency, id);
CREATE INDEX idx_task_assigne_79a1bc ON task USING btree (assignee_id, yellow_on, id);
CREATE INDEX idx_task_blocked_e7630b ON task USING btree (blocked, due_on, urgency, id);
CREATE INDEX idx_task_blocked_sort_title ON task USING btree (sort_title, id) WHERE (blocked = true);
CREATE INDEX idx_task_blocked_updated_at ON task USING btree (updated_at, id) WHERE (blocked = true);
CREATE INDEX idx_task_blocked_urgency ON task USING btree (urgency, due_on, id) WHERE (blocked = true);
CREATE INDEX idx_task_due_on_4576fa ON task USING btree (due_on, urgency, id);
CREATE INDEX idx_task_first_f_2a598c ON task USING btree (first_finished_at);
CREATE INDEX idx_task_origina_e3e110 ON task USING btree (original_due_on);
CREATE INDEX idx_task_ready_7a9fe1 ON task USING btree (ready, due_on, urgency, id);
CREATE INDEX idx_task_ready_sort_title ON task USING btree (sort_title, id) WHERE (ready = true);
CREATE INDEX idx_task_ready_updated_at ON task USING btree (updated_at, id) WHERE (ready = true);
CREATE INDEX idx_task_ready_urgency ON task USING btree (urgency, due_on, id) WHERE (ready = true);
CREATE INDEX idx_task_red_on_30eb3f ON task USING btree (red_on, id);
CREATE INDEX idx_task_sort_ti_1482a1 ON task USING btree (sort_title, id);
CREATE INDEX idx_task_status_8194e0 ON task USING btree (status, urgency, due_on, id);
CREATE INDEX idx_task_status_c46d63 ON task USING btree (status, finished_at);
CREATE INDEX idx_task_status_c59fda ON task USING btree (status, sort_title, id);
CREATE INDEX idx_task_status_f5573a ON task USING btree (status, due_on, urgency, id);
CREATE INDEX idx_task_status_fd4898 ON task USING btree (status, updated_at, id);
CREATE INDEX idx_task_ticket__ea9f47 ON task USING btree (ticket_id);
CREATE INDEX idx_task_tree_id_0c6685 ON task USING btree (tree_id);
CREATE INDEX idx_task_updated_5b1805 ON task USING btree (updated_at, id);
CREATE INDEX idx_task_urgency_b0069c ON task USING btree (urgency, due_on, id);
CREATE INDEX idx_task_workflo_0e07fc ON task USING btree (workflow_role, ready, due_on, urgency, id);
CREATE INDEX idx_task_yellow__63e59f ON task USING btree (yellow_on, due_on, id);
CREATE INDEX idx_ticket_cancell_c491c3 ON ticket USING btree (cancelled_at);
CREATE INDEX idx_ticket_closed__c1a2a8 ON ticket USING btree (closed_at, id);
CREATE INDEX idx_ticket_closed_at_last ON ticket USING btree (closed_at DESC NULLS LAST, id DESC);
CREATE INDEX idx_ticket_company_0786a4 ON ticket USING btree (company_id, created_at, id);
CREATE INDEX idx_ticket_created_eb1832 ON ticket USING btree (created_at, id);
CREATE INDEX idx_ticket_due_on_e47d3e ON ticket USING btree (due_on, id);
CREATE INDEX idx_ticket_first_c_17f5c1 ON ticket USING btree (first_closed_at);
CREATE INDEX idx_ticket_kind_18095f ON ticket USING btree (kind, created_at, id);
CREATE INDEX idx_ticket_kit_id_3cb40d ON ticket USING btree (kit_id, due_on, id);
CREATE INDEX idx_ticket_kit_id_5ffe96 ON ticket USING btree (kit_id, created_at, id);
CREATE INDEX idx_ticket_kit_id_8d717d ON ticket USING btree (kit_id, code);
CREATE INDEX idx_ticket_line_awaits_child ON ticket_line USING btree (id) WHERE (awaits_child = true);
CREATE INDEX idx_ticket_line_service_17bf42 ON ticket_line USING btree (service_id);
CREATE INDEX idx_ticket_line_tree_id_585e9a ON ticket_line USING btree (tree_id);
CREATE INDEX idx_ticket_origina_ac4cd6 ON ticket USING btree (original_due_on);
CREATE INDEX idx_ticket_owner_i_66013c ON ticket USING btree (owner_id, created_at, id);
CREATE INDEX idx_ticket_owner_i_b5e86e ON ticket USING btree (owner_id, code);
CREATE INDEX idx_ticket_owner_i_f39e5a ON ticket USING btree (owner_id, due_on, id);
CREATE INDEX idx_ticket_parent__3bd1be ON ticket USING btree (parent_id, "position");
CREATE INDEX idx_ticket_priorit_96a1bc ON ticket USING btree (priority, created_at, id);
CREATE INDEX idx_ticket_red_on_9a6527 ON ticket USING btree (red_on, id);
CREATE INDEX idx_ticket_service_506752 ON ticket USING btree (service_id, created_at, id);
CREATE INDEX idx_ticket_sort_ti_4c127d ON ticket USING btree (sort_title, id);
CREATE INDEX idx_ticket_starts__ef16b3 ON ticket USING btree (starts_on);
CREATE INDEX idx_ticket_status_170fca ON ticket USING btree (status, created_at, id);
CREATE INDEX idx_ticket_status_2a98a3 ON ticket USING btree (status, due_on, id);
CREATE INDEX idx_ticket_status_3d44d2 ON ticket USING btree (status, urgency, due_on, id);
CREATE INDEX idx_ticket_status_638b07 ON ticket USING btree (status, sort_title, id);
CREATE INDEX idx_ticket_status_812a78 ON ticket USING btree (status, updated_at, id);
CREATE INDEX idx_ticket_status_8c37b9 ON ticket USING btree (status, code);
CREATE INDEX idx_ticket_status_closed_at_last ON ticket USING btree (status, closed_at DESC NULLS LAST, id DESC);
CREATE INDEX idx_ticket_status_f01a72 ON ticket USING btree (status, closed_at, id);
CREATE INDEX idx_ticket_templat_34db65 ON ticket USING btree (template_id);
CREATE INDEX idx_ticket_tree_id_a44999 ON ticket USING btree (tree_id);
CREATE INDEX idx_ticket_updated_a10781 ON ticket USING btree (updated_at, id);
CREATE INDEX idx_ticket_urgency_69dc9d ON ticket USING btree (urgency, due_on, id);
CREATE INDEX idx_ticket_yellow__d4b544 ON ticket USING btree (yellow_on, due_on, id);
CREATE INDEX idx_token_created_4a50f2 ON token USING btree (created_at, id);
CREATE INDEX idx_token_operato_5c68ed ON token USING btree (operator_id);
CREATE INDEX idx_unmatched_o_company_378fa1 ON unmatched_opportunity USING btree (company_id);
CREATE INDEX idx_unmatched_o_created_ebfad9 ON unmatched_opportunity USING btree (created_at, id);
CREATE INDEX idx_unmatched_o_reason_f87a56 ON unmatched_opportunity USING btree (reason, created_at, id);
CREATE INDEX idx_unmatched_o_status_11bcd0 ON unmatched_opportunity USING btree (status, created_at, id);
ALTER TABLE ONLY action_attempt
    ADD CONSTRAINT action_attempt_item_id_fkey FOREIGN KEY (item_id) REFERENCES action_item(id) ON DELETE RESTRICT;
ALTER TABLE ONLY action
    ADD CONSTRAINT action_company_id_fkey FOREIGN KEY (company_id) REFERENCES company(id) ON DELETE RESTRICT;
ALTER TABLE ONLY action_item
    ADD CONSTRAINT action_item_action_id_fkey FOREIGN KEY (action_id) REFERENCES action(id) ON DELETE RESTRICT;
ALTER TABLE ONLY action
    ADD CONSTRAINT action_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES operator(id) ON DELETE RESTRICT;
ALTER TABLE ONLY action
    ADD CONSTRAINT action_opportunity_id_fkey FOREIGN KEY (opportunity_id) REFERENCES opportunity(id) ON DELETE RESTRICT;
ALTER TABLE ONLY action
    ADD CONSTRAINT action_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE RESTRICT;
ALTER TABLE ONLY comment
    ADD CONSTRAINT comment_author_id_fkey FOREIGN KEY (author_id) REFERENCES operator(id) ON DELETE RESTRICT;
ALTER TABLE ONLY comment
    ADD CONSTRAINT comment_reply_to_id_fkey FOREIGN KEY (reply_to_id) REFERENCES comment(id) ON DELETE RESTRICT;
ALTER TABLE ONLY comment
    ADD CONSTRAINT comment_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE RESTRICT;
ALTER TABLE ONLY crm_activity
    ADD CONSTRAINT crm_activity_milestone_id_fkey FOREIGN KEY (milestone_id) REFERENCES milestone(id) ON DELETE RESTRICT;
ALTER TABLE ONLY crm_activity
    ADD CONSTRAINT crm_activity_opportunity_id_fkey FOREIGN KEY (opportunity_id) REFERENCES opportunity(id) ON DELETE RESTRICT;
ALTER TABLE ONLY crm_activity
    ADD CONSTRAINT crm_activity_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE RESTRICT;
ALTER TABLE ONLY event
    ADD CONSTRAINT event_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES stream(id) ON DELETE RESTRICT;
ALTER TABLE ONLY intake_item
    ADD CONSTRAINT intake_item_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE RESTRICT;
ALTER TABLE ONLY kit_line
    ADD CONSTRAINT kit_line_kit_id_fkey FOREIGN KEY (kit_id) REFERENCES kit(id) ON DELETE RESTRICT;
ALTER TABLE ONLY kit_line
    ADD CONSTRAINT kit_line_service_id_fkey FOREIGN KEY (service_id) REFERENCES service(id) ON DELETE RESTRICT;
ALTER TABLE ONLY kit
    ADD CONSTRAINT kit_main_service_id_fkey FOREIGN KEY (main_service_id) REFERENCES service(id) ON DELETE RESTRICT;
ALTER TABLE ONLY kpi_target
    ADD CONSTRAINT kpi_target_set_by_id_fkey FOREIGN KEY (set_by_id) REFERENCES operator(id) ON DELETE RESTRICT;
ALTER TABLE ONLY link
    ADD CONSTRAINT link_added_by_id_fkey FOREIGN KEY (added_by_id) REFERENCES operator(id) ON DELETE RESTRICT;
ALTER TABLE ONLY link
    ADD CONSTRAINT link_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE RESTRICT;
ALTER TABLE ONLY milestone_template
    ADD CONSTRAINT milestone_template_template_id_fkey FOREIGN KEY (template_id) REFERENCES workflow_template(id) ON DELETE RESTRICT;
ALTER TABLE ONLY milestone
    ADD CONSTRAINT milestone_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE RESTRICT;
ALTER TABLE ONLY opportunity
    ADD CONSTRAINT opportunity_child_ticket_id_fkey FOREIGN KEY (child_ticket_id) REFERENCES ticket(id) ON DELETE RESTRICT;
ALTER TABLE ONLY opportunity
    ADD CONSTRAINT opportunity_company_id_fkey FOREIGN KEY (company_id) REFERENCES company(id) ON DELETE RESTRICT;
ALTER TABLE ONLY opportunity
    ADD CONSTRAINT opportunity_service_id_fkey FOREIGN KEY (service_id) REFERENCES service(id) ON DELETE RESTRICT;
ALTER TABLE ONLY opportunity
    ADD CONSTRAINT opportunity_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE RESTRICT;
ALTER TABLE ONLY opportunity
    ADD CONSTRAINT opportunity_ticket_line_id_fkey FOREIGN KEY (ticket_line_id) REFERENCES ticket_line(id) ON DELETE RESTRICT;
ALTER TABLE ONLY service
    ADD CONSTRAINT service_responsible_id_fkey FOREIGN KEY (responsible_id) REFERENCES operator(id) ON DELETE RESTRICT;
ALTER TABLE ONLY sign_in_code
    ADD CONSTRAINT sign_in_code_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES operator(id) ON DELETE RESTRICT;
ALTER TABLE ONLY task
    ADD CONSTRAINT task_assignee_id_fkey FOREIGN KEY (assignee_id) REFERENCES operator(id) ON DELETE RESTRICT;
ALTER TABLE ONLY task
    ADD CONSTRAINT task_milestone_id_fkey FOREIGN KEY (milestone_id) REFERENCES milestone(id) ON DELETE RESTRICT;
ALTER TABLE ONLY task_template
    ADD CONSTRAINT task_template_milestone_id_fkey FOREIGN KEY (milestone_id) REFERENCES milestone_template(id) ON DELETE RESTRICT;
ALTER TABLE ONLY task
    ADD CONSTRAINT task_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE RESTRICT;
ALTER TABLE ONLY ticket
    ADD CONSTRAINT ticket_company_id_fkey FOREIGN KEY (company_id) REFERENCES company(id) ON DELETE RESTRICT;
ALTER TABLE ONLY ticket
    ADD CONSTRAINT ticket_kit_id_fkey FOREIGN KEY (kit_id) REFERENCES kit(id) ON DELETE RESTRICT;
ALTER TABLE ONLY ticket_line
    ADD CONSTRAINT ticket_line_service_id_fkey FOREIGN KEY (service_id) REFERENCES service(id) ON DELETE RESTRICT;
ALTER TABLE ONLY ticket_line
    ADD CONSTRAINT ticket_line_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE RESTRICT;
ALTER TABLE ONLY ticket
    ADD CONSTRAINT ticket_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES operator(id) ON DELETE RESTRICT;
ALTER TABLE ONLY ticket
    ADD CONSTRAINT ticket_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES ticket(id) ON DELETE RESTRICT;
ALTER TABLE ONLY ticket
    ADD CONSTRAINT ticket_service_id_fkey FOREIGN KEY (service_id) REFERENCES service(id) ON DELETE RESTRICT;
ALTER TABLE ONLY ticket
    ADD CONSTRAINT ticket_template_id_fkey FOREIGN KEY (template_id) REFERENCES workflow_template(id) ON DELETE RESTRICT;
ALTER TABLE ONLY token
    ADD CONSTRAINT token_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES operator(id) ON DELETE RESTRICT;
ALTER TABLE ONLY unmatched_opportunity
    ADD CONSTRAINT unmatched_opportunity_company_id_fkey FOREIGN KEY (company_id) REFERENCES company(id) ON DELETE RESTRICT;
