"""Reads of letters of authority, and their check at the pickup desk."""

from booking.codes import clean_code
from core.text import one_space
from counters.authority.errors import LetterNotValid, WrongCollector
from counters.authority.models import AuthorityLetter
from counters.production.models import PassportBook


def letter_in_force(book: PassportBook) -> AuthorityLetter | None:
    """Return the letter of a passport that is in force, or None."""
    return AuthorityLetter.objects.filter(
        book=book, withdrawn_at__isnull=True, erased_at__isnull=True
    ).first()


def checked_letter(
    book: PassportBook, *, number: str, collector_name: str
) -> AuthorityLetter | None:
    """Return the letter in force for a collector; None where none was made on the page.

    A paper that was not made here has no number. Where a letter is in force, its number and its name
    count. Raises LetterNotValid, WrongCollector.
    """
    letter = letter_in_force(book)
    typed = clean_code(number)
    if letter is None and not typed:
        return None
    if letter is None or typed != letter.number:
        raise LetterNotValid(fields={"letter_number": [LetterNotValid.message]})
    if one_space(collector_name).casefold() != letter.collector_name.casefold():
        raise WrongCollector(fields={"collector_name": [WrongCollector.message]})
    return letter
