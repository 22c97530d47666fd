//! What forms are filled from: the projects, types, fields and people of an account, read when a
//! form is drawn and kept for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::{Clock, ConnectedUserId, CredentialId, Error, Result, Timestamp};
use serde_json::{Value, json};

use crate::action::{Answering, Inputs};
use crate::context::ActionContext;
use crate::descriptor::{self, Choice, Field};

/// The most values that a source tells.
pub const RECORDS_MAX: usize = 10_000;
/// How many values one page has.
pub const PAGE_RECORDS: usize = 100;

/// Reads all that a source tells for these inputs.
pub type Load = for<'c> fn(&'c ActionContext, &'c Inputs) -> Answering<'c, Loaded>;

/// A loader.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its key, by which fields and clients name it.
    pub key: &'static str,
    /// What people read.
    pub title: &'static str,
    /// The inputs it cannot do without.
    pub needs: &'static [&'static str],
    /// Other inputs it reads.
    pub uses: &'static [&'static str],
    /// How long what it told is kept.
    pub life: Duration,
    /// What reads it.
    pub load: Load,
}

/// What is asked of a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// The inputs that are filled in already.
    pub inputs: Inputs,
    /// What the person typed to find a value.
    pub search: Option<String>,
    /// Which page.
    pub cursor: Option<String>,
}

/// All that a source told.
#[derive(Clone, Debug, PartialEq)]
pub enum Loaded {
    /// Values to choose from.
    Options(Vec<Choice>),
    /// Inputs to fill in.
    Fields(Vec<Field>),
}

/// What was asked for of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// Values to choose from.
    Options {
        /// The values.
        records: Vec<Choice>,
        /// The cursor of the next page.
        next: Option<String>,
    },
    /// Inputs to fill in.
    Fields(Vec<Field>),
}

impl Page {
    /// As the vendor's SDK reads it: `{records, nextPageCursor}`.
    pub fn output(&self) -> Value {
        match self {
            Self::Options { records, next } => json!({
                "records": records.iter().map(descriptor::choice).collect::<Vec<_>>(),
                "nextPageCursor": next,
            }),
            Self::Fields(fields) => json!({
                "records": descriptor::form(fields),
                "nextPageCursor": null,
            }),
        }
    }
}

/// What sources told, kept for each account.
pub struct SourceCache {
    clock: Clock,
    answers_max: usize,
    generations: Mutex<Generations>,
}

/// What is not asked for while the younger fills up is dropped with the older.
#[derive(Default)]
struct Generations {
    young: HashMap<Key, Kept>,
    old: HashMap<Key, Kept>,
    /// Counts what made answers wrong: one that was asked for before is not kept.
    forgotten: u64,
}

