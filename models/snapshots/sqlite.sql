-- The schema after migration 0050_kinds_of_past_tickets

CREATE TABLE "call_slot" (
    "name" VARCHAR(32) NOT NULL  PRIMARY KEY,
    "free_at" REAL NOT NULL,
    "paused_until" REAL NOT NULL
, "promised_to" VARCHAR(80) NOT NULL DEFAULT '');
CREATE TABLE "company" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "version" INT NOT NULL,
    "crm_id" BIGINT NOT NULL UNIQUE,
    "name" VARCHAR(300) NOT NULL,
    "vat_number" VARCHAR(32),
    "refreshed_at" TIMESTAMP NOT NULL
, "sort_name" VARCHAR(200) NOT NULL DEFAULT '', "defects" JSON);
CREATE TABLE "operator" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "version" INT NOT NULL,
    "name" VARCHAR(200) NOT NULL,
    "email" VARCHAR(200) NOT NULL UNIQUE,
    "role" VARCHAR(16) NOT NULL,
    "crm_user_id" BIGINT  UNIQUE,
    "workflow_roles" JSON NOT NULL,
    "active" INT NOT NULL,
    "created_at" TIMESTAMP NOT NULL
, "sort_name" VARCHAR(200) NOT NULL DEFAULT '', "weekly_hours" VARCHAR(40));
CREATE TABLE "service" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "version" INT NOT NULL,
    "code" VARCHAR(10) NOT NULL UNIQUE,
    "name" VARCHAR(200) NOT NULL,
    "description" TEXT NOT NULL,
    "price" VARCHAR(40) NOT NULL,
    "workflow_code" VARCHAR(10),
    "digest" VARCHAR(64) NOT NULL,
    "responsible_id" VARCHAR(30) REFERENCES "operator" ("id") ON DELETE RESTRICT
, "sort_name" VARCHAR(200) NOT NULL DEFAULT '');
CREATE TABLE "kit" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "version" INT NOT NULL,
    "code" VARCHAR(10) NOT NULL UNIQUE,
    "name" VARCHAR(200) NOT NULL,
    "description" TEXT NOT NULL,
    "aliases" JSON NOT NULL,
    "active" INT NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "main_service_id" VARCHAR(30) NOT NULL REFERENCES "service" ("id") ON DELETE RESTRICT
, "sort_name" VARCHAR(200) NOT NULL DEFAULT '');
CREATE TABLE "kit_line" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "position" INT NOT NULL,
    "quantity" INT NOT NULL,
    "mandatory" INT NOT NULL,
    "kit_id" VARCHAR(30) NOT NULL REFERENCES "kit" ("id") ON DELETE RESTRICT,
    "service_id" VARCHAR(30) NOT NULL REFERENCES "service" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_kit_line_kit_id_f06261" UNIQUE ("kit_id", "position")
);
CREATE TABLE "sign_in_code" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "digest" VARCHAR(64) NOT NULL UNIQUE,
    "expires_at" TIMESTAMP NOT NULL,
    "used_at" TIMESTAMP,
    "operator_id" VARCHAR(30) NOT NULL REFERENCES "operator" ("id") ON DELETE RESTRICT
);
CREATE TABLE "stream" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "seq" BIGINT NOT NULL,
    "occurred_at" TIMESTAMP
);
CREATE TABLE "event" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "seq" BIGINT NOT NULL,
    "change_id" VARCHAR(30) NOT NULL,
    "kind" VARCHAR(48) NOT NULL,
    "entity" VARCHAR(32) NOT NULL,
    "entity_id" VARCHAR(30) NOT NULL,
    "schema_version" INT NOT NULL,
    "actor" VARCHAR(64) NOT NULL,
    "cause" VARCHAR(64) NOT NULL,
    "occurred_at" TIMESTAMP NOT NULL,
    "before" JSON,
    "stored_after" JSON,
    "stream_id" VARCHAR(30) NOT NULL REFERENCES "stream" ("id") ON DELETE RESTRICT, "consequences" JSON,
    CONSTRAINT "uid_event_stream__087d88" UNIQUE ("stream_id", "seq")
);
CREATE TABLE "token" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "kind" VARCHAR(16) NOT NULL,
    "label" VARCHAR(200) NOT NULL,
    "digest" VARCHAR(64) NOT NULL UNIQUE,
    "role" VARCHAR(16) NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "expires_at" TIMESTAMP,
    "revoked_at" TIMESTAMP,
    "operator_id" VARCHAR(30) NOT NULL REFERENCES "operator" ("id") ON DELETE RESTRICT
);
CREATE TABLE "workflow_template" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "code" VARCHAR(10) NOT NULL,
    "version" INT NOT NULL,
    "current" INT NOT NULL,
    "name" VARCHAR(200) NOT NULL,
    "description" TEXT NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    CONSTRAINT "uid_workflow_te_code_9c9b38" UNIQUE ("code", "version")
);
CREATE TABLE "milestone_template" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "position" INT NOT NULL,
    "title" VARCHAR(200) NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "sla_days" INT NOT NULL,
    "warning_days" INT NOT NULL,
    "escalation_days" INT NOT NULL,
    "depends_on" JSON NOT NULL,
    "template_id" VARCHAR(30) NOT NULL REFERENCES "workflow_template" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_milestone_t_templat_f5462b" UNIQUE ("template_id", "position")
);
CREATE TABLE "task_template" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "position" INT NOT NULL,
    "title" VARCHAR(200) NOT NULL,
    "workflow_role" VARCHAR(200) NOT NULL,
    "mandatory" INT NOT NULL,
    "estimated_hours" VARCHAR(40) NOT NULL,
    "sla_days" INT NOT NULL,
    "checklist" JSON NOT NULL,
    "milestone_id" VARCHAR(30) NOT NULL REFERENCES "milestone_template" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_task_templa_milesto_6a9f9a" UNIQUE ("milestone_id", "position")
);
CREATE TABLE "ticket" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "version" INT NOT NULL,
    "tree_id" VARCHAR(30) NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "code" VARCHAR(40) NOT NULL UNIQUE,
    "serial" VARCHAR(24)  UNIQUE,
    "title" VARCHAR(500) NOT NULL,
    "notes" TEXT NOT NULL,
    "priority" VARCHAR(16) NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "position" INT NOT NULL,
    "starts_on" DATE NOT NULL,
    "due_on" DATE NOT NULL,
    "original_due_on" DATE NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "started_at" TIMESTAMP,
    "first_closed_at" TIMESTAMP,
    "closed_at" TIMESTAMP,
    "cancelled_at" TIMESTAMP,
    "cancelled_reason" TEXT,
    "company_id" VARCHAR(30) NOT NULL REFERENCES "company" ("id") ON DELETE RESTRICT,
    "kit_id" VARCHAR(30) REFERENCES "kit" ("id") ON DELETE RESTRICT,
    "owner_id" VARCHAR(30) NOT NULL REFERENCES "operator" ("id") ON DELETE RESTRICT,
    "parent_id" VARCHAR(30) REFERENCES "ticket" ("id") ON DELETE RESTRICT,
    "service_id" VARCHAR(30) REFERENCES "service" ("id") ON DELETE RESTRICT,
    "template_id" VARCHAR(30) NOT NULL REFERENCES "workflow_template" ("id") ON DELETE RESTRICT
