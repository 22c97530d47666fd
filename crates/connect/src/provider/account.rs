//! How an account is connected and what is asked about it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Placement;

/// A way to connect.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountType {
    /// `default`, `pat`: what the SDK passes back.
    pub id: String,
    /// How calls prove who they are.
    pub scheme: Scheme,
    /// One sentence for whoever connects.
    pub description: String,
    /// What the person types; empty where they sign in.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// Where its calls carry what proves who they are; without it, tokens are sent as bearer
    /// tokens.
    pub authorization: Option<Placement>,
    /// The fields of client id and secret, where the person brings an app of their own instead of
    /// using the integration's.
    pub client: Option<ClientFields>,
    /// What an app that signs in as itself asks for, where that is not the integration's scopes.
    pub app_scopes: Option<Vec<String>>,
    /// Whether only the host developer's program connects it, never an end user: it acts as the
    /// host's own app.
    #[serde(default)]
    pub managed: bool,
}

/// Which fields hold the client id and secret of the person's own app.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientFields {
    /// The field of the client id.
    pub id: String,
    /// The field of the client secret.
    pub secret: String,
}

/// How calls prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// The person signs in; calls carry a token.
    Oauth,
    /// The person types what calls carry: a password, an API key.
    Basic,
    /// An app signs in as itself; calls carry a token.
    OauthClientCredential,
}

impl Scheme {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Oauth => "oauth",
            Self::Basic => "basic",
            Self::OauthClientCredential => "oauth_client_credential",
        }
    }
}

/// One thing the person types.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its key; a text field becomes an account variable of this name.
    pub id: String,
    /// What the form calls it.
    pub label: String,
    /// A sentence under it.
    #[serde(default)]
    pub hint: String,
    /// Whether it is shown or hidden, kept in the open or sealed.
    pub kind: FieldKind,
    /// Whether it may be left out.
    #[serde(default)]
    pub required: bool,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// Something everybody may see.
    Text,
    /// A secret.
    Password,
}

/// What one account is, where signing in alone does not say it: an organization, a site, a shop.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The variable that holds its name in addresses: `organization`.
    pub variable: String,
    /// What people call it.
    pub label: String,
    /// Its plural.
    pub label_plural: String,
    /// The forms in which people paste it, `https://dev.azure.com/{value}`; a bare name works too.
    #[serde(default)]
    pub forms: Vec<String>,
    /// The longest name.
    pub length_max: usize,
    /// What may stand in a name besides letters and digits.
    #[serde(default)]
    pub symbols: String,
    /// Whether only an account that the provider lists can be used, because its name alone leads
    /// nowhere.
    #[serde(default)]
    pub listed_only: bool,
    /// The header of a refusal that names the tenant the account belongs to.
    pub tenant_header: Option<String>,
    /// The sign-in parameter that names a tenant, where a refresh token is good in every tenant
    /// that admits the person.
    pub tenant_parameter: Option<String>,
}

/// The request that tells whether a credential works; it judges doubtful answers and pasted tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// Address, with account variables.
    pub url: String,
    /// JSON pointer of who is signed in; without it the answer proves nothing.
    pub id: String,
    /// JSON pointer of their name.
    pub name: Option<String>,
    /// JSON pointer of their mail address.
    pub email: Option<String>,
    /// A JSON document to post; without one it is a GET.
    pub json: Option<String>,
    /// Ids that stand for nobody.
    #[serde(default)]
    pub anonymous_ids: Vec<String>,
    /// What a person reads when it refuses: `{account}` stands for the account's name.
    pub refused: String,
    /// What a person reads when there is no such account, where that can be told from a refusal.
    pub missing: Option<String>,
}

/// What is asked after signing in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discovery {
    /// Who signed in.
    pub profile: ProfileRequest,
    /// Which accounts they have.
    pub accounts: Option<Listing>,
    /// The scope it needs; an account without it is asked nothing more and named by the person.
    pub scope: Option<String>,
    /// What a person reads when the provider knows them and lets them do nothing.
    pub refused: String,
}

/// Asks who signed in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileRequest {
    /// Address.
    pub url: String,
    /// JSON pointer of their id; other requests use it as `{member}`.
    pub id: String,
    /// JSON pointer of their name.
    pub name: Option<String>,
    /// JSON pointer of their mail address.
    pub email: Option<String>,
}

/// Asks which accounts a person has.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// Address, with `{member}`.
    pub url: String,
    /// JSON pointer of the list.
    pub list: String,
    /// JSON pointer, inside an entry, of the name that goes into addresses.
    pub name: String,
    /// JSON pointer, inside an entry, of its id.
    pub id: String,
    /// More of an entry that addresses need: account variables by their JSON pointers.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
}
