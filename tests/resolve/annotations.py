# Annotations of parameters, attributes, results and optional values say types
from __future__ import annotations
from dataclasses import dataclass
from typing import Annotated, Optional, Union
import httpx

@dataclass
class Rates:
    http: httpx.Client
    spare: Optional[httpx.Client] = None

    def load(self, url):
        self.http.get(url)  # calls httpx.Client.get
        if self.spare:
            self.spare.get(url)  # calls httpx.Client.get

def made() -> "httpx.Client": ...

def load(url, client: httpx.Client | None, named: Annotated[httpx.Client, "x"]):
    client.get(url)  # calls httpx.Client.get
    named.get(url)  # calls httpx.Client.get
    made().get(url)  # calls httpx.Client.get