/// Credential, source, and the inputs it reads, as JSON.
type Key = (CredentialId, &'static str, String);

#[derive(Clone)]
struct Kept {
    until: Timestamp,
    user_id: ConnectedUserId,
    loaded: Arc<Loaded>,
}

impl SourceCache {
    /// Keeps up to `answers_max` answers.
    pub fn new(clock: Clock, answers_max: usize) -> Self {
        Self { clock, answers_max, generations: Mutex::default() }
    }

    /// What the source tells, from memory while that is good.
    ///
    /// # Errors
    /// `input_missing` when it needs an input that is not filled in; what the provider refused, or
    /// why it could not be asked.
    pub async fn load(
        &self,
        context: &ActionContext,
        source: &Source,
        query: &Query,
    ) -> Result<Page> {
        let inputs = read_inputs(source, &query.inputs)?;
        let asked = Value::Object(inputs.clone()).to_string();
        let key = (context.held().id, source.key, asked);
        let now = self.clock.now();
        let loaded = match self.get(&key, now) {
            Some(loaded) => loaded,
            None => {
                let forgotten = self.lock().forgotten;
                let loaded = Arc::new((source.load)(context, &inputs).await?);
                let (until, user_id) = (now + source.life, context.held().user_id);
                let kept = Kept { until, user_id, loaded: Arc::clone(&loaded) };
                self.put(key, kept, forgotten);
                loaded
            }
        };
        Ok(match &*loaded {
            Loaded::Fields(fields) => Page::Fields(fields.clone()),
            Loaded::Options(records) => page(records, query),
        })
    }

    /// Forgets what the accounts of a user told: one of them has changed, and may lead elsewhere now.
    /// Without a user, what all told.
    pub fn forget(&self, user_id: Option<ConnectedUserId>) {
        let mut known = self.lock();
        let is_other = |kept: &Kept| user_id.is_some_and(|id| kept.user_id != id);
        known.young.retain(|_, kept| is_other(kept));
        known.old.retain(|_, kept| is_other(kept));
        known.forgotten += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, key: &Key, now: Timestamp) -> Option<Arc<Loaded>> {
        let mut known = self.lock();
        let kept = match known.young.get(key) {
            Some(kept) => kept.clone(),
            None => known.old.remove(key)?,
        };
        if kept.until <= now {
            return None;
        }
        let loaded = Arc::clone(&kept.loaded);
        known.young.entry(key.clone()).or_insert(kept);
        Some(loaded)
    }

    fn put(&self, key: Key, kept: Kept, forgotten: u64) {
        let mut known = self.lock();
        if known.forgotten != forgotten {
            return;
        }
        if known.young.len() >= self.answers_max / 2 {
            known.old = std::mem::take(&mut known.young);
        }
        known.young.insert(key, kept);
    }
}

/// The inputs that the source reads.
fn read_inputs(source: &Source, inputs: &Inputs) -> Result<Inputs> {
    let filled = |name: &str| inputs.get(name).filter(|value| value.as_str() != Some(""));
    let filled = |name: &str| filled(name).filter(|value| !value.is_null());
    let missing: Vec<&str> =
        source.needs.iter().copied().filter(|name| filled(name).is_none()).collect();
    if !missing.is_empty() {
        let message = format!(
            "To list {} fill in {} first.",
            source.title.to_lowercase(),
            missing.join(" and ")
        );
        return Err(Error::invalid("input_missing", message)
            .with_meta(json!({ "isIntegrationError": true, "missing": missing })));
    }
    let read = source.needs.iter().chain(source.uses);
    Ok(read.filter_map(|name| Some(((*name).to_owned(), filled(name)?.clone()))).collect())
}

/// The values in which the text occurs, page by page.
fn page(records: &[Choice], query: &Query) -> Page {
    let wanted = query.search.as_deref().unwrap_or_default().trim().to_lowercase();
    let holds = |text: &str| text.to_lowercase().contains(&wanted);
    let matches = |record: &&Choice| {
        holds(&record.label)
            || holds(&record.value)
            || record.subtitle.as_deref().is_some_and(holds)
    };
    let start = query.cursor.as_deref().and_then(|cursor| cursor.parse().ok()).unwrap_or(0_usize);
    let mut rest = records.iter().filter(matches).skip(start);
    let records: Vec<Choice> = rest.by_ref().take(PAGE_RECORDS).cloned().collect();
    let next = rest.next().map(|_| (start + PAGE_RECORDS).to_string());
    Page::Options { records, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_searched_and_paged() {
        let records: Vec<Choice> =
            (0..250).map(|n| Choice::new(n.to_string(), format!("Item {n}"))).collect();
        let ask = |search: &str, cursor: &str| {
            let query = Query {
                search: Some(search.to_owned()),
                cursor: Some(cursor.to_owned()),
                ..Query::default()
            };
            let Page::Options { records, next } = page(&records, &query) else { unreachable!() };
            (records.len(), records.first().map(|one| one.value.clone()), next)
        };
        assert_eq!(ask("", "0"), (100, Some("0".to_owned()), Some("100".to_owned())));
        assert_eq!(ask("item", "200"), (50, Some("200".to_owned()), None));
        assert_eq!(ask("ITEM 24", "0"), (11, Some("24".to_owned()), None));
        assert_eq!(ask("x", ""), (0, None, None));
    }
}
