"""Writes each event that anymail has read, once, and counts it for its four resources."""

from anymail.signals import tracking
from django.db import transaction
from django.db.models import F
from django.dispatch import receiver

from receiver.models import Event, Rollup

COUNTERS = {"queued": "sent", "delivered": "delivered", "opened": "opened", "clicked": "clicked", "bounced": "bounced"}
RESOURCES = {"campaign": "campaign_id", "template": "template_id", "mailbox": "mailbox", "domain": "domain"}


@receiver(tracking)
def count(event, **_rest):
    counter = COUNTERS[event.event_type]
    values = {
        "type": event.event_type, "message_id": event.message_id, "recipient": event.recipient,
        "at": event.timestamp, "metadata": event.metadata,
    }  # fmt: skip
    with transaction.atomic():
        _, is_new = Event.objects.get_or_create(event_id=event.event_id, defaults=values)
        if not is_new:
            return
        for kind, name in RESOURCES.items():
            row, _ = Rollup.objects.get_or_create(type=kind, key=event.metadata[name], day=event.timestamp.date())
            Rollup.objects.filter(pk=row.pk).update(**{counter: F(counter) + 1})
