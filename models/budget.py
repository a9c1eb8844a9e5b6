from tortoise import fields
from tortoise.models import Model


class CallSlot(Model):
    """The CRM call budget, one row for each budget: the limiter's whole state, shared by all processes.

    Instants are seconds since the epoch. `free_at` is the theoretical arrival time of the generic cell rate
    algorithm. No call is granted before `paused_until`. `promised_to` is the rank of the action that gets the next
    slot.
    """

    name = fields.CharField(max_length=32, primary_key=True)
    free_at = fields.FloatField()
    paused_until = fields.FloatField()
    promised_to = fields.CharField(max_length=80, default="", db_default="")

    class Meta:
        table = "call_slot"


class CallCircuit(Model):
    """Whether the CRM can be reached, one row for each budget: the circuit breaker's state, shared by all processes.

    Instants are seconds since the epoch. While `opened_at` is set no call is sent, except one probe from
    `next_try_at` on. `failure_count` counts the calls in a row that did not reach the CRM. `succeeded_at` is when a
    call last succeeded.
    """

    name = fields.CharField(max_length=32, primary_key=True)
    failure_count = fields.IntField(default=0)
    opened_at = fields.FloatField(null=True)
    next_try_at = fields.FloatField(null=True)
    succeeded_at = fields.FloatField(null=True)

    class Meta:
        table = "call_circuit"


class CallCost(Model):
    """How many calls a look-up takes, for the forecast of when an action ends.

    There is one row for each kind of item, with the recent cost of its look-ups, and one for each lane with a running
    look-up, with its remaining calls.
    """

    name = fields.CharField(max_length=64, primary_key=True)
    calls = fields.FloatField()

    class Meta:
        table = "call_cost"
