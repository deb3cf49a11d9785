"""Every error that a caller can act on: a stable code, an HTTP status, a sentence with the value seen, a hint.

No other module defines an error class. An error never carries a comment's text, an address or a secret.
"""

from __future__ import annotations

from typing import ClassVar


class MajlisError(Exception):
    """The base of all errors of this project.

    Attributes:
        code: stable, lower-case, for programs.
        status: the HTTP status that the web room answers with.
        detail: one sentence that holds the value seen.
        hint: what the caller can do about it; may be empty.
        field: the input field to blame, as a dotted path; None where no single field is.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request could not be carried out"

    def __init__(self, detail: str, *, hint: str = "", field: str | None = None) -> None:
        super().__init__(f"{detail} {hint}".strip())
        self.detail = detail
        self.hint = hint
        self.field = field


class Internal(MajlisError):
    """What a caller is told of an error of our own: nothing."""

    code = "internal"
    status = 500
    title = "Something went wrong here"


class InvalidInput(MajlisError):
    """A field is missing, of the wrong type, out of bounds or not text."""

    code = "invalid-input"
    status = 422
    title = "The input is not valid"


class Unreadable(MajlisError):
    """The body of a request or a file is not what its format says (JSON, UTF-8, a form)."""

    code = "unreadable"
    status = 400
    title = "The input could not be read"


class TooLarge(MajlisError):
    """More bytes than the stated bound."""

    code = "too-large"
    status = 413
    title = "The input is too large"


class BadCursor(MajlisError):
    """A page cursor that this server did not make."""

    code = "bad-cursor"
    status = 400
    title = "The cursor is not valid"


class StoryNotFound(MajlisError):
    """No story with this address, and its origin is not one of the newsroom's."""

    code = "story-not-found"
    status = 404
    title = "The story is not known here"


class StoryClosed(MajlisError):
    """The newsroom takes no more comments on this story."""

    code = "story-closed"
    status = 409
    title = "Comments on this story are closed"


class ParentNotFound(MajlisError):
    """The comment that is replied to does not exist, is under another story or is not published."""

    code = "parent-not-found"
    status = 422
    title = "The comment you reply to is not there"


class CommentNotFound(MajlisError):
    """No comment that the caller may see has this id."""

    code = "comment-not-found"
    status = 404
    title = "The comment is not there"


class NotFound(MajlisError):
    """Nothing at this address."""

    code = "not-found"
    status = 404
    title = "There is nothing here"


class MethodNotAllowed(MajlisError):
    """The address exists, the method does not."""

    code = "method-not-allowed"
    status = 405
    title = "This method is not allowed here"


class UnsupportedMedia(MajlisError):
    """A content type that this address does not read."""

    code = "unsupported-media-type"
    status = 415
    title = "This content type is not read here"


class Stale(MajlisError):
    """The comment changed after it was shown to whoever decides on it."""

    code = "stale"
    status = 409
    title = "The comment has changed since you saw it"


class IllegalMove(MajlisError):
    """The table of moves does not allow this change of status by this kind of actor."""

    code = "illegal-move"
    status = 409
    title = "This change of status is not allowed"


class Claimed(MajlisError):
    """Another moderator holds the claim on this comment."""

    code = "claimed"
    status = 409
    title = "Another moderator is working on this comment"


class SamePerson(MajlisError):
    """An appeal is decided by somebody other than whoever decided first."""

    code = "same-person"
    status = 403
    title = "Somebody else has to decide this appeal"


class AppealExists(MajlisError):
    """This decision has been appealed already, or there is no rejection to appeal."""

    code = "appeal-not-possible"
    status = 409
    title = "There is nothing to object to, or you have objected already"


class IdempotencyConflict(MajlisError):
    """The same idempotency key came with a different request."""

    code = "idempotency-conflict"
    status = 409
    title = "This key was used for another request"


class TooManyRequests(MajlisError):
    """A rate limit of an address, an author or a key is used up.

    Attributes:
        retry_after: whole seconds after which it is worth trying again.
    """

    code = "too-many-requests"
    status = 429
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after: int, hint: str = "", field: str | None = None) -> None:
        super().__init__(detail, hint=hint, field=field)
        self.retry_after = retry_after


class ProofInvalid(MajlisError):
    """The proof of work is missing, wrong, out of date or used."""

    code = "proof-invalid"
    status = 422
    title = "The proof of work is missing or not valid"


