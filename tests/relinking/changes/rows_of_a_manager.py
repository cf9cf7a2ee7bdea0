# A manager is of the rows of another model, which has no such relation
# BD401 before the change, nothing after
# file: shop/queries.py
from django.db import models


class Open(models.QuerySet):
    def lines(self):
        found = []
        for order in self.filter(is_open=True):
            found.append(order.lines.filter(count=1).first())
        return found
# file: shop/models.py
from django.db import models
from shop.queries import Open


class Line(models.Model):
    count = models.IntegerField()


class Order(models.Model):
    is_open = models.BooleanField()
    lines = models.ManyToManyField(Line)
    objects = Open.as_manager()  # change to: objects = models.Manager()


class Note(models.Model):
    is_open = models.BooleanField()