, "sort_title" VARCHAR(200) NOT NULL DEFAULT '', "yellow_on" DATE, "red_on" DATE, "task_count" INT NOT NULL DEFAULT 0, "finished_task_count" INT NOT NULL DEFAULT 0, "urgency" INT NOT NULL DEFAULT 0, "updated_at" TIMESTAMP NOT NULL DEFAULT '1970-01-01T00:00:00+00:00', "facts_basis" VARCHAR(60) NOT NULL DEFAULT '', "reopened_count" INT NOT NULL DEFAULT 0, "finished_owner_id" VARCHAR(30), "search_notes" TEXT NOT NULL DEFAULT '', "at_risk_on" DATE, "lead_day_count" INT, "worked_day_count" INT);
CREATE TABLE "intake_item" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "version" INT NOT NULL,
    "crm_activity_id" BIGINT NOT NULL UNIQUE,
    "status" VARCHAR(16) NOT NULL,
    "reason" VARCHAR(32) NOT NULL,
    "explanation" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "crm_company_id" BIGINT,
    "candidates" JSON NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "settled_at" TIMESTAMP,
    "ticket_id" VARCHAR(30) REFERENCES "ticket" ("id") ON DELETE RESTRICT
, "activity_modified_at" TIMESTAMP, "attempt_count" INT NOT NULL DEFAULT 0, "next_try_at" TIMESTAMP, "shown_subject" TEXT, "shown_description" TEXT, "evidence" JSON, "crm_words" TEXT);
CREATE TABLE "milestone" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "version" INT NOT NULL,
    "tree_id" VARCHAR(30) NOT NULL,
    "position" INT NOT NULL,
    "title" VARCHAR(200) NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "sla_days" INT NOT NULL,
    "warning_days" INT NOT NULL,
    "escalation_days" INT NOT NULL,
    "depends_on" JSON NOT NULL,
    "starts_on" DATE NOT NULL,
    "due_on" DATE NOT NULL,
    "original_due_on" DATE NOT NULL,
    "started_at" TIMESTAMP,
    "completed_at" TIMESTAMP,
    "cancelled_at" TIMESTAMP,
    "cancelled_reason" TEXT,
    "ticket_id" VARCHAR(30) NOT NULL REFERENCES "ticket" ("id") ON DELETE RESTRICT, "sort_title" VARCHAR(200) NOT NULL DEFAULT '', "blocked" INT NOT NULL DEFAULT 0, "yellow_on" DATE, "red_on" DATE, "task_count" INT NOT NULL DEFAULT 0, "finished_task_count" INT NOT NULL DEFAULT 0, "updated_at" TIMESTAMP NOT NULL DEFAULT '1970-01-01T00:00:00+00:00', "first_completed_at" TIMESTAMP, "reopened_count" INT NOT NULL DEFAULT 0, "finished_owner_id" VARCHAR(30), "rescheduled_reason" TEXT, "at_risk_on" DATE,
    CONSTRAINT "uid_milestone_ticket__fd62d6" UNIQUE ("ticket_id", "position")
);
CREATE TABLE "task" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "version" INT NOT NULL,
    "tree_id" VARCHAR(30) NOT NULL,
    "position" INT NOT NULL,
    "title" VARCHAR(200) NOT NULL,
    "workflow_role" VARCHAR(200) NOT NULL,
    "mandatory" INT NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "estimated_hours" VARCHAR(40) NOT NULL,
    "sla_days" INT NOT NULL,
    "starts_on" DATE NOT NULL,
    "due_on" DATE NOT NULL,
    "original_due_on" DATE NOT NULL,
    "started_at" TIMESTAMP,
    "finished_at" TIMESTAMP,
    "notes" TEXT NOT NULL,
    "checklist" JSON NOT NULL,
    "skipped_reason" TEXT,
    "assignee_id" VARCHAR(30) NOT NULL REFERENCES "operator" ("id") ON DELETE RESTRICT,
    "milestone_id" VARCHAR(30) NOT NULL REFERENCES "milestone" ("id") ON DELETE RESTRICT,
    "ticket_id" VARCHAR(30) NOT NULL REFERENCES "ticket" ("id") ON DELETE RESTRICT, "waived_reason" TEXT, "reopened_reason" TEXT, "sort_title" VARCHAR(200) NOT NULL DEFAULT '', "ready" INT NOT NULL DEFAULT 0, "blocked" INT NOT NULL DEFAULT 0, "yellow_on" DATE, "red_on" DATE, "urgency" INT NOT NULL DEFAULT 0, "updated_at" TIMESTAMP NOT NULL DEFAULT '1970-01-01T00:00:00+00:00', "first_finished_at" TIMESTAMP, "reopened_count" INT NOT NULL DEFAULT 0, "finished_owner_id" VARCHAR(30), "rescheduled_reason" TEXT,
    CONSTRAINT "uid_task_milesto_ca6d78" UNIQUE ("milestone_id", "position")
);
CREATE TABLE "ticket_line" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "tree_id" VARCHAR(30) NOT NULL,
    "position" INT NOT NULL,
    "name" VARCHAR(200) NOT NULL,
    "quantity" INT NOT NULL,
    "unit_price" VARCHAR(40) NOT NULL,
    "amount" VARCHAR(40) NOT NULL,
    "mandatory" INT NOT NULL,
    "service_id" VARCHAR(30) NOT NULL REFERENCES "service" ("id") ON DELETE RESTRICT,
    "ticket_id" VARCHAR(30) NOT NULL REFERENCES "ticket" ("id") ON DELETE RESTRICT, "awaits_child" INT NOT NULL DEFAULT 1,
    CONSTRAINT "uid_ticket_line_ticket__f2450b" UNIQUE ("ticket_id", "position")
);
CREATE TABLE "opportunity" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "version" INT NOT NULL,
    "tree_id" VARCHAR(30) NOT NULL,
    "crm_id" BIGINT NOT NULL UNIQUE,
    "code" VARCHAR(40),
    "title" VARCHAR(500) NOT NULL,
    "amount" VARCHAR(40),
    "phase" VARCHAR(100),
    "status" VARCHAR(16) NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "refreshed_at" TIMESTAMP NOT NULL,
    "missing_since" TIMESTAMP,
    "company_id" VARCHAR(30) NOT NULL REFERENCES "company" ("id") ON DELETE RESTRICT,
    "ticket_id" VARCHAR(30) NOT NULL REFERENCES "ticket" ("id") ON DELETE RESTRICT,
    "child_ticket_id" VARCHAR(30)  UNIQUE REFERENCES "ticket" ("id") ON DELETE RESTRICT,
    "ticket_line_id" VARCHAR(30)  UNIQUE REFERENCES "ticket_line" ("id") ON DELETE RESTRICT
