//! Everything that can be wrong with a `connector.toml` beyond its shape.

use std::collections::BTreeSet;

use super::proxy::parts;
use super::{AccountType, CUSTOM, FieldKind, Provider, Scheme, template};

impl Provider {
    /// One sentence per problem.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        self.check_slug(&mut problems);
        self.check_account_types(&mut problems);
        self.check_scopes(&mut problems);
        self.check_origins(&mut problems);
        self.check_addresses(&mut problems);
        problems
    }

    fn check_slug(&self, problems: &mut Vec<String>) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        // The vendor's SDK takes any address with these letters for a pass-through call.
        let folder = self.slug.strip_prefix(CUSTOM).unwrap_or(&self.slug);
        if !folder.chars().all(plain) || folder.is_empty() || folder.contains("proxy") {
            problems.push(format!(
                "the folder \"{folder}\" must be lower-case letters and digits, without \"proxy\""
            ));
        }
        if self.is_custom() && folder != bare(&self.name) {
            problems.push(format!(
                "the folder of \"{}\" must be named \"{}\"",
                self.name,
                bare(&self.name)
            ));
        }
        if self.proxy.plain_http && !self.is_custom() {
            problems.push("plain_http is for connectors of an operator's own".to_owned());
        }
        let hex = self.brand_color.strip_prefix('#').unwrap_or_default();
        if hex.len() != 6 || !hex.chars().all(|c| c.is_ascii_hexdigit()) {
            problems.push("brand_color must be #rrggbb".to_owned());
        }
    }

    fn check_account_types(&self, problems: &mut Vec<String>) {
        if self.account_types.is_empty() {
            problems.push("there must be at least one [[account_types]]".to_owned());
        }
        let mut ids = BTreeSet::new();
        for kind in &self.account_types {
            if !ids.insert(&kind.id) {
                problems.push(format!("account type \"{}\" is there twice", kind.id));
            }
            self.check_account_type(kind, problems);
        }
    }

    fn check_account_type(&self, kind: &AccountType, problems: &mut Vec<String>) {
        let mut wrong =
            |what: String| problems.push(format!("account type \"{}\" {what}", kind.id));
        let tokens = kind.scheme != Scheme::Basic;
        if tokens && self.oauth.is_none() {
            wrong("needs [oauth]".to_owned());
        }
        if !tokens && kind.authorization.is_none() {
            wrong("needs its authorization".to_owned());
        }
        if !tokens && self.verification.is_none() {
            wrong("needs [verification]".to_owned());
        }
        let has = |name: &str| kind.fields.iter().any(|field| field.id == name);
        if let Some(authorization) = &kind.authorization {
            if !authorization.is_sound() {
                wrong("names no header or parameter in its authorization".to_owned());
            }
            let known = |name: &&str| has(name) || (tokens && *name == "access_token");
            for name in authorization.names().filter(|name| !known(name)) {
                wrong(format!("has no field \"{name}\""));
            }
        }
        let client = kind.client.iter().flat_map(|client| [&client.id, &client.secret]);
        for name in client.clone().filter(|name| !has(name)) {
            wrong(format!("has no field \"{name}\""));
        }
        if kind.scheme == Scheme::Oauth {
            let parameters = self.oauth.iter().flat_map(|oauth| oauth.parameters.keys());
            let asked: BTreeSet<&String> = parameters.chain(client).collect();
            for field in kind.fields.iter().filter(|field| !asked.contains(&field.id)) {
                wrong(format!("asks for \"{}\", which signing in does not use", field.id));
            }
        }
        for field in kind.fields.iter().filter(|field| field.label.trim().is_empty()) {
            wrong(format!("has a field \"{}\" without a label", field.id));
        }
    }

    fn check_scopes(&self, problems: &mut Vec<String>) {
        let mut ids = BTreeSet::new();
        for scope in &self.scopes {
            if !ids.insert(scope.id.as_str()) {
                problems.push(format!("scope \"{}\" is there twice", scope.id));
            }
            if scope.reason.trim().is_empty() {
                problems.push(format!("scope \"{}\" has no reason", scope.id));
            }
        }
        for scope in &self.scopes {
            for implied in scope.implies.iter().filter(|id| !ids.contains(id.as_str())) {
                problems.push(format!("scope \"{}\" implies unknown \"{implied}\"", scope.id));
            }
        }
    }

    fn check_origins(&self, problems: &mut Vec<String>) {
        if self.profiles.is_empty() {
            problems.push("there must be at least one [profiles.name]".to_owned());
        }
        for (name, profile) in &self.profiles {
            for origin in [&profile.authorize_origin, &profile.token_origin] {
                let tls = origin.starts_with("https://") || profile.local || self.proxy.plain_http;
                let shown = template::fill(origin, |_| Some("x".to_owned())).unwrap_or_default();
                let bare = url::Url::parse(&shown).is_ok_and(|url| url.path() == "/")
                    && !shown.ends_with('/');
                if !tls || !bare {
                    problems.push(format!("profile \"{name}\": \"{origin}\" is no https origin"));
                }
                // The app's secret goes there.
                let fixed = origin.rsplit_once('}').is_none_or(|(_, domain)| {
                    domain.starts_with('.') && domain.trim_matches('.').contains('.')
                });
                if !fixed {
                    problems.push(format!(
                        "profile \"{name}\": \"{origin}\" lets whoever connects choose the host"
                    ));
                }
                self.check_parameters(origin, problems);
            }
        }
    }

    fn check_parameters(&self, text: &str, problems: &mut Vec<String>) {
        let known = |name: &&str| {
            self.oauth.as_ref().is_some_and(|oauth| oauth.parameters.contains_key(*name))
        };
        for name in template::names(text).filter(|name| !known(name)) {
            problems.push(format!("\"{text}\" names \"{name}\", not in oauth.parameters"));
        }
    }

    /// Every variable that an account can have.
    fn variables(&self) -> BTreeSet<&str> {
        let mut known: BTreeSet<&str> = self.account.iter().map(|a| a.variable.as_str()).collect();
        for kind in &self.account_types {
            let texts = kind.fields.iter().filter(|field| field.kind == FieldKind::Text);
            known.extend(texts.map(|field| field.id.as_str()));
        }
        if let Some(oauth) = &self.oauth {
            known.extend(oauth.parameters.keys().map(String::as_str));
            known.extend(oauth.token_answer.variables.keys().map(String::as_str));
        }
        let listing = self.discovery.iter().filter_map(|d| d.accounts.as_ref());
        known.extend(listing.flat_map(|listing| listing.variables.keys().map(String::as_str)));
        known
    }

    fn check_addresses(&self, problems: &mut Vec<String>) {
        let known = self.variables();
        let areas = self.proxy.areas.iter();
        let prefixes = areas.flat_map(|area| area.prefix.iter().chain(&area.bare_prefix));
        let places =
            prefixes.chain([&self.proxy.prefix, &self.proxy.bare_prefix, &self.proxy.default_host]);
        let verification = self.verification.iter().map(|verification| &verification.url);
        for template in places.chain(verification.clone()) {
            for name in template::names(template).filter(|name| !known.contains(name)) {
                problems.push(format!("\"{template}\" names \"{name}\", which no account has"));
            }
        }
        if self.proxy.default_host.contains('{') && self.proxy.account_hosts.is_empty() {
            problems.push("a default_host with variables needs account_hosts".to_owned());
        }
        let discovery = self.discovery.iter();
        let asked =
            discovery.flat_map(|d| d.accounts.iter().map(|a| &a.url).chain([&d.profile.url]));
        for address in asked.chain(verification) {
            let (scheme, host, _) = parts(address);
            let own = host == self.proxy.default_host || self.proxy.is_fixed_host(host);
            if scheme.trim_end_matches("://") != self.proxy.scheme() || !own {
                problems.push(format!("\"{address}\" is at none of the hosts in [proxy]"));
            }
        }
        if self.discovery.as_ref().is_some_and(|d| d.accounts.is_some()) && self.account.is_none() {
            problems.push("[discovery.accounts] needs [account]".to_owned());
        }
        if let Some(oauth) = &self.oauth {
            self.check_parameters(&oauth.authorize_path, problems);
            self.check_parameters(&oauth.token_path, problems);
        }
    }

    /// What an operator must still allow, where calls go without TLS: hosts and addresses that
    /// `allow` (the setting `outbound.allow`) does not name.
    pub fn unlisted_plain_hosts(&self, allow: &[String]) -> Vec<String> {
        if !self.proxy.plain_http {
            return Vec::new();
        }
        let profiles = self.profiles.values();
        let origins = profiles.flat_map(|p| [&p.authorize_origin, &p.token_origin]);
        let hosts = origins.map(|origin| parts(origin).1).chain(
            [self.proxy.default_host.as_str()]
                .into_iter()
                .chain(self.proxy.areas.iter().map(|area| area.host.as_str()))
                .chain(self.proxy.hosts.iter().map(String::as_str)),
        );
        let bare = |host: &str| host.rsplit_once(':').map_or(host, |(name, _)| name).to_owned();
        let hosts: BTreeSet<String> = hosts.map(bare).collect();
        hosts.into_iter().filter(|host| !allow.contains(host)).collect()
    }
}

/// A name as the vendor's SDK makes a slug of it.
fn bare(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}
