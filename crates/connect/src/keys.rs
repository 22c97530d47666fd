//! What an operator does with master keys, beside running servers.
//!
//! A rotation puts a new key into the key file, then wraps every project's data key anew, each by
//! comparing with what was read. Servers read the file again when they meet a key they do not
//! know. What changes the file, and what wraps a new project's key, waits for the other by the
//! store's [`store::changes::hold`]: a key that is retired here wraps nothing, now or later.

mod abandon;
mod data;

use std::collections::BTreeMap;

use base::{Error, ErrorKind, ProjectId, Random, Result};
use store::{Connection, Store, changes, projects};

use crate::vault::{self, KeyId, MasterKeys};

pub use abandon::{Abandoned, abandon};
pub use data::{DataRotation, finish_data_keys, rotate_data_keys};

/// How many data keys are wrapped anew in one transaction, so that a writing server waits shortly.
const BATCH_PROJECTS: u32 = 100;

/// One master key and what it is used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// Its id.
    pub id: KeyId,
    /// What it is to this installation.
    pub standing: Standing,
    /// How many projects' data keys it wraps.
    pub projects: u64,
}

/// What a key is to an installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It wraps the data keys of new projects.
    Current,
    /// It only opens what it wrapped before.
    Older,
    /// Projects want it, and it is not there.
    Missing,
}

impl KeyUse {
    /// Whether it may be thrown away.
    pub fn can_be_retired(&self) -> bool {
        self.standing == Standing::Older && self.projects == 0
    }
}

/// What a rotation has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The new key; none when this went on with a rotation that had not come to its end.
    pub added: Option<KeyId>,
    /// How many projects' data keys were wrapped anew.
    pub rewrapped: u64,
    /// Projects whose data key does not open though its master key is there: their rows were
    /// damaged.
    pub damaged: Vec<ProjectId>,
}

/// Every key there is or should be: the current one, the older ones, then the missing ones.
///
/// # Errors
/// When the key file or the database cannot be read.
pub async fn status(store: &Store, keys: &MasterKeys) -> Result<Vec<KeyUse>> {
    uses(&mut *store.read().await?, &keys.reread()?).await
}

/// How many projects keep an older data key beside the current one.
///
/// # Errors
/// When the database cannot be read.
pub async fn count_older_data_keys(store: &Store) -> Result<u64> {
    let (mut count, mut after) = (0, None);
    let mut conn = store.read().await?;
    loop {
        let batch = projects::list_long_data_keys(
            &mut conn,
            vault::WRAPPED_KEY_BYTES,
            after,
            BATCH_PROJECTS,
        );
        let batch = batch.await?;
        let Some(last) = batch.last() else { return Ok(count) };
        after = Some(*last);
        count += batch.len() as u64;
    }
}

/// Adds a new master key and wraps every project's data key with it. Where some are still wrapped
/// by an older key, the rotation before was stopped or the new key was put in by hand: then no key
/// is added.
///
/// # Errors
/// When the keys are not in a file or it cannot be changed; nothing has changed then. Stopped in
/// the middle, it goes on when it is called again.
pub async fn rotate(store: &Store, keys: &MasterKeys, random: &Random) -> Result<Rotation> {
    let (keys, added) = begin_rotation(store, keys, random).await?;
    let mut rotation = Rotation { added, rewrapped: 0, damaged: Vec::new() };
    let mut after = None;
    loop {
        let mut conn = store.read().await?;
        let batch = projects::list_data_keys(&mut conn, after, BATCH_PROJECTS).await?;
        drop(conn);
        let Some((last, _)) = batch.last() else { return Ok(rotation) };
        after = Some(*last);
        rewrap(store, &keys, random, &batch, &mut rotation).await?;
    }
}

async fn begin_rotation(
    store: &Store,
    keys: &MasterKeys,
    random: &Random,
) -> Result<(MasterKeys, Option<KeyId>)> {
    let mut tx = store.begin().await?;
    changes::hold(&mut tx).await?;
    let keys = keys.reread()?;
    let found = uses(&mut tx, &keys).await?;
    if found.iter().any(|one| one.standing == Standing::Older && one.projects > 0) {
        return Ok((keys, None));
    }
    let keys = keys.add(random)?;
    let id = keys.current_id();
    Ok((keys, Some(id)))
}

async fn rewrap(
    store: &Store,
    keys: &MasterKeys,
    random: &Random,
    batch: &[(ProjectId, Vec<u8>)],
    rotation: &mut Rotation,
) -> Result<()> {
    let mut tx = store.begin().await?;
    for (project_id, wrapped) in batch {
        let wants = vault::key_id(wrapped).ok();
        if wants.is_none_or(|id| id == keys.current_id() || !keys.has(id)) {
            continue;
        }
        let Ok(data_key) = keys.unwrap(*project_id, wrapped) else {
            rotation.damaged.push(*project_id);
            continue;
        };
        let anew = keys.wrap(random, *project_id, &data_key);
        let replaced = projects::replace_data_key(&mut tx, *project_id, wrapped, &anew).await?;
        rotation.rewrapped += u64::from(replaced);
    }
    tx.commit().await
}

/// Takes a key that nothing uses any more out of the key file.
///
/// # Errors
/// `key_current`, `key_unknown`, `key_in_use`, or when the file cannot be changed.
pub async fn retire(store: &Store, keys: &MasterKeys, id: KeyId) -> Result<()> {
    let mut tx = store.begin().await?;
    changes::hold(&mut tx).await?;
    let keys = keys.reread()?;
    let found = uses(&mut tx, &keys).await?;
    match found.iter().find(|one| one.id == id && one.standing != Standing::Missing) {
        None => {
            let message = format!("There is no master key {id} here: see `gangway keys status`.");
            Err(Error::not_found("key_unknown", message))
        }
        Some(one) if one.standing == Standing::Current => {
            let message = format!(
                "{id} is the current master key. `gangway keys rotate` makes another one current; \
                 then this one can be retired."
            );
            Err(Error::new(ErrorKind::Conflict, "key_current", message))
        }
        Some(one) if one.projects > 0 => {
            let message = format!(
                "{id} still wraps the data keys of {} projects: run `gangway keys rotate` first.",
                one.projects
            );
            Err(Error::new(ErrorKind::Conflict, "key_in_use", message))
        }
        Some(_) => keys.remove(id).map(drop),
    }
}

async fn uses(conn: &mut Connection, keys: &MasterKeys) -> Result<Vec<KeyUse>> {
    let mut counts = count(conn).await?;
    let mut found = Vec::new();
    let mut standing = Standing::Current;
    for id in keys.ids() {
        // A key that stands in the file twice is told once.
        if found.iter().all(|one: &KeyUse| one.id != id) {
            let projects = counts.remove(&id).unwrap_or(0);
            found.push(KeyUse { id, standing, projects });
        }
        standing = Standing::Older;
    }
    let missing = |(id, projects)| KeyUse { id, standing: Standing::Missing, projects };
    found.extend(counts.into_iter().map(missing));
    Ok(found)
}

async fn count(conn: &mut Connection) -> Result<BTreeMap<KeyId, u64>> {
    let (mut counts, mut after) = (BTreeMap::new(), None::<ProjectId>);
    loop {
        let batch = projects::list_data_keys(conn, after, BATCH_PROJECTS).await?;
        let Some((last, _)) = batch.last() else { return Ok(counts) };
        after = Some(*last);
        for (_, wrapped) in &batch {
            if let Ok(id) = vault::key_id(wrapped) {
                *counts.entry(id).or_default() += 1;
            }
        }
    }
}
