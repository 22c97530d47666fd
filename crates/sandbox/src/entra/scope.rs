//! What an application asks for: reads the `scope` parameter by the service's rules.

use crate::directory::ClientApp;
use crate::entra::error::EntraError;
use crate::entra::scope_catalog::{AZURE_DEVOPS_SCOPES, GRAPH_SCOPES, OPEN_ID_SCOPES};
use crate::entra::{AZURE_DEVOPS, AZURE_DEVOPS_URI};

/// Microsoft Graph as a resource: the one meant when a scope names none.
pub(crate) const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
const GRAPH_URI: &str = "https://graph.microsoft.com";
/// "Everything the application is registered for."
const DEFAULT: &str = ".default";

/// One scope of a resource, split where the service splits it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ResourceScope {
    /// The resource's id or address with its slash, as the client wrote it; Graph may have none.
    prefix: String,
    name: String,
}

/// A scope parameter that has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scopes {
    open_id: Vec<String>,
    devops: Vec<ResourceScope>,
    graph: Vec<ResourceScope>,
}

impl Scopes {
    /// Reads the parameter.
    pub(crate) fn parse(text: &str, app: &ClientApp) -> Result<Self, EntraError> {
        let mut scopes = Self::default();
        for word in text.split_ascii_whitespace() {
            if named(&OPEN_ID_SCOPES, word) {
                scopes.open_id.push(word.to_owned());
            } else {
                scopes.read_resource_scope(word, app)?;
            }
        }
        let devops = &scopes.devops;
        if devops.len() > 1 && devops.iter().any(|scope| scope.name == DEFAULT) {
            let text = format!(
                "The provided value for the input parameter 'scope' is not valid. The scope {text} \
                 is not valid. .default scope can't be combined with resource-specific scopes."
            );
            return Err(EntraError::new("invalid_scope", 70_011, text));
        }
        if scopes == Self::default() {
            let text = "The provided value for the input parameter 'scope' cannot be empty.";
            return Err(EntraError::new("invalid_request", 28_003, text));
        }
        Ok(scopes)
    }

    fn read_resource_scope(&mut self, word: &str, app: &ClientApp) -> Result<(), EntraError> {
        let (prefix, name) = match word.rfind('/') {
            Some(slash) => word.split_at(slash + 1),
            None => ("", word),
        };
        let resource = prefix.trim_end_matches('/');
        let scope = ResourceScope { prefix: prefix.to_owned(), name: name.to_owned() };
        let (list, known): (&mut Vec<_>, &[(&str, &str)]) = match resource {
            AZURE_DEVOPS | AZURE_DEVOPS_URI => (&mut self.devops, &AZURE_DEVOPS_SCOPES),
            "" | GRAPH | GRAPH_URI => (&mut self.graph, &GRAPH_SCOPES),
            _ => {
                let text = format!(
                    "The resource principal named {resource} was not found in the tenant. This can \
                     happen if the application has not been installed by the administrator of the \
                     tenant or consented to by any user in the tenant."
                );
                return Err(EntraError::new("invalid_resource", 500_011, text));
            }
        };
        if name != DEFAULT && !named(known, name) {
            let text = format!(
                "The application '{}' asked for scope '{name}' that doesn't exist on the resource \
                 '{}'. Contact the app vendor.",
                app.name,
                if resource.is_empty() { GRAPH } else { resource }
            );
            return Err(EntraError::new("invalid_client", 650_053, text));
        }
        list.push(scope);
        Ok(())
    }

    /// Refuses scopes of two resources, which one access token cannot be for.
    pub(crate) fn of_one_resource(self) -> Result<Self, EntraError> {
        if self.devops.is_empty() || self.graph.is_empty() {
            return Ok(self);
        }
        let text = "Provided value for the input parameter scope is not valid because it contains \
                    more than one resource.";
        Err(EntraError::new("invalid_request", 28_000, text))
    }

    /// Whether it asks for exactly one resource's `.default`, as an application acting for itself
    /// must.
    pub(crate) fn is_default_of_azure_devops(&self) -> bool {
        self.open_id.is_empty()
            && self.graph.is_empty()
            && matches!(self.devops.as_slice(), [scope] if scope.name == DEFAULT)
    }

    pub(crate) fn asks_for_azure_devops(&self) -> bool {
        !self.devops.is_empty()
    }

    /// The resource the access token is for.
    pub(crate) fn audience(&self) -> &'static str {
        match self.devops.first() {
            Some(scope) if scope.prefix.starts_with(AZURE_DEVOPS_URI) => AZURE_DEVOPS_URI,
            Some(_) => AZURE_DEVOPS,
            None => GRAPH,
        }
    }

    /// Whether one of `openid`, `profile`, `email`, `offline_access` is among them.
    pub(crate) fn has(&self, open_id_scope: &str) -> bool {
        self.open_id.iter().any(|scope| scope == open_id_scope)
    }

    /// The same, and a refresh token with it.
    pub(crate) fn with_offline_access(mut self) -> Self {
        if !self.has("offline_access") {
            self.open_id.push("offline_access".to_owned());
        }
        self
    }

    /// What has to be consented to, by bare names.
    pub(crate) fn to_consent(&self, app: &ClientApp) -> Vec<String> {
        self.open_id.iter().cloned().chain(self.permissions(app)).collect()
    }

    /// The permissions of the resource, by bare names: what the token's `scp` says.
    pub(crate) fn permissions(&self, app: &ClientApp) -> Vec<String> {
        let mut names = Vec::new();
        for scope in self.devops.iter().chain(&self.graph) {
            if scope.name == DEFAULT {
                names.extend(app.permissions.iter().cloned());
            } else {
                names.push(scope.name.clone());
            }
        }
        names
    }

    /// What the token answer says was granted: full names.
    pub(crate) fn granted(&self, app: &ClientApp) -> String {
        let resource = if self.devops.is_empty() { &self.graph } else { &self.devops };
        let mut names = Vec::new();
        for ResourceScope { prefix, name } in resource {
            if name == DEFAULT {
                names.extend(app.permissions.iter().map(|name| format!("{prefix}{name}")));
            }
            names.push(format!("{prefix}{name}"));
        }
        if self.devops.is_empty() {
            names.splice(
                0..0,
                self.open_id.iter().filter(|name| *name != "offline_access").cloned(),
            );
        }
        names.join(" ")
    }
}

/// What the consent page says of a permission.
pub(crate) fn in_words(name: &str) -> &str {
    let mut all = OPEN_ID_SCOPES.iter().chain(&GRAPH_SCOPES).chain(&AZURE_DEVOPS_SCOPES);
    all.find(|(one, _)| *one == name).map_or(name, |(_, words)| words)
}

fn named(known: &[(&str, &str)], name: &str) -> bool {
    known.iter().any(|(one, _)| *one == name)
}
