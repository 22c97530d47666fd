//! Authenticated pass-through: a caller's request to the provider, with the account's token.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use base::{Error, Result};
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use serde_json::Value;

use super::body::Body;
use super::keep::Kept;
use super::record::Call;
use super::rewrite::Rewriter;
use super::{Authority, headers, resolve};
use crate::Connect;
use crate::held::Held;
use crate::provider::Provider;

/// How a path begins that names its host.
pub const FULL_PATH: &str = "/_/";

/// A request to pass through.
pub struct ProxyCall {
    /// The method.
    pub method: Method,
    /// Path and query as they came, beginning with `/`; empty when `absolute_url` is there.
    pub path_and_query: String,
    /// The whole address, where the caller gives it.
    pub absolute_url: Option<String>,
    /// For clients that know nothing of us, whose paths read `/_/{host}/…`: our address up to `/_`,
    /// to stand in answers where the provider's would lead them past us.
    pub own_base: Option<String>,
    /// The account (organization) to call instead of the credential's own.
    pub account: Option<String>,
    /// The caller's headers, all of them: what must not cross is dropped here.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
}

impl Connect {
    /// Passes a request through and answers as the provider answered, errors included. Our own
    /// errors are those of a call that got no answer.
    pub async fn proxy(&self, held: &Arc<Held>, call: ProxyCall) -> Result<Response<Body>> {
        let began = self.0.clock.now();
        let uri = address(held, &call).inspect_err(|error| {
            let failed = Call { held, method: &call.method, uri: None, began };
            failed.record(&self.0.notes, (&self.0.clock, &self.0.random), Err(error));
        })?;
        let held = match &call.account {
            Some(name) => &self.held_for(held, name).await?,
            None => held,
        };
        let mut request = Request::new(call.body);
        *request.method_mut() = call.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = call.headers;
        headers::keep_for_provider(request.headers_mut());
        if request.headers().get(CONTENT_TYPE).is_some_and(|value| value == "auto") {
            request = self.infer_content_type(held, request).await?;
        }
        match call.own_base {
            None => self.send(request, Authority::Credential(Arc::clone(held))).await,
            Some(base) => self.send_for_stranger(held, request, &base).await,
        }
    }

    /// Sends for a client that would go past us if the answer told it where.
    async fn send_for_stranger(
        &self,
        held: &Arc<Held>,
        mut request: Request<Body>,
        base: &str,
    ) -> Result<Response<Body>> {
        let rewrites = held.provider.proxy.rewrites(request.uri().path());
        if rewrites {
            request.headers_mut().remove(ACCEPT_ENCODING);
        }
        let mut answer = self.send(request, Authority::Credential(Arc::clone(held))).await?;
        let rewriter = Rewriter { held, base };
        rewriter.location(answer.headers_mut());
        if !rewrites {
            return Ok(answer);
        }
        let limits = &self.0.network.limits;
        rewriter.document(answer, limits.answer_bytes_max).await
    }

    /// The vendor's SDK leaves the type of a body to us by the word `auto`.
    async fn infer_content_type(
        &self,
        held: &Held,
        request: Request<Body>,
    ) -> Result<Request<Body>> {
        let (mut head, body) = request.into_parts();
        let limits = &self.0.network.limits;
        let bytes_max = limits.retry_body_bytes_max;
        let mut kept = Kept::read(body, bytes_max, &self.0.clock, limits.idle_timeout).await?;
        let inferred = match &kept {
            Kept::Whole(bytes) if bytes.is_empty() => None,
            Kept::Whole(bytes) => infer(bytes, held.provider.proxy.recognises_json_patch),
            Kept::Streaming(_) => None,
        };
        head.headers.remove(CONTENT_TYPE);
        if let Some(kind) = inferred {
            head.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        Ok(Request::from_parts(head, kept.first()))
    }
}

fn address(held: &Held, call: &ProxyCall) -> Result<Uri> {
    if let Some(url) = &call.absolute_url {
        return resolve::of_url(&held.provider, &held.variables, url);
    }
    let variables = variables(held, call.account.as_deref())?;
    held.provider.resolve(&variables, &call.path_and_query)
}

impl Provider {
    /// The address that a proxied path means for an account with these variables. It is always at
    /// one of the provider's hosts.
    ///
    /// # Errors
    /// When the path climbs, is too long, or names a foreign host.
    pub fn resolve(
        &self,
        variables: &BTreeMap<String, String>,
        path_and_query: &str,
    ) -> Result<Uri> {
        match path_and_query.strip_prefix(FULL_PATH) {
            Some(rest) => resolve::of_full_path(self, variables, rest),
            None => resolve::of_path(self, variables, path_and_query),
        }
    }
}

/// What a JSON body is: nothing says it but itself.
pub(crate) fn infer(body: &[u8], recognises_json_patch: bool) -> Option<&'static str> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let is_operation = |one: &Value| one.get("op").is_some() && one.get("path").is_some();
    let is_patch =
        document.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(is_operation));
    Some(if is_patch && recognises_json_patch {
        "application/json-patch+json"
    } else {
        "application/json"
    })
}

/// The account's variables, with another account named instead where the caller names one.
fn variables<'h>(
    held: &'h Held,
    account: Option<&str>,
) -> Result<Cow<'h, BTreeMap<String, String>>> {
    let Some(name) = account else { return Ok(Cow::Borrowed(&held.variables)) };
    let account = held.provider.account.as_ref().filter(|account| !account.listed_only);
    let kind = account.ok_or_else(|| {
        let message = format!("{} has nothing to choose between.", held.provider.name);
        Error::invalid("no_accounts", message)
    })?;
    let mut variables = held.variables.clone();
    variables.insert(kind.variable.clone(), kind.read_name(name)?);
    Ok(Cow::Owned(variables))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_a_body_is_inferred_from_what_it_is() {
        assert_eq!(infer(br#"{"query":"x"}"#, true), Some("application/json"));
        assert_eq!(infer(b"plain text", true), None);
        let patch = br#"[{"op":"add","path":"/fields/System.Title","value":"x"}]"#;
        assert_eq!(infer(patch, true), Some("application/json-patch+json"));
        assert_eq!(infer(patch, false), Some("application/json"));
        assert_eq!(infer(b"[]", true), Some("application/json"));
    }
}
