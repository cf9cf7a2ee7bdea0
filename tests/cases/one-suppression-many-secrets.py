# one suppression in a big literal speaks for its own entry alone
SERVICES = {
    "mail": {"password": "Vx9-q2-LLm"},  # noqa: BD302
    "sms": {"password": "Kj2-99-abQ"},  # error: BD302
    "push": {"password": "Pp7-31-zzT"},  # error: BD302
}
