"""An event, and what was counted of one resource on one day."""

from django.db import models


class Event(models.Model):
    event_id = models.CharField(max_length=200, unique=True)
    type = models.CharField(max_length=20)
    message_id = models.CharField(max_length=200)
    recipient = models.CharField(max_length=320)
    at = models.DateTimeField()
    metadata = models.JSONField()

    def __str__(self):
        return f"{self.type} {self.message_id}"


class Rollup(models.Model):
    type = models.CharField(max_length=20)
    key = models.CharField(max_length=200)
    day = models.DateField()
    sent = models.BigIntegerField(default=0)
    delivered = models.BigIntegerField(default=0)
    opened = models.BigIntegerField(default=0)
    clicked = models.BigIntegerField(default=0)
    bounced = models.BigIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["type", "key", "day"], name="one_row"),)

    def __str__(self):
        return f"{self.type} {self.key} {self.day}"
