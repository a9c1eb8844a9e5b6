from tortoise import fields, migrations
from tortoise.migrations import operations as ops

# An item whose last attempt failed ended for that failure.
OF_ATTEMPTS = {
    'CRM_UNAVAILABLE': 'CRM_UNAVAILABLE',
    'LOGIN_REFUSED': 'LOGIN_REFUSED',
    'WRONG_TENANT': 'WRONG_TENANT',
    'NOT_CALLED': 'NOT_CALLED',
    'CRM_REFUSED': 'CRM_REFUSED',
    'CRM_FORBIDDEN': 'CRM_FORBIDDEN',
    'NOT_OUR_RECORD': 'NOT_OURS',
    'OUTCOME_UNKNOWN': 'OUTCOME_UNKNOWN',
    'DECLINED_HERE': 'DECLINED_HERE',
    'INTERNAL_ERROR': 'INTERNAL_ERROR',
}
# The hub wrote these sentences itself; each begins like no other. The first that fits counts.
OF_SENTENCES = {
    'Cancelled by an operator.%': 'STOPPED',
    'Dismissed by an operator.%': 'DISMISSED',
    '%is too large to be kept%': 'NOT_STORABLE',
    'It differs from the preview.%': 'NOT_AS_SHOWN',
    'Since the preview,%': 'NOT_AS_SHOWN',
    'The CRM holds this more than once:%': 'FOUND_TWICE',
    'The CRM holds more of these records than we created.%': 'FOUND_TWICE',
    'A delayed process created the record %': 'LATE_RECORD',
    'The CRM says that it holds this already,%': 'SAID_TO_EXIST',
    'The CRM was asked % times to create this and holds none.%': 'REQUESTS_LOST',
    'The CRM did not confirm this in % tries.%': 'OUTCOME_UNKNOWN',
    'The ticket was cancelled.': 'CALLED_OFF',
    'The milestone was cancelled.': 'CALLED_OFF',
    'The milestone is cancelled.': 'CALLED_OFF',
    '% or dismiss the item int_% to keep it.': 'SALE_IN_QUESTION',
    'Another repair came after this one.': 'REPAIR_OVERTAKEN',
    'Nothing is wrong with the opportunity any more.': 'NOTHING_TO_REPAIR',
    'Already on its way.': 'UNDER_WAY',
    'The CRM merged it into %': 'MERGED',
    'The CRM no longer has %': 'DELETED',
    'It is lost in the CRM, and it has a child ticket.%': 'LOST',
    'In the CRM it belongs to another company now, or to none.%': 'MOVED',
    'In the CRM it no longer carries its code.%': 'RENAMED',
    'Its name in the CRM is %': 'NOT_STORABLE',
    'Its VAT number in the CRM is %': 'NOT_STORABLE',
    'Recognised by the code that it carries.': 'ITS_CODE',
    'Recognised by its service:%': 'ITS_SERVICE',
    'An operator mapped it.': 'MAPPED',
    'It carries a code of ours that no line of this company has.': 'FOREIGN_CODE',
    'Another opportunity carries the same code.': 'SAME_CODE_TWICE',
    'The line that its code names has another opportunity.': 'LINE_FILLED',
    'An action is creating it.': 'UNDER_WAY',
    'It was created again under a later number.': 'SUPERSEDED',
    'Neither its products nor its title name a service.': 'NO_SERVICE',
    'It names more than one service.': 'SEVERAL_SERVICES',
    'Its title denies the service that it names.': 'TITLE_DENIES',
    'Its title has the words of a service among others,%': 'TITLE_UNCLEAR',
    'It is older than every sale of its service%': 'BEFORE_SALE',
    'No ticket of this company needs an opportunity of its service.': 'NO_FREE_LINE',
    'More than one ticket of this company needs%': 'SEVERAL_PARENTS',
    'More opportunities name this service than lines need one.': 'SEVERAL_OPPORTUNITIES',
    'It is lost in the CRM.': 'LOST',
    'The CRM gives it a status that we cannot interpret.': 'STATUS_UNKNOWN',
    'Its parent ticket is cancelled.': 'PARENT_CANCELLED',
    'Its service has no workflow.': 'SERVICE_WITHOUT_TEMPLATE',
}


def _by_attempt() -> str:
    cases = ' '.join(f"WHEN '{result}' THEN '{reason}'" for result, reason in OF_ATTEMPTS.items())
    last = (
        'SELECT CASE attempt.result ' + cases + ' END FROM action_attempt AS attempt'
        ' WHERE attempt.item_id = action_item.id ORDER BY attempt.number DESC LIMIT 1'
    )
    return (
        f'UPDATE action_item SET reason = ({last})'
        " WHERE reason IS NULL AND explanation IS NOT NULL AND (outcome IS NULL OR outcome IN ('FAILED', 'NEEDS_ATTENTION'))"
    )


def _by_sentence() -> str:
    cases = ' '.join(f"WHEN explanation LIKE '{words}' THEN '{reason}'" for words, reason in OF_SENTENCES.items())
    return f'UPDATE action_item SET reason = CASE {cases} END WHERE explanation IS NOT NULL'


class Migration(migrations.Migration):
    dependencies = [('models', '0039_kpi_targets')]

    initial = False

    operations = [
        ops.AddField(model_name='ActionItem', name='reason', field=fields.CharField(null=True, max_length=32)),
        ops.RunSQL(
            [
                _by_sentence(),
                _by_attempt(),
                "UPDATE action_item SET reason = 'UP_TO_DATE'"
                " WHERE reason IS NULL AND explanation IS NULL AND outcome = 'UNCHANGED'",
                "UPDATE action_item SET reason = 'ALREADY_THERE'"
                " WHERE reason IS NULL AND explanation IS NULL AND outcome = 'ADOPTED'",
            ]
        ),
    ]
