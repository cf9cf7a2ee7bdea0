# Relations lead both ways between models, of which one inherits from an abstract one in another file
# file: shop/models.py
from django.db import models

class Order(models.Model):
    customer = models.ForeignKey('Customer', on_delete=models.CASCADE)
# file: people/models.py
from django.db import models
from people.names import Named

class Customer(Named):
    def one(self):
        return self.orders()
    def orders(self):
        return self.order_set.all()
# file: people/names.py
from django.db import models

class Named(models.Model):
    class Meta:
        abstract = True
# file: shop/services/a.py
from people.models import Customer
from shop.models import Order

def names():
    for order in Order.objects.all():
        print(order.customer)

def counts():
    for customer in Customer.objects.all():
        print(list(customer.orders()))
        print(list(customer.order_set.all()))