, "position" INT, "service_id" VARCHAR(30) REFERENCES "service" ("id") ON DELETE RESTRICT, "carried_code" VARCHAR(40) NOT NULL DEFAULT '', "flag" VARCHAR(16), "flag_crm_company_id" BIGINT, "flag_crm_id" BIGINT, "flagged_at" TIMESTAMP, "kept_at" TIMESTAMP, "kept_reason" TEXT, "sort_title" VARCHAR(200) NOT NULL DEFAULT '', "defects" JSON);
CREATE TABLE "action" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "version" INT NOT NULL,
    "kind" VARCHAR(32) NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "scope" JSON NOT NULL,
    "open_scope" VARCHAR(200)  UNIQUE,
    "reason" TEXT,
    "item_count" INT NOT NULL,
    "finished_count" INT NOT NULL,
    "attention_count" INT NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "finished_at" TIMESTAMP,
    "company_id" VARCHAR(30) REFERENCES "company" ("id") ON DELETE RESTRICT,
    "operator_id" VARCHAR(30) REFERENCES "operator" ("id") ON DELETE RESTRICT,
    "opportunity_id" VARCHAR(30) REFERENCES "opportunity" ("id") ON DELETE RESTRICT,
    "ticket_id" VARCHAR(30) REFERENCES "ticket" ("id") ON DELETE RESTRICT
);
CREATE TABLE "action_item" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "position" INT NOT NULL,
    "lane" VARCHAR(64) NOT NULL,
    "kind" VARCHAR(32) NOT NULL,
    "key" VARCHAR(64) NOT NULL,
    "open_key" VARCHAR(100)  UNIQUE,
    "reference" VARCHAR(64) NOT NULL,
    "label" VARCHAR(500) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "outcome" VARCHAR(24),
    "explanation" TEXT,
    "claim_id" VARCHAR(36),
    "sent_at" TIMESTAMP,
    "absent_since" TIMESTAMP,
    "attempt_count" INT NOT NULL,
    "next_try_at" TIMESTAMP NOT NULL,
    "crm_id" BIGINT,
    "created_at" TIMESTAMP NOT NULL,
    "finished_at" TIMESTAMP,
    "action_id" VARCHAR(30) NOT NULL REFERENCES "action" ("id") ON DELETE RESTRICT, "expected" JSON, "unanswered_count" INT NOT NULL DEFAULT 0, "postponed_at" TIMESTAMP, "crm_words" TEXT, "reason" VARCHAR(32),
    CONSTRAINT "uid_action_item_action__9c6df1" UNIQUE ("action_id", "position")
);
CREATE TABLE "action_attempt" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "number" INT NOT NULL,
    "step" VARCHAR(16) NOT NULL,
    "started_at" TIMESTAMP NOT NULL,
    "ended_at" TIMESTAMP,
    "result" VARCHAR(32),
    "explanation" TEXT,
    "item_id" VARCHAR(30) NOT NULL REFERENCES "action_item" ("id") ON DELETE RESTRICT
