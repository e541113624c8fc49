"""Booking for one person also tells when nothing stands in the way but that the hour is full: -1.

Who came too late then needs no second look and no third; NULL still says that there is more to find out. Whoever knows the
person's name hands over a finished letter (`asked_name`; it has to be the name still). It is a
function of its own, so that the processes of the release before, which would take -1 for a party, go on with theirs
while this one is being installed.
"""

from typing import ClassVar

from django.db import migrations

BOOK_ONE = r"""
CREATE FUNCTION booking_book_one(
  asked_account bigint, asked_key text, asked_hash text, asked_person bigint, is_for_foreigners boolean,
  asked_slot bigint, asked_office bigint, asked_service bigint, new_id uuid, new_code text, told_at timestamptz,
  letter_language text, letter_subject text, letter_body text, letter_parts text, nameless text,
  letter_office text, letter_request text, asked_device text, made_products text[], bounds jsonb, asked_name text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  party bigint;
  person record;
  taken bigint;
  words text[];
  short_name text;
  quoted text;
  rule record;
  whose text;
  since timestamptz;
  statuses text[];
  has_made bigint;
  live_statuses CONSTANT text[] := ARRAY['held', 'booked', 'displaced', 'checked_in'];
BEGIN
  INSERT INTO booking_party (account_id, key, body_hash, created_at, device_key)
  VALUES (asked_account, asked_key, asked_hash, told_at, asked_device)
  ON CONFLICT DO NOTHING RETURNING id INTO party;
  IF party IS NULL THEN
    RETURN NULL;
  END IF;

  SELECT applicant.full_name, applicant.person_key, applicant.phone, account.email, prepared.id AS prepared_id
    INTO person
    FROM booking_applicant applicant JOIN accounts_user account ON account.id = applicant.account_id
    LEFT JOIN booking_passportapplication prepared
      ON prepared.applicant_id = applicant.id AND prepared.service_type_id = asked_service
   WHERE applicant.id = asked_person AND applicant.account_id = asked_account AND applicant.removed_at IS NULL
     AND (applicant.identity_kind = 'passport') = is_for_foreigners
     AND (asked_name IS NULL OR applicant.full_name = asked_name)
     AND (made_products IS NULL OR prepared.product IS NULL OR prepared.product = ANY (made_products))
     AND (SELECT true FROM booking_booking live WHERE live.person_key = applicant.person_key
             AND live.status IN ('held', 'booked', 'displaced', 'checked_in') LIMIT 1) IS NULL
     AND (SELECT true FROM booking_restriction bound WHERE bound.person_key = applicant.person_key
             AND bound.until_at > told_at AND bound.lifted_at IS NULL LIMIT 1) IS NULL
     FOR NO KEY UPDATE OF applicant;
  IF NOT FOUND THEN
    DELETE FROM booking_party WHERE id = party;
    RETURN NULL;
  END IF;

  -- As in booking.services.caps: who counts the same thing takes turns, in the order of the subjects.
  IF bounds IS NOT NULL THEN FOR rule IN SELECT * FROM jsonb_to_recordset(bounds) AS row (subject text, most int, within_days int) ORDER BY subject
  LOOP
    whose := CASE rule.subject WHEN 'account' THEN asked_account::text WHEN 'phone' THEN person.phone
                                ELSE asked_device END;
    CONTINUE WHEN whose = '';
    PERFORM pg_advisory_xact_lock(hashtextextended(rule.subject || ':' || whose, 0));
    since := CASE WHEN rule.within_days IS NULL THEN '-infinity' ELSE told_at - make_interval(days => rule.within_days) END;
    statuses := CASE WHEN rule.within_days IS NULL THEN live_statuses ELSE NULL END;
    IF rule.subject = 'account' THEN
      SELECT count(*) INTO has_made FROM booking_booking made JOIN booking_party asker ON asker.id = made.party_id
       WHERE asker.account_id = asked_account
         AND asker.created_at > since AND (statuses IS NULL OR made.status = ANY (statuses));
    ELSIF rule.subject = 'phone' THEN
      SELECT count(*) INTO has_made FROM booking_booking made JOIN booking_party asker ON asker.id = made.party_id
        JOIN booking_applicant who ON who.id = made.applicant_id
       WHERE who.phone = whose AND who.phone <> '' AND made.account_id IS NOT NULL
         AND asker.created_at > since AND (statuses IS NULL OR made.status = ANY (statuses));
    ELSE
      SELECT count(*) INTO has_made FROM booking_booking made JOIN booking_party asker ON asker.id = made.party_id
       WHERE asker.device_key = whose AND asker.device_key <> ''
         AND asker.created_at > since AND (statuses IS NULL OR made.status = ANY (statuses));
    END IF;
    IF has_made >= rule.most THEN
      DELETE FROM booking_party WHERE id = party;
      RETURN NULL;
    END IF;
  END LOOP; END IF;

  UPDATE quotas_place SET holder = new_id WHERE id = (
    SELECT place.id FROM quotas_place place
     WHERE place.slot_id = asked_slot AND place.holder IS NULL AND place.withdrawn_at IS NULL
       AND place.opens_at <= told_at AND place.closes_at > told_at
       AND (place.cooldown_until IS NULL OR place.cooldown_until <= told_at)
     ORDER BY place.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
  RETURNING id INTO taken;
  IF NOT FOUND THEN
    DELETE FROM booking_party WHERE id = party;
    -- Full is what has open places and none that is free; one that a rival holds and may let go still is, and one that
    -- waits for its draw is another matter.
    RETURN (SELECT -1 WHERE EXISTS (
        SELECT FROM quotas_place place WHERE place.slot_id = asked_slot AND place.withdrawn_at IS NULL
           AND place.opens_at <= told_at AND place.closes_at > told_at)
      AND NOT EXISTS (
        SELECT FROM quotas_place place
         WHERE place.slot_id = asked_slot AND place.holder IS NULL AND place.withdrawn_at IS NULL
           AND place.opens_at <= told_at AND place.closes_at > told_at
           AND (place.cooldown_until IS NULL OR place.cooldown_until <= told_at OR place.cooldown_until >= '9999-01-01 00:00+00'))
      AND (SELECT office.booking_stopped_reason FROM offices_office office WHERE office.id = asked_office) = '');
  END IF;

  INSERT INTO booking_booking (id, code, account_id, applicant_id, application_id, person_key, party_id,
    service_type_id, office_id, slot_id, place_id, status, via, placed_at, changes_used, key)
  VALUES (new_id, new_code, asked_account, asked_person, person.prepared_id, person.person_key, party,
    asked_service, asked_office, asked_slot, taken, 'booked', 'first_come', told_at, 0, asked_key);
  INSERT INTO booking_bookingevent (booking_id, kind, old, new, place_to_id, by_id, reason, at)
  VALUES (new_id, 'made', '', 'booked', taken, asked_account, '', told_at);

  -- The letter is laid out for the hour; where the name is known no earlier than here, it is put in: first name, then
  -- initials.
  IF asked_name IS NULL THEN
    words := regexp_split_to_array(btrim(person.full_name, E' \t\n\r\u00a0'), '\s+');
    short_name := coalesce(words[1], '') || coalesce(
      (SELECT string_agg(' ' || left(word, 1) || '.', '' ORDER BY position)
         FROM unnest(words[2:]) WITH ORDINALITY AS rest (word, position)), '');
    quoted := to_json(short_name)::text;
    letter_body := replace(letter_body, nameless, short_name);
    letter_parts := replace(letter_parts, nameless, substr(quoted, 2, length(quoted) - 2));
  END IF;
  INSERT INTO notices_message (kind, dedupe_key, channel, address, language, subject, body, parts, about_type,
    about_id, office_code, request_id, created_at, due_at, next_at, attempts, last_error)
  VALUES ('booking_confirmed', 'booking_confirmed:' || party, 'email', person.email, letter_language, letter_subject,
    letter_body, letter_parts::jsonb,
    'booking', new_id::text, letter_office, letter_request, told_at, told_at, told_at, 0, '')
  ON CONFLICT DO NOTHING;
  RETURN party;
END
$$
"""



class Migration(migrations.Migration):
    dependencies: ClassVar = [("booking", "0096_seek_the_person")]
    operations: ClassVar = [migrations.RunSQL(BOOK_ONE, "DROP FUNCTION booking_book_one")]
