from tortoise import fields
from tortoise.models import Model


class CallSlot(Model):
    """The CRM call budget, one row for each budget: the limiter's whole memory, shared by every process.

    Instants are seconds since the epoch. `free_at` is the theoretical arrival time of the generic cell rate algorithm;
    nobody calls before `paused_until`.
    """

    name = fields.CharField(max_length=32, primary_key=True)
    free_at = fields.FloatField()
    paused_until = fields.FloatField()

    class Meta:
        table = "call_slot"
