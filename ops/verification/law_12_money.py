"""Law 12: the ledger agrees with bills, codes, the bank's notices and bookings; no paid booking is lost."""

from typing import Final

from ops.verification.law import Law

# A bill's sums are those of its entries.
SUMS: Final = """
SELECT 'bill ' || bill.id FROM booking_bill bill
  LEFT JOIN (SELECT bill_id, sum(amount) AS balance, -sum(amount) FILTER (WHERE kind = 'charge') AS charged
               FROM booking_ledgerentry GROUP BY bill_id) entry ON entry.bill_id = bill.id
 WHERE bill.balance <> coalesce(entry.balance, 0) OR bill.charged <> coalesce(entry.charged, 0)
"""
# Every notice of the bank is one entry with its amount, under its bill.
NOTICES: Final = """
SELECT 'notice ' || n.id FROM booking_banknotice n
 WHERE (SELECT count(*) FROM booking_ledgerentry e
         WHERE e.notice_id = n.id AND e.kind = n.kind
           AND e.amount = CASE WHEN n.kind = 'payment' THEN n.amount ELSE -n.amount END
           AND e.bill_id IS NOT DISTINCT FROM n.bill_id) <> 1
"""
# What is carried out of one bill is carried into another.
CARRIED: Final = """
SELECT 'carried at ' || at FROM booking_ledgerentry WHERE kind IN ('carried_in', 'carried_out')
 GROUP BY at HAVING sum(amount) <> 0
"""
# Money without a fee waits for a decision, or an officer keeps it for the person's next booking.
CREDIT: Final = """
SELECT 'bill ' || bill.id FROM booking_bill bill
 WHERE bill.balance > 0 AND NOT EXISTS (
   SELECT FROM booking_paymentcase c WHERE c.bill_id = bill.id AND (c.resolved_at IS NULL OR c.action = 'kept'))
"""
# Money whose bill is unknown waits for a decision.
UNKNOWN: Final = """
SELECT 'notice ' || first.id FROM booking_ledgerentry e
  JOIN booking_banknotice n ON n.id = e.notice_id
  JOIN booking_banknotice first ON first.id = coalesce(n.reverses_id, n.id)
 WHERE e.bill_id IS NULL
 GROUP BY first.id
HAVING sum(e.amount) < 0 OR (sum(e.amount) > 0 AND NOT EXISTS (
   SELECT FROM booking_paymentcase c WHERE c.notice_id = first.id AND c.resolved_at IS NULL))
"""
# A valid code is over exactly what is unpaid.
CODES: Final = """
SELECT 'code ' || code.id FROM booking_billingcode code JOIN booking_bill bill ON bill.id = code.bill_id
 WHERE code.withdrawn_at IS NULL AND (bill.voided_at IS NOT NULL OR code.amount <> -bill.balance)
"""
# A booking that ended has no fee any more, so that what was paid for it is money without a fee.
BOOKINGS: Final = """
SELECT 'booking ' || b.id FROM booking_booking b JOIN booking_bill bill ON bill.booking_id = b.id
 WHERE b.status IN ('cancelled', 'expired') AND bill.voided_at IS NULL
"""
LAW_12: Final = Law(
    12,
    "The ledger agrees with bills, codes and the bank's notices, and no paid booking is lost",
    "SELECT count(*) FROM booking_ledgerentry",
    (SUMS, NOTICES, CARRIED, CREDIT, UNKNOWN, CODES, BOOKINGS),
)