, "crm_words" TEXT);
CREATE TABLE "crm_activity" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "version" INT NOT NULL,
    "role" VARCHAR(16) NOT NULL,
    "tree_id" VARCHAR(30),
    "crm_id" BIGINT NOT NULL UNIQUE,
    "subject" TEXT NOT NULL,
    "sub_type_id" BIGINT,
    "owner_crm_id" BIGINT,
    "occurred_at" TIMESTAMP,
    "due_on" DATE,
    "completed" INT NOT NULL,
    "desired_revision" INT NOT NULL,
    "applied_revision" INT NOT NULL,
    "wanted" JSON NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "opportunity_id" VARCHAR(30) REFERENCES "opportunity" ("id") ON DELETE RESTRICT,
    "ticket_id" VARCHAR(30)  UNIQUE REFERENCES "ticket" ("id") ON DELETE RESTRICT,
    "milestone_id" VARCHAR(30)  UNIQUE REFERENCES "milestone" ("id") ON DELETE RESTRICT
, "relink_to" BIGINT, "missing_since" TIMESTAMP, "unseen_since" TIMESTAMP, "compared_at" TIMESTAMP, "crm_company_id" BIGINT, "kit_named" VARCHAR(64));
CREATE TABLE "poll_mark" (
    "name" VARCHAR(32) NOT NULL  PRIMARY KEY,
    "begins_at" TIMESTAMP NOT NULL,
    "high_water" TIMESTAMP NOT NULL,
    "holder" VARCHAR(36),
    "not_before" TIMESTAMP NOT NULL,
    "failures" INT NOT NULL
, "highest_id" BIGINT NOT NULL DEFAULT 0, "failed_at" TIMESTAMP, "failure" VARCHAR(32), "failure_explanation" TEXT, "odd_records" JSON, "failure_crm_words" TEXT);
CREATE TABLE "crm_login" (
    "account" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "token" TEXT,
    "renew_at" TIMESTAMP,
    "claim_id" VARCHAR(36),
    "claimed_until" TIMESTAMP
);
CREATE TABLE "unmatched_opportunity" (
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "crm_id" BIGINT NOT NULL UNIQUE,
    "code" VARCHAR(100) NOT NULL,
    "title" VARCHAR(500) NOT NULL,
    "amount" VARCHAR(40),
    "phase" VARCHAR(100),
    "status" VARCHAR(16) NOT NULL,
    "reason" VARCHAR(32) NOT NULL,
    "candidate_line_ids" JSON NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "company_id" VARCHAR(30) NOT NULL REFERENCES "company" ("id") ON DELETE RESTRICT
, "defects" JSON);
CREATE TABLE "tenant_profile" (
    "account" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "probed_at" TIMESTAMP NOT NULL,
    "profile" JSON NOT NULL
);
CREATE TABLE "call_circuit" (
    "name" VARCHAR(32) NOT NULL  PRIMARY KEY,
    "failure_count" INT NOT NULL,
    "opened_at" REAL,
    "next_try_at" REAL
, "succeeded_at" REAL);
CREATE TABLE "call_cost" (
    "name" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "calls" REAL NOT NULL
);
CREATE TABLE "tenant_binding" (
    "name" VARCHAR(32) NOT NULL  PRIMARY KEY,
    "address" VARCHAR(300) NOT NULL,
    "tenant" VARCHAR(64) NOT NULL,
    "bound_at" TIMESTAMP NOT NULL
);
CREATE TABLE "answered_request" (
    "id" VARCHAR(32) NOT NULL  PRIMARY KEY,
    "contents" VARCHAR(64) NOT NULL,
    "answer_id" VARCHAR(30) NOT NULL
);
CREATE TABLE "comment" (
    "version" INT NOT NULL,
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "tree_id" VARCHAR(30) NOT NULL,
    "subject_id" VARCHAR(30) NOT NULL,
    "body" TEXT NOT NULL,
    "mention_ids" JSON NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "edited_at" TIMESTAMP,
    "deleted_at" TIMESTAMP,
    "author_id" VARCHAR(30) NOT NULL REFERENCES "operator" ("id") ON DELETE RESTRICT,
    "reply_to_id" VARCHAR(30) REFERENCES "comment" ("id") ON DELETE RESTRICT,
    "ticket_id" VARCHAR(30) NOT NULL REFERENCES "ticket" ("id") ON DELETE RESTRICT
);
CREATE TABLE "link" (
    "version" INT NOT NULL,
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "tree_id" VARCHAR(30) NOT NULL,
    "subject_id" VARCHAR(30) NOT NULL,
    "purpose" VARCHAR(32) NOT NULL,
    "title" VARCHAR(200) NOT NULL,
    "url" TEXT NOT NULL,
    "added_at" TIMESTAMP NOT NULL,
    "added_by_id" VARCHAR(30) NOT NULL REFERENCES "operator" ("id") ON DELETE RESTRICT,
    "ticket_id" VARCHAR(30) NOT NULL REFERENCES "ticket" ("id") ON DELETE RESTRICT
);
CREATE TABLE "kpi_target" (
    "version" INT NOT NULL,
    "id" VARCHAR(30) NOT NULL  PRIMARY KEY,
    "key" VARCHAR(32) NOT NULL,
    "subject" VARCHAR(16) NOT NULL,
    "since" DATE NOT NULL,
    "value" VARCHAR(40),
    "set_at" TIMESTAMP NOT NULL,
    "set_by_id" VARCHAR(30) NOT NULL REFERENCES "operator" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_kpi_target_key_0c37cc" UNIQUE ("key", "subject", "since")
);
CREATE TABLE "kpi_day" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "source_id" VARCHAR(30) NOT NULL,
    "entity" VARCHAR(16) NOT NULL,
    "row_id" VARCHAR(30) NOT NULL,
    "since_on" DATE NOT NULL,
    "until_on" DATE NOT NULL,
    "status" VARCHAR(24),
    "reason" VARCHAR(32),
    "company_id" VARCHAR(30),
    "operator_id" VARCHAR(30),
    "child_id" VARCHAR(30),
    "priority" VARCHAR(16),
    "due_on" DATE,
    "yellow_on" DATE,
    "red_on" DATE,
    "at_risk_on" DATE,
    "changed_at" TIMESTAMP,
    "task_count" INT,
    "finished_task_count" INT,
    "hours" VARCHAR(40), "kind" VARCHAR(16),
    CONSTRAINT "uid_kpi_day_row_id_3ab095" UNIQUE ("row_id", "since_on")
);
CREATE TABLE "kpi_mark" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "begins_on" DATE NOT NULL,
    "end_on" DATE NOT NULL,
    "basis" VARCHAR(100) NOT NULL,
    "holder" VARCHAR(36),
    "leased_until" TIMESTAMP NOT NULL
