//! Which version of the API a call asks for: in the query, in `Accept`, or not at all.

use http::{HeaderMap, Method, header};

use super::problem::Problem;

/// The newest version there is, as a preview; the newest released one is a step behind.
const LATEST: (u32, u32) = (7, 2);
const LATEST_RELEASED: (u32, u32) = (7, 1);
/// The oldest version there is.
const EARLIEST: (u32, u32) = (1, 0);

/// A version of the API: `7.1`, `7.1-preview`, `7.1-preview.3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// `7` of `7.1`.
    pub major: u32,
    /// `1` of `7.1`.
    pub minor: u32,
    /// Asked for as a preview, and of which version of the resource.
    preview: Option<Option<u32>>,
}

/// What versions a resource exists in.
#[derive(Clone, Copy, Debug)]
pub struct Offered {
    /// The newest version of the resource itself.
    pub resource_version: u32,
    /// Whether it is released; otherwise only previews can be had.
    pub released: bool,
}

/// The version a call asks for, or the newest one.
pub fn negotiate(
    method: &Method,
    query: Option<&str>,
    headers: &HeaderMap,
    offered: Offered,
) -> Result<Version, Problem> {
    let asked = query.map(str::to_owned).or_else(|| from_accept(headers));
    let Some(asked) = asked else {
        return if [Method::GET, Method::HEAD, Method::OPTIONS].contains(method) {
            Ok(default_version(offered))
        } else {
            Err(missing(method))
        };
    };
    let version = Version::parse(&asked).ok_or_else(|| malformed(&asked))?;
    version.check(&asked, offered)?;
    Ok(version)
}

fn default_version(offered: Offered) -> Version {
    let (major, minor) = if offered.released { LATEST_RELEASED } else { LATEST };
    let preview = (!offered.released).then_some(Some(offered.resource_version));
    Version { major, minor, preview }
}

/// The value of `api-version` among the parameters of any media type in `Accept`.
fn from_accept(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([';', ',']))
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("api-version"))
        .map(|(_, version)| version.trim().trim_matches('"').to_owned())
}

impl Version {
    /// A released version.
    pub const fn plain(major: u32, minor: u32) -> Self {
        Self { major, minor, preview: None }
    }

    fn parse(text: &str) -> Option<Self> {
        let (number, stage) = match text.split_once('-') {
            Some((number, stage)) => (number, Some(stage)),
            None => (text, None),
        };
        let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
        let preview = match stage {
            None => None,
            Some(stage) => {
                let rest = stage.to_ascii_lowercase();
                let rest = rest.strip_prefix("preview")?;
                Some(match rest.strip_prefix('.') {
                    Some(number) => Some(number.parse().ok()?),
                    None if rest.is_empty() => None,
                    None => return None,
                })
            }
        };
        Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()?, preview })
    }

    fn check(self, asked: &str, offered: Offered) -> Result<(), Problem> {
        let number = (self.major, self.minor);
        let beyond_resource =
            matches!(self.preview, Some(Some(one)) if one > offered.resource_version);
        if number > LATEST || beyond_resource {
            return Err(Problem::request(
                "VssVersionOutOfRangeException",
                format!(
                    "The requested REST API version of {asked} is out of range for this server. The latest REST API version this server supports is 7.2."
                ),
            ));
        }
        if number < EARLIEST {
            return Err(Problem::request(
                "VssVersionNotSupportedException",
                format!(
                    "The requested REST API version of {asked} is no longer supported by this server. The oldest version it supports is 1.0."
                ),
            ));
        }
        if self.preview.is_none() && (!offered.released || number > LATEST_RELEASED) {
            return Err(Problem::request(
                "VssInvalidPreviewVersionException",
                format!(
                    "The requested version \"{asked}\" of the resource is under preview. The -preview flag must be supplied in the api-version for such requests. For example: \"{asked}-preview\""
                ),
            ));
        }
        Ok(())
    }

    /// Whether people are given as objects; before version 4 they were `Name <mail>`.
    pub const fn has_identity_objects(self) -> bool {
        self.major >= 4
    }

    /// Whether the format of long texts is told.
    pub const fn has_formats(self) -> bool {
        self.major > 7 || (self.major == 7 && self.minor >= 1)
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        match self.preview {
            None => Ok(()),
            Some(None) => f.write_str("-preview"),
            Some(Some(number)) => write!(f, "-preview.{number}"),
        }
    }
}

fn missing(method: &Method) -> Problem {
    Problem::request(
        "VssVersionNotSpecifiedException",
        format!(
            "No api-version was supplied for the \"{method}\" request. The version must be supplied either as part of the Accept header (e.g. \"application/json; api-version=1.0\") or as a query parameter (e.g. \"?api-version=1.0\")."
        ),
    )
}

fn malformed(asked: &str) -> Problem {
    Problem::request(
        "VssInvalidApiResourceVersionException",
        format!(
            "The api-version \"{asked}\" is not valid: it must be in the format {{major}}.{{minor}}[-{{stage}}[.{{resource-version}}]], for example \"7.1\" or \"7.1-preview.3\"."
        ),
    )
}
