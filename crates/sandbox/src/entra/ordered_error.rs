//! Failures that depend on policies and accidents the sandbox does not have: a test orders them by
//! number.

use crate::entra::error::EntraError;

/// Number, OAuth error, suberror and sentence.
const FAILURES: [(u32, &str, Option<&str>, &str); 20] = [
    (50_033, "temporarily_unavailable", None, "A transient error has occurred. Please try again."),
    (50_057, "invalid_grant", None, "The user account is disabled."),
    (50_074, "interaction_required", Some("basic_action"), "Strong Authentication is required."),
    (
        50_076,
        "interaction_required",
        Some("basic_action"),
        "Due to a configuration change made by your administrator, or because you moved to a new \
         location, you must use multi-factor authentication to access the resource.",
    ),
    (
        50_078,
        "interaction_required",
        Some("basic_action"),
        "Presented multi-factor authentication has expired due to policies configured by your \
         administrator, you must refresh your multi-factor authentication.",
    ),
    (
        50_079,
        "interaction_required",
        Some("basic_action"),
        "Due to a configuration change made by your administrator, or because you moved to a new \
         location, you must enroll in multi-factor authentication.",
    ),
    (50_089, "invalid_grant", None, "Flow token expired."),
    (
        50_105,
        "invalid_grant",
        None,
        "Your administrator has configured the application to block users unless they are \
         specifically granted access. The signed-in user is blocked because they are not a direct \
         member of a group with access, nor had access directly assigned by an administrator.",
    ),
    (
        50_173,
        "invalid_grant",
        Some("token_expired"),
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The \
         user might have changed or reset their password.",
    ),
    (
        50_196,
        "temporarily_unavailable",
        None,
        "The server terminated an operation because it encountered a client request loop. Please \
         contact your app vendor.",
    ),
    (
        53_000,
        "interaction_required",
        Some("message_only"),
        "Device is not in required device state.",
    ),
    (53_001, "interaction_required", Some("message_only"), "Device is not domain joined."),
    (
        53_002,
        "interaction_required",
        Some("message_only"),
        "Application used is not an approved application.",
    ),
    (
        53_003,
        "interaction_required",
        Some("message_only"),
        "Access has been blocked by Conditional Access policies. The access policy does not allow \
         token issuance.",
    ),
    (
        530_003,
        "interaction_required",
        Some("message_only"),
        "Your device is required to be managed to access this resource.",
    ),
    (
        650_052,
        "invalid_client",
        None,
        "The app needs access to a service that your organization has not subscribed to or \
         enabled.",
    ),
    (
        70_043,
        "invalid_grant",
        Some("token_expired"),
        "The refresh token has expired or is invalid due to sign-in frequency checks by \
         conditional access.",
    ),
    (
        70_044,
        "invalid_grant",
        Some("token_expired"),
        "The session has expired or is invalid due to sign-in frequency checks by conditional \
         access.",
    ),
    (
        700_084,
        "invalid_grant",
        None,
        "The refresh token was issued to a single page app (SPA), and therefore has a fixed, \
         limited lifetime, which cannot be extended. It is now expired and a new sign in request \
         must be sent by the SPA to the sign in page.",
    ),
    (90_033, "temporarily_unavailable", None, "A transient error has occurred. Please try again."),
];

/// The failure of that number; one that is not listed is a grant the service refuses.
pub(crate) fn of(code: u32) -> EntraError {
    let Some((code, error, suberror, text)) = FAILURES.iter().find(|(one, ..)| *one == code) else {
        return EntraError::new("invalid_grant", code, "The grant is refused, as ordered.");
    };
    EntraError { suberror: *suberror, ..EntraError::new(error, *code, *text) }
}
