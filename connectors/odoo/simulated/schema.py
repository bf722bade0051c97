"""The models' fields: those of ``res.partner`` in Odoo 17 with crm and contacts, and a few more."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

PARTNER = "res.partner"
DATA = "ir.model.data"
FIELDS = "ir.model.fields"
WIZARD = "base.partner.merge.automatic.wizard"

ATTRIBUTES = ("string", "type", "required", "readonly", "store", "searchable", "sortable", "manual")

PARTNER_TYPES: Mapping[str, str] = {
    "boolean": """message_is_follower has_message message_needaction message_has_error
        message_has_sms_error is_blacklisted active employee is_company is_public partner_share
        signup_valid phone_sanitized_blacklisted phone_blacklisted mobile_blacklisted""",
    "one2many": """message_follower_ids message_ids website_message_ids activity_ids child_ids
        bank_ids user_ids opportunity_ids""",
    "many2many": "message_partner_ids category_id channel_ids starred_message_ids meeting_ids",
    "integer": """message_needaction_counter message_has_error_counter message_attachment_count
        message_bounce active_lang_count color id meeting_count partner_gid opportunity_count""",
    "char": """email_normalized activity_type_icon activity_summary activity_exception_icon name
        complete_name parent_name ref tz_offset vat company_registry website function street
        street2 zip city country_code email email_formatted phone mobile contact_address
        commercial_company_name company_name barcode display_name im_status contact_address_inline
        signup_token signup_type signup_url additional_info phone_sanitized phone_mobile_search""",
    "selection": "activity_state activity_exception_decoration lang tz type company_type",
    "many2one": """activity_user_id activity_type_id activity_calendar_event_id title parent_id
        user_id same_vat_partner_id same_company_registry_partner_id state_id country_id industry_id
        company_id commercial_partner_id self create_uid write_uid team_id""",
    "date": "activity_date_deadline my_activity_date_deadline date",
    "binary": """image_1920 image_1024 image_512 image_256 image_128 avatar_1920 avatar_1024
        avatar_512 avatar_256 avatar_128""",
    "html": "comment",
    "float": "partner_latitude partner_longitude",
    "datetime": "create_date write_date signup_expiration calendar_last_notif_ack",
}
LABELS = {
    "ref": "Reference",
    "vat": "Tax ID",
    "company_registry": "Company ID",
    "website": "Website Link",
    "comment": "Notes",
    "country_id": "Country",
    "is_company": "Is a Company",
    "create_date": "Created on",
    "write_date": "Last Updated on",
    "type": "Address Type",
}
ADDRESS_TYPES = {
    "contact": "Contact",
    "invoice": "Invoice Address",
    "delivery": "Delivery Address",
    "other": "Other Address",
}
RELATIONS = {
    "country_id": "res.country",
    "company_id": "res.company",
    "create_uid": "res.users",
    "write_uid": "res.users",
}
_READONLY = frozenset({"id", "create_date", "write_date", "create_uid", "write_uid"})
_TRANSLATED = frozenset({"char", "text", "html"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a model."""

    name: str
    type: str
    string: str
    relation: str | None = None
    selection: Mapping[str, str] | None = None
    manual: bool = False

    def describe(self, attributes: Iterable[str]) -> dict[str, Any]:
        """What ``fields_get`` says of it; no attributes: all."""
        known: dict[str, Any] = {
            "string": self.string,
            "type": self.type,
            "required": False,
            "readonly": self.name in _READONLY,
            "store": True,
            "searchable": True,
            "sortable": True,
            "manual": self.manual,
        }
        if self.relation is not None:
            known["relation"] = self.relation
        if self.selection is not None:
            known["selection"] = [list(pair) for pair in self.selection.items()]
        if self.type in _TRANSLATED:
            known["translate"] = False
        wanted = frozenset(attributes) or frozenset(known)
        return {name: value for name, value in known.items() if name in wanted}


def partner_fields() -> dict[str, Field]:
    """Every field of ``res.partner``."""
    fields = dict(_typed(PARTNER_TYPES))
    fields["type"] = replace(fields["type"], selection=ADDRESS_TYPES)
    return fields


def model_fields() -> dict[str, dict[str, Field]]:
    """The fields of every model that is simulated."""
    others = {
        DATA: {
            "char": "module name complete_name model",
            "integer": "id res_id",
            "boolean": "noupdate",
            "datetime": "create_date write_date",
        },
        "res.users": {
            "integer": "id",
            "char": "login name",
            "selection": "tz lang",
            "many2one": "company_id",
            "many2many": "company_ids",
        },
        "res.country": {"integer": "id", "char": "name code"},
        "ir.model": {"integer": "id", "char": "model name"},
        "res.company": {"integer": "id", "char": "name"},
        "ir.module.module": {"integer": "id sequence", "char": "name state installed_version"},
        FIELDS: {"integer": "id model_id", "char": "name ttype field_description"},
        WIZARD: {
            "integer": "id",
            "selection": "state",
            "many2many": "partner_ids",
            "many2one": "dst_partner_id",
        },
    }
    return {
        PARTNER: partner_fields(),
        **{name: dict(_typed(each)) for name, each in others.items()},
    }


def _typed(types: Mapping[str, str]) -> Iterator[tuple[str, Field]]:
    for kind, names in types.items():
        for name in names.split():
            yield (
                name,
                Field(
                    name=name,
                    type=kind,
                    string=LABELS.get(name, name.removesuffix("_id").replace("_", " ").title()),
                    relation=RELATIONS.get(name),
                ),
            )
