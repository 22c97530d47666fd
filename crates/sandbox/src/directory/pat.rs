//! Personal access tokens in the form the service gives them.

use sha2::{Digest, Sha256};

/// How long a token is, the mark included.
const LENGTH: usize = 84;
/// Where the mark stands that tells such a token from other text.
const MARK_AT: usize = 76;
const MARK: &[u8] = b"AZDO";
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A personal access token of one person for one organization.
#[derive(Debug)]
pub struct Pat {
    /// The token itself.
    pub token: String,
    /// The only organization it opens.
    pub organization: String,
    /// Whether its time has passed.
    pub expired: bool,
}

impl Pat {
    /// The token that this person always has for this organization.
    pub(super) fn seeded(person: &str, organization: &str, expired: bool) -> Self {
        let seed = format!("{person} {organization} {expired}");
        let mut token: Vec<u8> = (0_u8..)
            .flat_map(|block| Sha256::digest(format!("{seed} {block}")))
            .map(|byte| ALPHABET[usize::from(byte) % ALPHABET.len()])
            .take(LENGTH)
            .collect();
        token[MARK_AT..MARK_AT + MARK.len()].copy_from_slice(MARK);
        let token = token.into_iter().map(char::from).collect();
        Self { token, organization: organization.to_owned(), expired }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_84_characters_and_its_mark_at_76() {
        let pat = Pat::seeded("ann", "acme", false);
        assert_eq!(pat.token.len(), 84);
        assert_eq!(&pat.token[76..80], "AZDO");
        assert_eq!(pat.token, Pat::seeded("ann", "acme", false).token);
        assert_ne!(pat.token, Pat::seeded("ann", "acme", true).token);
    }
}
