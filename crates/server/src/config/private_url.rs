//! An address that may hold a password.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// An address with user and password inside. It prints without them.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateUrl(String);

impl PrivateUrl {
    /// Takes an address as it is.
    pub const fn new(url: String) -> Self {
        Self(url)
    }

    /// The whole address, for whoever connects to it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn scheme(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }
}

impl FromStr for PrivateUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Url::parse(text)
            .map_err(|_| "It must be an address with a scheme, such as http://host.")?;
        Ok(Self::new(text.to_owned()))
    }
}

impl fmt::Debug for PrivateUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = Url::parse(&self.0).ok().and_then(|url| url.host_str().map(str::to_owned));
        write!(f, "{}://{}…", self.scheme(), host.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_prints_without_its_password() {
        let url: PrivateUrl = "postgres://ann:hunter2@db/gangway".parse().expect("an address");
        assert_eq!(format!("{url:?}"), "postgres://db…");
        assert_eq!(url.as_str(), "postgres://ann:hunter2@db/gangway");
    }
}
