//! Requests that workflows compose: rendered values in which secrets and tokens stand by name. The
//! plaintext takes its place here, at the last moment, and nothing that comes back tells it.
//!
//! Redirects are not followed: where a secret went must be what the workflow says. The answer's
//! `location` is there for a step of its own.

mod address;
mod answered;
mod body;
mod head;
mod multipart;
mod proof;
mod resolver;
mod veil;

use std::sync::Arc;

use base::{Error, ProjectId, Result};
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use serde::Deserialize;
use serde_json::{Map, Value};

pub use answered::{Answered, Content, INLINE_BYTES_MAX};
pub(crate) use proof::Granted;
pub use veil::Veil;

use crate::Connect;
use crate::held::Held;
use crate::outbound::fetch::BROKE_OFF;
use crate::outbound::{Authority, Body};
use crate::reference::{self, Reference};
use resolver::Resolver;

/// A rendered request. Any value in it may be or hold a reference.
#[derive(Clone, Debug, Deserialize)]
pub struct ComposedRequest {
    /// The method.
    #[serde(default)]
    pub method: Value,
    /// The whole address; with an account's authority, a path of its API or a whole address there.
    #[serde(alias = "path")]
    pub url: Value,
    /// Parameters of the query, added to those of the address. A list gives a name several times,
    /// null leaves it out.
    #[serde(default)]
    pub query: Map<String, Value>,
    /// Headers, in the same way.
    #[serde(default)]
    pub headers: Map<String, Value>,
    /// The body.
    #[serde(default)]
    pub body: Option<ComposedBody>,
    /// How the call proves who it is; an account's authority is proof enough.
    #[serde(default)]
    pub authorization: ComposedAuthorization,
}

/// A body, by its type.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", content = "content", rename_all = "snake_case")]
pub enum ComposedBody {
    /// A JSON document.
    Json(Value),
    /// An object of fields, as an HTML form sends them.
    Form(Value),
    /// An object of fields and files.
    Multipart(Value),
    /// XML.
    Xml(Value),
    /// Text as it is, or a file.
    Raw(Value),
}

/// How a call proves who it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ComposedAuthorization {
    /// It does not.
    #[default]
    None,
    /// A token.
    Bearer {
        /// The token.
        token: Value,
    },
    /// A name and a password (RFC 7617).
    Basic {
        /// The name.
        username: Value,
        /// The password.
        password: Value,
    },
    /// A token that is fetched for the call (RFC 6749, section 4.4), and kept until shortly before
    /// its end.
    ClientCredentials {
        /// Where tokens are given out.
        token_url: Value,
        /// Who asks.
        client_id: Value,
        /// How that is proven.
        client_secret: Value,
        /// What for.
        #[serde(default)]
        scope: Value,
    },
}

/// What references mean: secrets of a project, and the token of an account.
#[derive(Clone, Debug)]
pub struct Keyring {
    /// The project.
    pub project_id: ProjectId,
    /// The account; its token goes to its connector's hosts alone.
    pub account: Option<Arc<Held>>,
}

/// Whether a rendered request names the account's token.
pub fn names_token(rendered: &Value) -> bool {
    reference::references_in(rendered).iter().any(|one| matches!(one, Reference::Token { .. }))
}

/// A request in plaintext, on its way out.
struct Plain {
    request: Request<Body>,
    /// What the request log is told of its address, where that holds a secret.
    shown: Option<Uri>,
    /// Whether a token was fetched for it that may have been withdrawn.
    granted: Option<proof::Key>,
}

impl Plain {
    fn host(&self) -> String {
        self.request.uri().host().unwrap_or_default().to_owned()
    }
}