, "revision" VARCHAR(36) NOT NULL DEFAULT '');
CREATE INDEX "idx_company_name_91ada6" ON "company" ("name", "id");
CREATE INDEX "idx_service_respons_224b22" ON "service" ("responsible_id");
CREATE INDEX "idx_kit_main_se_c4c5dd" ON "kit" ("main_service_id");
CREATE INDEX "idx_kit_line_service_556bd8" ON "kit_line" ("service_id");
CREATE INDEX "idx_sign_in_cod_operato_51928f" ON "sign_in_code" ("operator_id");
CREATE INDEX "idx_event_entity__6b8825" ON "event" ("entity_id", "seq");
CREATE INDEX "idx_token_operato_5c68ed" ON "token" ("operator_id");
CREATE INDEX "idx_ticket_tree_id_a44999" ON "ticket" ("tree_id");
CREATE INDEX "idx_ticket_parent__3bd1be" ON "ticket" ("parent_id", "position");
CREATE INDEX "idx_ticket_templat_34db65" ON "ticket" ("template_id");
CREATE INDEX "idx_ticket_kind_18095f" ON "ticket" ("kind", "created_at", "id");
CREATE INDEX "idx_ticket_status_2a98a3" ON "ticket" ("status", "due_on", "id");
CREATE INDEX "idx_intake_item_status_c7efeb" ON "intake_item" ("status", "created_at", "id");
CREATE INDEX "idx_intake_item_ticket__1757ce" ON "intake_item" ("ticket_id");
CREATE INDEX "idx_milestone_tree_id_c12a65" ON "milestone" ("tree_id");
CREATE INDEX "idx_task_tree_id_0c6685" ON "task" ("tree_id");
CREATE INDEX "idx_task_ticket__ea9f47" ON "task" ("ticket_id");
CREATE INDEX "idx_ticket_line_tree_id_585e9a" ON "ticket_line" ("tree_id");
CREATE INDEX "idx_ticket_line_service_17bf42" ON "ticket_line" ("service_id");
CREATE INDEX "idx_opportunity_tree_id_cf5a8b" ON "opportunity" ("tree_id");
CREATE INDEX "idx_opportunity_ticket__dda789" ON "opportunity" ("ticket_id");
CREATE INDEX "idx_action_created_19f140" ON "action" ("created_at", "id");
CREATE INDEX "idx_action_ticket__3cd3f7" ON "action" ("ticket_id");
CREATE INDEX "idx_action_opportu_470370" ON "action" ("opportunity_id");
CREATE INDEX "idx_action_company_dc35c0" ON "action" ("company_id");
CREATE INDEX "idx_action_item_lane_3ece4b" ON "action_item" ("lane", "position");
CREATE INDEX "idx_action_item_kind_88a96f" ON "action_item" ("kind", "key");
CREATE INDEX "idx_action_atte_item_id_320ff7" ON "action_attempt" ("item_id", "number");
CREATE INDEX "idx_crm_activit_tree_id_5d3d08" ON "crm_activity" ("tree_id");
CREATE INDEX "idx_crm_activit_opportu_fcb328" ON "crm_activity" ("opportunity_id");
CREATE INDEX "idx_unmatched_o_company_378fa1" ON "unmatched_opportunity" ("company_id");
CREATE INDEX "idx_unmatched_o_created_ebfad9" ON "unmatched_opportunity" ("created_at", "id");
CREATE INDEX "idx_opportunity_service_890b44" ON "opportunity" ("service_id");
CREATE INDEX "idx_action_atte_result_8a056a" ON "action_attempt" ("result", "id");
CREATE INDEX "idx_opportunity_flag_616792" ON "opportunity" ("flag");
CREATE INDEX "idx_action_item_lane_49c859" ON "action_item" ("lane", "position", "next_try_at") WHERE NOT "open_key" IS NULL;
CREATE INDEX "idx_action_item_claimed" ON "action_item" ("kind", "key") WHERE NOT "claim_id" IS NULL;
CREATE INDEX "idx_crm_activit_role_9df1f9" ON "crm_activity" ("role", "compared_at");
CREATE INDEX "idx_action_kind_ca6f32" ON "action" ("kind", "created_at", "id");
CREATE INDEX "idx_action_status_1e5623" ON "action" ("status", "created_at", "id");
CREATE INDEX "idx_action_finishe_a1eeca" ON "action" ("finished_at", "id");
CREATE INDEX "idx_company_vat_num_2d957b" ON "company" ("vat_number");
CREATE INDEX "idx_event_kind_bbd066" ON "event" ("kind", "id");
CREATE INDEX "idx_event_entity_9fb076" ON "event" ("entity", "id");
CREATE INDEX "idx_event_actor_46c223" ON "event" ("actor", "id");
CREATE INDEX "idx_event_change__bc6f79" ON "event" ("change_id");
CREATE INDEX "idx_event_occurre_ac5023" ON "event" ("occurred_at");
CREATE INDEX "idx_intake_item_reason_85b81d" ON "intake_item" ("reason", "created_at", "id");
CREATE INDEX "idx_intake_item_created_5631bf" ON "intake_item" ("created_at", "id");
CREATE INDEX "idx_opportunity_company_12aeb8" ON "opportunity" ("company_id", "created_at", "id");
CREATE INDEX "idx_opportunity_code_aa35f4" ON "opportunity" ("code", "id");
CREATE INDEX "idx_opportunity_status_c33bc3" ON "opportunity" ("status", "created_at", "id");
CREATE INDEX "idx_opportunity_created_feccbb" ON "opportunity" ("created_at", "id");
CREATE INDEX "idx_opportunity_kept_at_9c5fb3" ON "opportunity" ("kept_at");
CREATE INDEX "idx_opportunity_missing_91d9da" ON "opportunity" ("missing_since");
CREATE INDEX "idx_ticket_company_0786a4" ON "ticket" ("company_id", "created_at", "id");
CREATE INDEX "idx_ticket_owner_i_66013c" ON "ticket" ("owner_id", "created_at", "id");
CREATE INDEX "idx_ticket_kit_id_5ffe96" ON "ticket" ("kit_id", "created_at", "id");
CREATE INDEX "idx_ticket_service_506752" ON "ticket" ("service_id", "created_at", "id");
CREATE INDEX "idx_ticket_status_170fca" ON "ticket" ("status", "created_at", "id");
CREATE INDEX "idx_ticket_priorit_96a1bc" ON "ticket" ("priority", "created_at", "id");
CREATE INDEX "idx_ticket_created_eb1832" ON "ticket" ("created_at", "id");
CREATE INDEX "idx_ticket_starts__ef16b3" ON "ticket" ("starts_on");
CREATE INDEX "idx_ticket_due_on_e47d3e" ON "ticket" ("due_on", "id");
CREATE INDEX "idx_ticket_closed__c1a2a8" ON "ticket" ("closed_at", "id");
CREATE INDEX "idx_token_created_4a50f2" ON "token" ("created_at", "id");
CREATE INDEX "idx_unmatched_o_reason_f87a56" ON "unmatched_opportunity" ("reason", "created_at", "id");
CREATE INDEX "idx_unmatched_o_status_11bcd0" ON "unmatched_opportunity" ("status", "created_at", "id");
CREATE INDEX "idx_company_sort_na_af2bfb" ON "company" ("sort_name", "id");
CREATE INDEX "idx_opportunity_sort_ti_e8fedb" ON "opportunity" ("sort_title", "id");
CREATE INDEX "idx_ticket_sort_ti_4c127d" ON "ticket" ("sort_title", "id");
CREATE INDEX "idx_ticket_yellow__d4b544" ON "ticket" ("yellow_on", "due_on", "id");
CREATE INDEX "idx_ticket_red_on_9a6527" ON "ticket" ("red_on", "id");
CREATE INDEX "idx_ticket_urgency_69dc9d" ON "ticket" ("urgency", "due_on", "id");
CREATE INDEX "idx_ticket_updated_a10781" ON "ticket" ("updated_at", "id");
CREATE INDEX "idx_milestone_status_664cd5" ON "milestone" ("status", "due_on", "id");
CREATE INDEX "idx_milestone_blocked_7b2a1d" ON "milestone" ("blocked", "due_on", "id");
CREATE INDEX "idx_milestone_yellow__b7421e" ON "milestone" ("yellow_on", "due_on", "id");
CREATE INDEX "idx_milestone_red_on_60a1c6" ON "milestone" ("red_on", "id");
CREATE INDEX "idx_milestone_due_on_e9a244" ON "milestone" ("due_on", "id");
CREATE INDEX "idx_milestone_updated_0397b5" ON "milestone" ("updated_at", "id");
CREATE INDEX "idx_milestone_sort_ti_c578a9" ON "milestone" ("sort_title", "id");
CREATE INDEX "idx_task_assigne_58f716" ON "task" ("assignee_id", "ready", "due_on", "urgency", "id");
CREATE INDEX "idx_task_ready_7a9fe1" ON "task" ("ready", "due_on", "urgency", "id");
CREATE INDEX "idx_task_yellow__63e59f" ON "task" ("yellow_on", "due_on", "id");
CREATE INDEX "idx_task_red_on_30eb3f" ON "task" ("red_on", "id");
CREATE INDEX "idx_task_due_on_4576fa" ON "task" ("due_on", "urgency", "id");
CREATE INDEX "idx_task_urgency_b0069c" ON "task" ("urgency", "due_on", "id");
CREATE INDEX "idx_task_updated_5b1805" ON "task" ("updated_at", "id");
CREATE INDEX "idx_task_sort_ti_1482a1" ON "task" ("sort_title", "id");
CREATE INDEX "idx_action_attenti_6892fd" ON "action" ("attention_count", "created_at", "id");
CREATE INDEX "idx_task_assigne_79a1bc" ON "task" ("assignee_id", "yellow_on", "id");
CREATE INDEX "idx_task_workflo_0e07fc" ON "task" ("workflow_role", "ready", "due_on", "urgency", "id");
CREATE INDEX "idx_comment_tree_id_51c233" ON "comment" ("tree_id");
CREATE INDEX "idx_comment_ticket__2b6e0b" ON "comment" ("ticket_id");
CREATE INDEX "idx_comment_subject_0acca6" ON "comment" ("subject_id", "created_at", "id");
CREATE INDEX "idx_link_tree_id_5eb964" ON "link" ("tree_id");
CREATE INDEX "idx_link_ticket__135e89" ON "link" ("ticket_id");
CREATE INDEX "idx_link_subject_000553" ON "link" ("subject_id", "added_at", "id");
CREATE INDEX "idx_ticket_first_c_17f5c1" ON "ticket" ("first_closed_at");
CREATE INDEX "idx_ticket_cancell_c491c3" ON "ticket" ("cancelled_at");
CREATE INDEX "idx_ticket_origina_ac4cd6" ON "ticket" ("original_due_on");
CREATE INDEX "idx_milestone_first_c_45f598" ON "milestone" ("first_completed_at");
CREATE INDEX "idx_milestone_cancell_dc79e3" ON "milestone" ("cancelled_at");
CREATE INDEX "idx_milestone_origina_29918e" ON "milestone" ("original_due_on");
CREATE INDEX "idx_task_first_f_2a598c" ON "task" ("first_finished_at");
CREATE INDEX "idx_task_origina_e3e110" ON "task" ("original_due_on");
CREATE INDEX "idx_milestone_status_29d575" ON "milestone" ("status", "completed_at");
CREATE INDEX "idx_task_status_c46d63" ON "task" ("status", "finished_at");
CREATE INDEX "idx_kpi_day_source__dc3c20" ON "kpi_day" ("source_id");
CREATE INDEX "idx_kpi_day_entity_31d567" ON "kpi_day" ("entity", "until_on", "since_on");
CREATE INDEX "idx_ticket_owner_i_f39e5a" ON "ticket" ("owner_id", "due_on", "id");
CREATE INDEX "idx_ticket_owner_i_b5e86e" ON "ticket" ("owner_id", "code");
CREATE INDEX "idx_ticket_kit_id_3cb40d" ON "ticket" ("kit_id", "due_on", "id");
CREATE INDEX "idx_ticket_kit_id_8d717d" ON "ticket" ("kit_id", "code");
CREATE INDEX "idx_ticket_status_f01a72" ON "ticket" ("status", "closed_at", "id");
CREATE INDEX "idx_ticket_status_3d44d2" ON "ticket" ("status", "urgency", "due_on", "id");
CREATE INDEX "idx_ticket_status_812a78" ON "ticket" ("status", "updated_at", "id");
CREATE INDEX "idx_ticket_status_638b07" ON "ticket" ("status", "sort_title", "id");
CREATE INDEX "idx_ticket_status_8c37b9" ON "ticket" ("status", "code");
CREATE INDEX "idx_task_status_f5573a" ON "task" ("status", "due_on", "urgency", "id");
CREATE INDEX "idx_task_status_8194e0" ON "task" ("status", "urgency", "due_on", "id");
CREATE INDEX "idx_task_status_fd4898" ON "task" ("status", "updated_at", "id");
CREATE INDEX "idx_task_status_c59fda" ON "task" ("status", "sort_title", "id");
CREATE INDEX "idx_task_blocked_e7630b" ON "task" ("blocked", "due_on", "urgency", "id");
CREATE INDEX "idx_milestone_status_e94de7" ON "milestone" ("status", "updated_at", "id");
CREATE INDEX "idx_milestone_status_aca560" ON "milestone" ("status", "sort_title", "id");
CREATE INDEX "idx_opportunity_status_1118fb" ON "opportunity" ("status", "code", "id");
CREATE INDEX "idx_opportunity_status_2a6dd8" ON "opportunity" ("status", "sort_title", "id");
CREATE INDEX "idx_action_operato_ffd8e3" ON "action" ("operator_id", "created_at", "id");
CREATE INDEX "idx_action_status_9eb97b" ON "action" ("status", "finished_at", "id");
CREATE INDEX "idx_milestone_blocked_updated" ON "milestone" ("updated_at", "id") WHERE "blocked" = TRUE;
CREATE INDEX "idx_milestone_blocked_title" ON "milestone" ("sort_title", "id") WHERE "blocked" = TRUE;
CREATE INDEX "idx_task_ready_urgency" ON "task" ("urgency", "due_on", "id") WHERE "ready" = TRUE;
CREATE INDEX "idx_task_ready_updated_at" ON "task" ("updated_at", "id") WHERE "ready" = TRUE;
CREATE INDEX "idx_task_ready_sort_title" ON "task" ("sort_title", "id") WHERE "ready" = TRUE;
CREATE INDEX "idx_task_blocked_urgency" ON "task" ("urgency", "due_on", "id") WHERE "blocked" = TRUE;
CREATE INDEX "idx_task_blocked_updated_at" ON "task" ("updated_at", "id") WHERE "blocked" = TRUE;
CREATE INDEX "idx_task_blocked_sort_title" ON "task" ("sort_title", "id") WHERE "blocked" = TRUE;
CREATE INDEX "idx_ticket_line_awaits_child" ON "ticket_line" ("id") WHERE "awaits_child" = TRUE;
CREATE INDEX "idx_crm_activit_role_50513a" ON "crm_activity" ("role", "occurred_at");
