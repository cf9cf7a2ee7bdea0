# A model's own `save` asks another service, or no longer does
# BD206 before the change, nothing after
# file: shop/models.py
import requests
from django.db import models


class Order(models.Model):
    number = models.IntegerField()

    def save(self, *args, **kwargs):
        requests.post("https://search.example.org/", json=self.number, timeout=3)  # change to: pass
        super().save(*args, **kwargs)
# file: shop/orders.py
from django.db import transaction
from shop.models import Order


@transaction.atomic
def place(number):
    Order.objects.create(number=number)