impl Connect {
    /// Sends a composed request and answers as the far side answered.
    ///
    /// # Errors
    /// Those of [`Connect::send`], of references that name nothing, and of values that cannot stand
    /// where they are. None holds a secret.
    pub async fn send_composed(
        &self,
        request: &ComposedRequest,
        authority: &Authority,
        keyring: &Keyring,
    ) -> Result<Answered> {
        proof::check(&request.authorization)?;
        let mut resolver = Resolver::load(self, request, keyring).await?;
        let sent = self.send_plain(request, authority, keyring, &mut resolver).await;
        let veil = resolver.into_veil();
        match sent {
            Ok((response, host)) => {
                let far_side = match authority {
                    Authority::Credential(held) => held.provider.name.clone(),
                    Authority::None => veil.hide(&host),
                };
                Ok(Answered { response, veil, far_side })
            }
            Err(error) => Err(veil.hide_in(error)),
        }
    }

    async fn send_plain(
        &self,
        request: &ComposedRequest,
        authority: &Authority,
        keyring: &Keyring,
        resolver: &mut Resolver,
    ) -> Result<(Response<Body>, String)> {
        let plain = self.compose(request, authority, keyring, resolver).await?;
        let (granted, host) = (plain.granted, plain.host());
        let is_safe = plain.request.method().is_safe();
        let response = match self.leave(plain, authority, keyring, resolver).await {
            // An idle connection that the far side closed while this call was put on it.
            Err(error) if error.code() == BROKE_OFF && is_safe => {
                let again = self.compose(request, authority, keyring, resolver).await?;
                self.leave(again, authority, keyring, resolver).await?
            }
            left => left?,
        };
        // A token that was fetched earlier may have been withdrawn: one more try with a new one.
        let Some(key) = granted.filter(|_| response.status() == StatusCode::UNAUTHORIZED) else {
            return Ok((response, host));
        };
        if !self.0.granted.forget(&key) {
            return Ok((response, host));
        }
        let plain = self.compose(request, authority, keyring, resolver).await?;
        Ok((self.leave(plain, authority, keyring, resolver).await?, host))
    }

    async fn compose(
        &self,
        request: &ComposedRequest,
        authority: &Authority,
        keyring: &Keyring,
        resolver: &mut Resolver,
    ) -> Result<Plain> {
        let (uri, shown) = match authority {
            Authority::Credential(held) => address::of_account(held, request, resolver)?,
            Authority::None => (address::of_world(request, resolver)?, None),
        };
        let encoded = body::encode(self, keyring.project_id, request, resolver).await?;
        let mut headers = head::headers(request, authority, resolver)?;
        head::complete(&mut headers, &encoded, authority)?;
        let mut granted = None;
        if matches!(authority, Authority::None) {
            let proof = self.proof(keyring.project_id, &request.authorization, resolver).await?;
            granted = proof.granted;
            if let Some(value) = proof.value {
                headers.insert(AUTHORIZATION, value);
            }
        }
        let mut plain = Request::new(encoded.into_body());
        *plain.method_mut() = method(&request.method)?;
        *plain.uri_mut() = uri;
        *plain.headers_mut() = headers;
        Ok(Plain { request: plain, shown, granted })
    }

    async fn leave(
        &self,
        plain: Plain,
        authority: &Authority,
        keyring: &Keyring,
        resolver: &Resolver,
    ) -> Result<Response<Body>> {
        match (authority, &keyring.account) {
            (Authority::Credential(held), _) => {
                self.send_shown(plain.request, held, plain.shown.as_ref()).await
            }
            (Authority::None, Some(account)) if resolver.used_token() => {
                self.send_with_token(plain.request, account).await
            }
            (Authority::None, _) => self.send_plainly(plain.request).await,
        }
    }
}

fn method(name: &Value) -> Result<Method> {
    match name {
        Value::Null => Ok(Method::GET),
        name => name.as_str().and_then(|name| name.parse().ok()).ok_or_else(|| {
            Error::invalid("invalid_method", "The method is none that a request can have.")
        }),
    }
}

/// A header's value that prints as "Sensitive".
fn sensitive(text: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
        let message = "The authorization holds characters that no header can have.";
        Error::invalid("invalid_authorization", message)
    })?;
    value.set_sensitive(true);
    Ok(value)
}