class FormStale(MajlisError):
    """The form token is missing, forged or too old."""

    code = "form-stale"
    status = 422
    title = "The form has to be sent again"


class FormTooQuick(MajlisError):
    """The form came back faster than a person fills one in."""

    code = "form-too-quick"
    status = 422
    title = "The form came back too quickly"


class ForeignOrigin(MajlisError):
    """An unsafe request from a page that is not allowed to make it."""

    code = "foreign-origin"
    status = 403
    title = "This page may not send this request"


class LoginRequired(MajlisError):
    """No session, or one that ended."""

    code = "login-required"
    status = 401
    title = "Please log in"


class LoginFailed(MajlisError):
    """Name, password or one-time login do not fit."""

    code = "login-failed"
    status = 401
    title = "The login did not work"


class Forbidden(MajlisError):
    """The role or the key's scope does not allow this act."""

    code = "forbidden"
    status = 403
    title = "This is not allowed for you"


class ApiKeyInvalid(MajlisError):
    """An API key that does not exist or was revoked."""

    code = "api-key-invalid"
    status = 401
    title = "The API key is not valid"


class ReceiptInvalid(MajlisError):
    """A receipt token that this server did not make."""

    code = "receipt-invalid"
    status = 404
    title = "This receipt is not known"


class GuidelinesInvalid(MajlisError):
    """Written guidelines that cannot be used; the detail names the line.

    Attributes:
        line: one-based line of the file; 0 where the whole file is to blame.
    """

    code = "guidelines-invalid"
    status = 422
    title = "The guidelines cannot be used"

    def __init__(self, detail: str, *, line: int = 0, hint: str = "", field: str | None = None) -> None:
        super().__init__(detail, hint=hint, field=field)
        self.line = line


class ConfigInvalid(MajlisError):
    """A setting that is unknown, has a bad value or may not keep its default in production."""

    code = "config-invalid"
    status = 500
    title = "The configuration cannot be used"


class WeightsInvalid(MajlisError):
    """The classifier's file is missing or damaged; every comment is referred to a person."""

    code = "weights-invalid"
    status = 503
    title = "The classifier cannot be loaded"


class RemoteInvalid(MajlisError):
    """The remote judge answered with something that was not asked for; the comment stays with a person."""

    code = "remote-invalid"
    status = 502
    title = "The remote judge cannot be used"


class JudgeUnavailable(MajlisError):
    """The judge did not answer in time, or a signal could not; the caller has to treat the text as not judged."""

    code = "judge-unavailable"
    status = 503
    title = "The text could not be judged right now"


class LogBroken(MajlisError):
    """The decision log does not hold together: an entry was changed, removed or reordered.

    Attributes:
        seq: the number of the first broken entry.
    """

    code = "log-broken"
    status = 500
    title = "The decision log was tampered with"

    def __init__(self, detail: str, *, seq: int, hint: str = "", field: str | None = None) -> None:
        super().__init__(detail, hint=hint, field=field)
        self.seq = seq


class StoreUnavailable(MajlisError):
    """The database cannot be reached or refuses to write; nothing was stored."""

    code = "store-unavailable"
    status = 503
    title = "Comments cannot be stored right now"


class Overloaded(MajlisError):
    """So many comments are being judged at this moment that another would only wait; nothing was stored."""

    code = "overloaded"
    status = 503
    title = "Too many comments at this moment"


class StaffExists(MajlisError):
    """A person of the desk with this name is there already."""

    code = "staff-exists"
    status = 409
    title = "This name is taken"


class LastAdmin(MajlisError):
    """The only admin of a desk would go, or would be one no more: then nobody could add people."""

    code = "last-admin"
    status = 409
    title = "A desk needs an admin"


class FeedInvalid(MajlisError):
    """A feed that is neither Atom nor RSS, or whose stories cannot be used."""

    code = "feed-invalid"
    status = 422
    title = "The feed cannot be read"


class ExtraMissing(MajlisError):
    """A command needs an optional part of the installation."""

    code = "extra-missing"
    status = 500
    title = "A part of the installation is missing"


class ArchiveInvalid(MajlisError):
    """An archive that is broken, cut off, hostile or of another format; the detail names the place."""

    code = "archive-invalid"
    status = 422
    title = "The archive cannot be read"
