"""What a fresh Odoo 17 with crm and contacts holds before anybody works in it."""

from datetime import UTC, datetime

from connectors.odoo.simulated.access import (
    ADMINISTRATOR,
    CREATION,
    PERSON,
    ROBOT,
    SALES,
    User,
)
from connectors.odoo.simulated.orm import Orm
from connectors.odoo.simulated.schema import DATA, FIELDS, PARTNER

PARTNER_MODEL_ID = 85
INSTALLED_AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

_MODULES = (
    (47, 15, "crm", "17.0.1.8"),
    (46, 20, "contacts", "17.0.1.0"),
    (36, 100, "base_import", "17.0.2.0"),
    (314, 100, "partner_autocomplete", "17.0.1.1"),
)
_COUNTRIES = """
    AE United Arab Emirates|AR Argentina|AT Austria|AU Australia|BE Belgium|BG Bulgaria|BR Brazil|
    CA Canada|CH Switzerland|CL Chile|CN China|CO Colombia|CY Cyprus|CZ Czech Republic|DE Germany|
    DK Denmark|EE Estonia|EG Egypt|ES Spain|FI Finland|FR France|GB United Kingdom|GR Greece|
    HK Hong Kong|HR Croatia|HU Hungary|ID Indonesia|IE Ireland|IL Israel|IN India|IS Iceland|
    IT Italy|JP Japan|KR South Korea|LT Lithuania|LU Luxembourg|LV Latvia|MT Malta|MX Mexico|
    MY Malaysia|NG Nigeria|NL Netherlands|NO Norway|NZ New Zealand|PE Peru|PH Philippines|
    PL Poland|PT Portugal|RO Romania|RS Serbia|SA Saudi Arabia|SE Sweden|SG Singapore|SI Slovenia|
    SK Slovakia|TH Thailand|TR Türkiye|TW Taiwan|UA Ukraine|US United States|VN Vietnam|
    ZA South Africa"""
_ODD_EXTERNAL_IDS = {"GB": "uk"}

SYNC_GROUPS = frozenset({ADMINISTRATOR, CREATION, SALES})
SALES_GROUPS = frozenset({CREATION, SALES})


def users_of(login: str, secrets: frozenset[str]) -> tuple[User, ...]:
    """The robot, a person, and three who may log in: a full, an ordinary and a reading user."""
    return (
        ROBOT,
        PERSON,
        User(uid=6, login=login, name="Sync", secrets=secrets, groups=SYNC_GROUPS),
        User(uid=7, login="sales@crm.example", name="Sales", secrets=secrets, groups=SALES_GROUPS),
        User(uid=8, login="reader@crm.example", name="Reader", secrets=secrets),
    )


def plant(orm: Orm, users: tuple[User, ...], *, installed_at: datetime = INSTALLED_AT) -> None:
    """Fill the tables; the next contact has id 10."""
    stamps = {"create_date": installed_at, "write_date": installed_at, "write_uid": 1}
    rows = orm.tables
    rows.insert(
        PARTNER,
        {
            "id": 1,
            "name": "My Company",
            "is_company": True,
            "active": True,
            "type": "contact",
            "phone": "",
            "city": "",
            "create_uid": 1,
            **stamps,
        },
    )
    rows.insert("res.company", {"id": 1, "name": "My Company"})
    for user in users:
        row = {"id": user.uid, "login": user.login, "name": user.name, "tz": "UTC", "lang": "en_US"}
        rows.insert("res.users", {**row, "company_id": 1, "company_ids": [1]})
    for module_id, sequence, name, version in _MODULES:
        row = {"id": module_id, "sequence": sequence, "name": name, "installed_version": version}
        rows.insert("ir.module.module", {**row, "state": "installed"})
    rows.insert("ir.model", {"id": PARTNER_MODEL_ID, "model": PARTNER, "name": "Contact"})
    _plant_countries(orm, installed_at)
    rows.next_ids |= {PARTNER: 10, DATA: 12_860, FIELDS: 3_726}
    rows.commit()


def _plant_countries(orm: Orm, installed_at: datetime) -> None:
    for number, text in enumerate(_COUNTRIES.split("|"), 1):
        code, _, name = text.strip().partition(" ")
        orm.tables.insert("res.country", {"id": number, "name": name, "code": code})
        external = {
            "id": number,
            "module": "base",
            "name": _ODD_EXTERNAL_IDS.get(code, code.lower()),
            "model": "res.country",
            "res_id": number,
            "noupdate": False,
            "create_date": installed_at,
            "write_date": installed_at,
        }
        orm.tables.insert(DATA, external)
