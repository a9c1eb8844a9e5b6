from tortoise import fields
from tortoise.models import Model


class CallSlot(Model):
    """The CRM call budget, one row for each budget: the limiter's whole memory, shared by every process.

    Instants are seconds since the epoch. `free_at` is the theoretical arrival time of the generic cell rate algorithm;
    nobody calls before `paused_until`. `promised_to` is the rank of whoever waits for the next slot of an action.
    """

    name = fields.CharField(max_length=32, primary_key=True)
    free_at = fields.FloatField()
    paused_until = fields.FloatField()
    promised_to = fields.CharField(max_length=80, default="", db_default="")

    class Meta:
        table = "call_slot"


class CallCircuit(Model):
    """Whether the CRM can be reached at all, one row for each budget: the circuit breaker's memory, shared likewise.

    Instants are seconds since the epoch. While `opened_at` is there nobody calls, but for one try from `next_try_at`
    on. `failure_count` counts the calls in a row that reached nobody.
    """

    name = fields.CharField(max_length=32, primary_key=True)
    failure_count = fields.IntField(default=0)
    opened_at = fields.FloatField(null=True)
    next_try_at = fields.FloatField(null=True)

    class Meta:
        table = "call_circuit"


class CallCost(Model):
    """How many calls it takes to look something up, so that the end of an action can be foretold.

    One row for each kind of item, with what its look-ups have lately taken; and one for each lane in which something is
    looked up, with the calls of it that are still ahead.
    """

    name = fields.CharField(max_length=64, primary_key=True)
    calls = fields.FloatField()

    class Meta:
        table = "call_cost"
