//! Everything that can be wrong with a `connector.toml` beyond its shape.

use std::collections::BTreeSet;

use super::{FieldKind, Provider, Scheme, template};

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
        if !self.slug.chars().all(plain) || self.slug.is_empty() || self.slug.contains("proxy") {
            problems.push(format!(
                "the folder \"{}\" must be lower-case letters and digits, without \"proxy\"",
                self.slug
            ));
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
            if kind.scheme == Scheme::Oauth && self.oauth.is_none() {
                problems.push(format!("account type \"{}\" needs [oauth]", kind.id));
            }
            if kind.scheme == Scheme::Basic && kind.basic.is_none() {
                problems.push(format!("account type \"{}\" needs its basic", kind.id));
            }
            if kind.scheme == Scheme::Basic && self.verification.is_none() {
                problems.push(format!("account type \"{}\" needs [verification]", kind.id));
            }
            if let Some(basic) = &kind.basic {
                let used = template::names(&basic.username).chain(template::names(&basic.password));
                for name in used.filter(|name| !kind.fields.iter().any(|f| f.id == *name)) {
                    problems.push(format!("account type \"{}\" has no field \"{name}\"", kind.id));
                }
            }
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
                let https = origin.starts_with("https://") || profile.local;
                let bare = url::Url::parse(origin).is_ok_and(|url| url.path() == "/")
                    && !origin.ends_with('/');
                if !https || !bare {
                    problems.push(format!("profile \"{name}\": \"{origin}\" is no https origin"));
                }
            }
        }
    }

    fn check_addresses(&self, problems: &mut Vec<String>) {
        let mut known: BTreeSet<&str> = self.account.iter().map(|a| a.variable.as_str()).collect();
        for kind in &self.account_types {
            let texts = kind.fields.iter().filter(|field| field.kind == FieldKind::Text);
            known.extend(texts.map(|field| field.id.as_str()));
        }
        let areas = self.proxy.areas.iter();
        let prefixes = areas.flat_map(|area| area.prefix.iter().chain(&area.bare_prefix));
        let prefixes = prefixes.chain([&self.proxy.prefix, &self.proxy.bare_prefix]);
        let verification = self.verification.iter().map(|verification| &verification.url);
        for template in prefixes.chain(verification) {
            for name in template::names(template).filter(|name| !known.contains(name)) {
                problems.push(format!("\"{template}\" names \"{name}\", which no account has"));
            }
        }
        let discovery = self.discovery.iter();
        let asked =
            discovery.flat_map(|d| d.accounts.iter().map(|a| &a.url).chain([&d.profile.url]));
        for address in asked.chain(self.verification.iter().map(|v| &v.url)) {
            let host = address.strip_prefix("https://").and_then(|rest| rest.split('/').next());
            if !host.is_some_and(|host| self.proxy.allows_host(host)) {
                problems.push(format!("\"{address}\" is at none of the hosts in [proxy]"));
            }
        }
        if self.discovery.as_ref().is_some_and(|d| d.accounts.is_some()) && self.account.is_none() {
            problems.push("[discovery.accounts] needs [account]".to_owned());
        }
        if let Some(oauth) = &self.oauth {
            for path in [&oauth.authorize_path, &oauth.token_path] {
                for name in template::names(path).filter(|n| !oauth.parameters.contains_key(*n)) {
                    problems.push(format!("\"{path}\" names \"{name}\", not in oauth.parameters"));
                }
            }
        }
    }
}
