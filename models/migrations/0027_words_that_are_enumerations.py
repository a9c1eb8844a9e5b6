from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

# Only the rows of renamed values are written; both tables find them by an index, or in one pass.
EVENTS = {
    'SHADOW_WANTED': 'SHADOW_CONTENT_CHANGED',
    'SHADOW_WELL': 'SHADOW_IN_SYNC',
    'SHADOW_STRAYED': 'SHADOW_DIFFERS',
    'SHADOW_CROSSED': 'SHADOW_RESEND_PLANNED',
    'SHADOW_APPLIED': 'SHADOW_UPDATED',
    'SHADOW_MADE_ANEW': 'SHADOW_RECREATED',
    'SHADOW_SEEN': 'SHADOW_FOUND_AGAIN',
    'SHADOW_UNSEEN': 'SHADOW_NOT_FOUND',
    'OPPORTUNITY_WELL': 'OPPORTUNITY_FLAG_CLEARED',
    'OPPORTUNITY_GOT_CHILD': 'OPPORTUNITY_CHILD_CREATED',
    'SALE_TAKEN_IN': 'SALE_IMPORTED',
    'COMPANY_SEEN': 'COMPANY_CREATED',
    'ITEM_SET_RIGHT': 'ITEM_CLOCK_REPAIRED',
    'ITEM_UNCLEAR': 'ITEM_OUTCOME_UNKNOWN',
    'ITEM_NEVER_ARRIVED': 'ITEM_REQUEST_LOST',
    'ITEM_FOUND': 'ITEM_ADDED',
    'ACTION_GOT_TICKET': 'ACTION_TICKET_CREATED',
}
FAILURES = {
    'CrmUnavailable': 'CRM_UNAVAILABLE',
    'LoginRefused': 'LOGIN_REFUSED',
    'WrongTenant': 'WRONG_TENANT',
    'CrmNotCalled': 'NOT_CALLED',
    'CrmCallsSpent': 'NOT_CALLED',
    'CrmRefused': 'CRM_REFUSED',
    'CrmForbidden': 'CRM_FORBIDDEN',
    'CrmOutcomeUnknown': 'OUTCOME_UNKNOWN',
    'ClaimLost': 'CLAIM_LOST',
}


def renamed(table: str, column: str, names: dict[str, str]) -> str:
    cases = ' '.join(f"WHEN '{old}' THEN '{new}'" for old, new in names.items())
    olds = ', '.join(f"'{old}'" for old in names)
    return f'UPDATE {table} SET {column} = CASE {column} {cases} END WHERE {column} IN ({olds})'


class Migration(migrations.Migration):
    dependencies = [('models', '0026_lean_events')]

    initial = False

    operations = [
        ops.AddField(
            model_name='ActionItem',
            name='crm_words',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.RenameField(model_name='ActionAttempt', old_name='words', new_name='explanation'),
        ops.AddField(
            model_name='ActionAttempt',
            name='crm_words',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name='IntakeItem',
            name='crm_words',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.RenameField(model_name='PollMark', old_name='failure_words', new_name='failure_explanation'),
        ops.AddField(
            model_name='PollMark',
            name='failure_crm_words',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.RunSQL(
            [
                renamed('event', 'kind', EVENTS),
                renamed('poll_mark', 'failure', FAILURES),
                renamed('action_attempt', 'result', FAILURES),
                # All other names in mixed case are of exceptions that no attempt should have met.
                "UPDATE action_attempt SET result = 'INTERNAL_ERROR' WHERE result <> UPPER(result)",
                renamed('action_attempt', 'step', {'TALK': 'CALL'}),
                renamed('action_item', 'kind', {'OPPORTUNITY': 'SYNC_OPPORTUNITY'}),
            ]
        ),
    ]
