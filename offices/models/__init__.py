from offices.models.closures import Closure
from offices.models.dated import Dated, DatedQuerySet, never_overlapping, one_scope, valid_span
from offices.models.days import AdmissionRule, Attendance, Holiday, OpeningHours
from offices.models.limits import BookingLimit, NoShowRule, ProductRule
from offices.models.officers import OfficerEvent, Role, StaffRole
from offices.models.places import (
    ZONE_NAMES,
    Counter,
    Device,
    Fee,
    Hall,
    Lane,
    Office,
    Region,
    ServiceGroup,
    ServiceType,
    Stage,
    StageStandard,
)
from offices.models.protocols import Protocol
from offices.models.staffing import Outage, RosterShift, StageTime
from offices.models.switches import BookingSwitch

__all__ = [
    "ZONE_NAMES",
    "AdmissionRule",
    "Attendance",
    "BookingLimit",
    "BookingSwitch",
    "Closure",
    "Counter",
    "Dated",
    "DatedQuerySet",
    "Device",
    "Fee",
    "Hall",
    "Holiday",
    "Lane",
    "NoShowRule",
    "Office",
    "OfficerEvent",
    "OpeningHours",
    "Outage",
    "ProductRule",
    "Protocol",
    "Region",
    "Role",
    "RosterShift",
    "ServiceGroup",
    "ServiceType",
    "StaffRole",
    "Stage",
    "StageStandard",
    "StageTime",
    "never_overlapping",
    "one_scope",
    "valid_span",
]
